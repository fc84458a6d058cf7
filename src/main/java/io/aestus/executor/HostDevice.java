package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.Isolators;
import io.aestus.appc.ResolvedMount;
import io.aestus.appc.Volume;
import io.aestus.linux.DeviceRule;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A device of the host that an app was given.
 *
 * @param path below the app's {@code /dev}
 * @param source the host's node
 * @param permissions of the app's node: those of the host's unless said
 * @param user whose it is, as the app counts
 * @param group likewise
 */
record HostDevice(
        String path,
        Path source,
        DeviceRule.Kind kind,
        int permissions,
        int user,
        int group,
        int major,
        int minor,
        DeviceRule.Access access) {
    private static final Path ROOT = Path.of("/");
    private static final Path DEVICES = Path.of("/dev");
    /** What an app has of its own in any case. */
    private static final Set<String> OWN =
            Set.of("null", "zero", "full", "random", "urandom", "tty", "ptmx", "console", "pts", "shm", "mqueue", "fd");

    /** All that an app is given: those it names, those of its pod, and every one of the host if it is privileged. */
    static List<HostDevice> of(AppOptions options, Isolators pod) throws IOException {
        var found = new ArrayList<HostDevice>();
        if (options.privilege() == AppOptions.Privilege.PRIVILEGED) {
            addAll(DEVICES, "", DeviceRule.Access.ALL, found);
        }
        var named = new ArrayList<>(OwnIsolators.in(pod).devices());
        named.addAll(options.devices());
        for (AppOptions.Device device : named) {
            if (!device.path().startsWith("/dev/")) {
                throw refused(device.path(), "it does not lie in /dev");
            }
            var these = new ArrayList<HostDevice>();
            add(device.hostPath().toRealPath(), device.path().substring("/dev/".length()), access(device), these);
            these.forEach(each -> found.add(each.as(device)));
        }
        return found;
    }

    /**
     * What a pod's volume gives that is a device and is mounted in {@code /dev}. One that an app brings along is seen, and
     * nobody may use it.
     */
    static Optional<HostDevice> of(ResolvedMount mount) throws IOException {
        String path = mount.path().value();
        if (mount.origin() != ResolvedMount.Origin.POD
                || !path.startsWith("/dev/")
                || !(mount.volume() instanceof Volume.Host host)) {
            return Optional.empty();
        }
        Path source = host.source().toPath();
        if (!Files.exists(source)) {
            return Optional.empty(); // what mounts it says so
        }
        try (Directory root = Directory.open(ROOT)) {
            Path real = source.toRealPath();
            FileStatus status = root.status(real.toString().substring(1));
            var access = new DeviceRule.Access(true, !mount.readOnly(), false);
            return isDevice(status)
                    ? Optional.of(of(path.substring("/dev/".length()), real, status, access))
                    : Optional.empty();
        }
    }

    private static DeviceRule.Access access(AppOptions.Device device) {
        String letters = device.access();
        if (letters.isEmpty()) {
            return DeviceRule.Access.ALL;
        }
        if (letters.chars().anyMatch(letter -> "rwm".indexOf(letter) < 0)) {
            throw refused(device.path(), "there is no access " + Quoted.of(letters));
        }
        return new DeviceRule.Access(letters.contains("r"), letters.contains("w"), letters.contains("m"));
    }

    private static void add(Path host, String path, DeviceRule.Access access, List<HostDevice> found)
            throws IOException {
        try (Directory root = Directory.open(ROOT)) {
            FileStatus status = root.status(host.toString().substring(1));
            if (status.isDirectory()) {
                addAll(host, path + "/", access, found);
            } else if (isDevice(status)) {
                found.add(of(path, host, status, access));
            } else {
                throw refused(host.toString(), "it is no device");
            }
        }
    }

    /**
     * Those in a directory and below; what is none is left out, and links lead nowhere. Devices and what holds them come and go
     * meanwhile. What every app has of its own is nobody else's to fill, {@code shm} least of all, where anybody keeps files.
     */
    private static void addAll(Path host, String path, DeviceRule.Access access, List<HostDevice> found)
            throws IOException {
        try (Directory all = Directory.open(host)) {
            for (String name : all.list()) {
                var status = all.find(name);
                if (status.isEmpty() || (host.equals(DEVICES) && OWN.contains(name))) {
                    continue;
                }
                if (status.get().isDirectory()) {
                    addAll(host.resolve(name), path + name + "/", access, found);
                } else if (isDevice(status.get())) {
                    found.add(of(path + name, host.resolve(name), status.get(), access));
                }
            }
        } catch (SyscallException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private static boolean isDevice(FileStatus status) {
        return status.isCharacterDevice() || status.isBlockDevice();
    }

    private static HostDevice of(String path, Path source, FileStatus status, DeviceRule.Access access) {
        var kind = status.isBlockDevice() ? DeviceRule.Kind.BLOCK : DeviceRule.Kind.CHARACTER;
        return new HostDevice(
                path, source, kind, status.permissions(), 0, 0, status.specialMajor(), status.specialMinor(), access);
    }

    /** With the owner and permissions that were said. */
    private HostDevice as(AppOptions.Device said) {
        AppOptions.DeviceOwner owner = said.owner().orElse(AppOptions.DeviceOwner.ROOT);
        return new HostDevice(
                path, source, kind, said.mode().orElse(permissions), owner.user(), owner.group(), major, minor, access);
    }

    /** What lets the app use it. */
    DeviceRule rule() {
        return new DeviceRule(kind, OptionalInt.of(major), OptionalInt.of(minor), access);
    }

    private static AestusException refused(String path, String reason) {
        return new AestusException(Problem.INVALID, "cannot add device " + Quoted.of(path) + ": " + reason);
    }
}
