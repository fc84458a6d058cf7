package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.ResolvedMount;
import io.aestus.appc.Volume;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.MountChange;
import io.aestus.linux.MountInfo;
import io.aestus.linux.Mounts;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Mounts an app's volumes into its root. */
final class AppVolumes {
    private static final Path ROOT = Path.of("/");
    private static final Path PROC = Path.of("/proc");
    private static final Path SYS = Path.of("/sys");
    private static final List<Path> KERNELS = List.of(PROC, SYS);
    private static final Path DEVICES = Path.of("/dev");
    private static final Path TERMINALS = Path.of("/dev/pts");

    /** What in {@code /proc} says nothing but numbers, for which some file systems have better ones. */
    private static final List<Path> FIGURES = Stream.of(
                    "cpuinfo", "diskstats", "loadavg", "meminfo", "slabinfo", "stat", "swaps", "uptime")
            .map(PROC::resolve)
            .toList();

    private final Path podVolumes;
    private final Path appVolumes;
    private final UserRange range;
    private final Optional<Fd> users;
    private final AppOptions options;
    private final Sharing sharing;
    private final Optional<VolumeContent> content;
    private final ImageTrees images;

    /** What becomes of the mounts in a volume of the host. */
    enum Sharing {
        /** The app has copies, without the host's devices and setuid programs. */
        NOTHING,
        /** They are the host's: what either mounts there the other sees. */
        MOUNTS
    }

    /** A volume that is planned already, in which another one may lie. */
    private record Planned(String path, Optional<Fd> mount) {}

    private final List<Planned> planned = new ArrayList<>();
    private boolean hasDevices;

    /**
     * For one app.
     *
     * @param content what those begin with that nobody gave the app
     */
    AppVolumes(AppSetting setting, Optional<VolumeContent> content) {
        this(setting, setting.range(), setting.users(), content, Sharing.NOTHING);
    }

    /** The same with volumes of the host shared, for one that has the host's users. */
    static AppVolumes shared(AppSetting setting, Optional<VolumeContent> content) {
        return new AppVolumes(setting, UserRange.HOST, Optional.empty(), content, Sharing.MOUNTS);
    }

    private AppVolumes(
            AppSetting setting, UserRange range, Optional<Fd> users, Optional<VolumeContent> content, Sharing sharing) {
        AppPlace place = setting.place();
        this.images = setting.images();
        this.podVolumes = PodConfiguration.emptyVolumes(
                PodConfiguration.directory(place.pod().directory()));
        this.appVolumes = PodConfiguration.emptyVolumes(place.directory());
        this.options = place.options();
        this.range = range;
        this.users = users;
        this.content = content;
        this.sharing = sharing;
    }

    /**
     * Plans all mounts, outer ones first as they come.
     *
     * @param devices the app's own {@code /dev}, if it has one, in which volumes may lie
     */
    void addTo(AppRoot root, Optional<Directory> devices, List<ResolvedMount> mounts) throws IOException {
        for (ResolvedMount mount : mounts) {
            add(root, devices, mount);
        }
    }

    /**
     * What is mounted in place of the app's own {@code /dev}, if anything. To be attached before all others, and not planned
     * again.
     */
    Optional<Fd> devices(List<ResolvedMount> mounts) throws IOException {
        for (ResolvedMount mount : mounts) {
            if (mount.path().toPath().equals(DEVICES)) {
                requireFree(mount, DEVICES);
                hasDevices = true;
                return Optional.of(source(mount));
            }
        }
        return Optional.empty();
    }

    private void add(AppRoot root, Optional<Directory> devices, ResolvedMount mount) throws IOException {
        String path = mount.path().value();
        if (hasDevices && Path.of(path).equals(DEVICES)) {
            return;
        }
        requireFree(mount, Path.of(path));
        if (Path.of(path).startsWith(SYS) || Path.of(path).startsWith(PROC)) {
            Fd tree = root.owns(source(mount));
            root.attachAt(tree, path, "mount volume " + mount.volume().name() + " on " + path);
            planned.add(new Planned(path, Optional.of(tree)));
            return;
        }
        Place place = place(root, devices, mount);
        String label = "mount volume " + mount.volume().name() + " on " + path;
        if (isShared(mount) && devices.isPresent()) {
            String from = PodTemplate.VOLUMES + "/" + mount.volume().name();
            Fd target = new Targets(place.within, range).directory(place.path);
            if (mount.readOnly()) {
                root.copyReadOnly(from, target, label);
            } else {
                root.copy(from, target, label);
            }
            planned.add(new Planned(path, Optional.empty()));
            return;
        }
        Fd tree = root.owns(detached(mount));
        var targets = new Targets(place.within, range);
        root.attach(
                tree, tree.status().isDirectory() ? targets.directory(place.path) : targets.file(place.path), label);
        planned.add(new Planned(path, Optional.of(tree)));
    }

    /** Whether it is in the memory of the pod, where only a child can get at it. */
    private static boolean isShared(ResolvedMount mount) {
        return mount.origin() == ResolvedMount.Origin.POD
                && mount.volume() instanceof Volume.Empty empty
                && empty.isInMemory();
    }

    /** Where a mount's target is: in the root, the devices, or a volume that covers it. */
    private record Place(Directory within, String path) {}

    private Place place(AppRoot root, Optional<Directory> devices, ResolvedMount mount) {
        String path = mount.path().value();
        var place = path.startsWith("/dev/")
                ? new Place(
                        devices.orElseThrow(() -> refused(mount, "the devices are the host's")),
                        path.substring("/dev".length()))
                : new Place(root.directory(), path);
        for (Planned outer : planned) {
            if (path.startsWith(outer.path + "/")) {
                Fd around = outer.mount.orElseThrow(() -> refused(
                        mount, "it lies in " + outer.path + ", a volume in memory, which has no places for others"));
                place = new Place(Directory.of(around), path.substring(outer.path.length()));
            }
        }
        return place;
    }

    /**
     * Nothing may stand in for what the kernel tells an app of itself, for its devices as a whole, or for its root; and what an
     * image asks for not for anything of the kernel's. Whoever gives an app a volume of the host may have it see more of {@code
     * /sys}, and a privileged one all devices.
     */
    private void requireFree(ResolvedMount mount, Path path) {
        boolean isGiven = mount.origin() == ResolvedMount.Origin.APP && mount.volume() instanceof Volume.Host;
        if (path.equals(ROOT)) {
            throw refused(mount, "that is every app's own");
        }
        if (path.startsWith(PROC) && !(isGiven && FIGURES.contains(path))) {
            throw refused(mount, "nothing can be mounted in " + PROC);
        }
        if (path.startsWith(SYS) && !isGiven) {
            throw refused(mount, "nothing can be mounted in " + SYS);
        }
        if (path.startsWith(TERMINALS)) {
            throw refused(mount, "nothing can be mounted in " + TERMINALS);
        }
        if (path.equals(DEVICES) && !(isGiven && isPrivileged())) {
            throw refused(mount, "that is every app's own, unless it is privileged");
        }
    }

    private boolean isPrivileged() {
        return options.privilege() == AppOptions.Privilege.PRIVILEGED;
    }

    /** What an OCI runtime is to mount, detached; the caller closes it. */
    Fd open(ResolvedMount mount) throws IOException {
        if (mounting(mount).propagation() != Mounting.Propagation.NONE) {
            throw refused(mount, "this isolation passes no mounts on");
        }
        if (KERNELS.stream().anyMatch(mount.path().toPath()::startsWith)
                || mount.path().toPath().equals(DEVICES)) {
            throw refused(mount, "this isolation has nothing of the host there");
        }
        return detached(mount);
    }

    private Fd detached(ResolvedMount mount) throws IOException {
        requireFree(mount, Path.of(mount.path().value()));
        if (isShared(mount)) {
            throw refused(mount, "this isolation keeps no memory for a pod");
        }
        return source(mount);
    }

    private Mounting mounting(ResolvedMount mount) {
        return options.mounting(mount.path().value());
    }

    private void change(Fd tree, ResolvedMount mount) throws SyscallException {
        Mounting how = mounting(mount);
        boolean isOfHost = mount.volume() instanceof Volume.Host;
        boolean isShared = sharing == Sharing.MOUNTS && isOfHost;
        var attributes = EnumSet.noneOf(MountAttribute.class);
        if (!isShared && !(isOfHost && isPrivileged())) {
            attributes.addAll(List.of(MountAttribute.NOSUID, MountAttribute.NODEV));
        }
        if (mount.volume() instanceof Volume.Image) {
            attributes.add(MountAttribute.NOEXEC); // as Kubernetes promises
        }
        boolean isOpenBelow = how.below() == Mounting.Below.AS_IT_IS;
        if (mount.readOnly() && !isOpenBelow) {
            attributes.add(MountAttribute.RDONLY);
        }
        MountChange change =
                MountChange.setting(attributes.toArray(MountAttribute[]::new)).throughout();
        Mounts.change(tree, isShared ? change : change.with(propagation(how)));
        if (mount.readOnly() && isOpenBelow) {
            Mounts.change(tree, MountChange.setting(MountAttribute.RDONLY));
        }
    }

    private static MountChange.Propagation propagation(Mounting how) {
        return switch (how.propagation()) {
            case NONE -> MountChange.Propagation.PRIVATE;
            case FROM_HOST -> MountChange.Propagation.SLAVE;
            case BOTH_WAYS -> MountChange.Propagation.SHARED;
        };
    }

    private Fd source(ResolvedMount mount) throws IOException {
        Fd tree =
                switch (mount.volume()) {
                    case Volume.Host host -> host(mount, host);
                    case Volume.Empty empty -> empty(mount, empty);
                    case Volume.Image image -> ImageVolume.open(images, image, users);
                };
        try {
            change(tree, mount);
            if (users.isPresent() && mount.volume() instanceof Volume.Host) {
                map(tree, users.get());
            }
            return tree;
        } catch (SyscallException e) {
            tree.close();
            throw e;
        }
    }

    /** Lets the pod's users be those of the same number in the volume; not every file system can. */
    private static void map(Fd tree, Fd users) throws SyscallException {
        try {
            Mounts.change(tree, MountChange.setting().mappedInto(users).throughout());
        } catch (SyscallException e) {
            if (e.errno() != Errno.EINVAL && e.errno() != Errno.EPERM) {
                throw e;
            }
        }
    }

    private Fd host(ResolvedMount mount, Volume.Host host) throws IOException {
        Path source = host.source().toPath();
        if (!Files.exists(source)) {
            throw refused(mount, Quoted.of(source.toString()) + " is not there");
        }
        requireShared(mount, source.toRealPath());
        var depth = host.recursive() ? MountChange.Depth.WHOLE_TREE : MountChange.Depth.THIS_MOUNT;
        try {
            return Mounts.clone(source.toRealPath(), depth);
        } catch (SyscallException e) {
            if (e.errno() == Errno.EINVAL && !host.recursive() && !OwnUsers.areHosts()) {
                throw refused(mount, "without root it comes with what is mounted below it, recursive=true");
            }
            throw e;
        }
    }

    /** A mount that the host does not share would pass nothing on, and nobody would know why. */
    private void requireShared(ResolvedMount mount, Path source) throws IOException {
        Mounting.Propagation wanted = mounting(mount).propagation();
        if (wanted == Mounting.Propagation.NONE) {
            return;
        }
        MountInfo below = MountInfo.containing(source);
        boolean isShared = below.propagation().stream()
                .anyMatch(tag -> tag.startsWith("shared:")
                        || (tag.startsWith("master:") && wanted == Mounting.Propagation.FROM_HOST));
        if (!isShared) {
            throw refused(mount, below.mountPoint() + ", where it lies, is no shared mount of the host");
        }
    }

    private Fd empty(ResolvedMount mount, Volume.Empty empty) throws IOException {
        if (empty.isInMemory()) {
            return PodTemplate.memory(empty, range);
        }
        Path all = mount.origin() == ResolvedMount.Origin.POD ? podVolumes : appVolumes;
        Files.createDirectories(all);
        String name = empty.name().value();
        try (Directory parent = Directory.open(all)) {
            if (!range.contains(empty.uid()) || !range.contains(empty.gid())) {
                throw refused(mount, "the pod has no user " + empty.uid() + ":" + empty.gid());
            }
            boolean isFilled = parent.find(name).isEmpty() && fill(mount, parent, name);
            if (!isFilled && parent.makeDirectory(name, 0700)) {
                parent.chown(name, range.onHost((int) empty.uid()), range.onHost((int) empty.gid()));
                parent.chmod(name, empty.mode());
            }
        }
        return Mounts.clone(all.resolve(name), MountChange.Depth.THIS_MOUNT);
    }

    private boolean fill(ResolvedMount mount, Directory parent, String name) throws IOException {
        return mount.origin() == ResolvedMount.Origin.IMPLICIT
                && content.isPresent()
                && content.get().copy(mount.path().value(), parent, name);
    }

    private static AestusException refused(ResolvedMount mount, String reason) {
        return new AestusException(
                Problem.INVALID,
                "cannot mount volume " + mount.volume().name() + " on " + mount.path() + ": " + reason);
    }
}
