package io.aestus.executor;

import io.aestus.linux.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of an app CRIU need not write down, in its words: the network, which is the pod's; what is mounted from elsewhere, which whoever
 * restores the app mounts again; and files that were opened elsewhere, as the {@code /dev/null} that it was started with.
 *
 * @see <a href="https://criu.org/External_bind_mounts">CRIU: external resources</a>
 */
final class CheckpointExternals {
    /** Mounts that are the app's alone: what is in them is written down. */
    private static final Set<String> OWN = Set.of("/dev", "/dev/pts", "/dev/shm", "/dev/mqueue");

    private static final Pattern NAMESPACE = Pattern.compile("net:\\[([0-9]+)]");
    private static final String MOUNT_ID = "mnt_id:";

    private CheckpointExternals() {}

    /**
     * Looks at an app.
     *
     * @param root its first process
     * @param processes all of them; some may have ended
     */
    static List<String> of(long root, List<Long> processes) throws IOException {
        var externals = new LinkedHashSet<String>();
        Matcher network = NAMESPACE.matcher(
                Files.readSymbolicLink(Path.of("/proc/" + root + "/ns/net")).toString());
        if (network.matches()) {
            externals.add("net[" + network.group(1) + "]:net");
        }
        List<MountInfo> mounts = MountInfo.of(root);
        mounts.stream()
                .filter(CheckpointExternals::isExternal)
                .map(mount -> "mnt[" + mount.mountPoint() + "]:" + mount.mountPoint())
                .forEach(externals::add);
        Set<Integer> known = mounts.stream().map(MountInfo::id).collect(Collectors.toSet());
        for (long process : processes) {
            addFiles(Path.of("/proc/" + process), known, externals);
        }
        return new ArrayList<>(externals);
    }

    private static boolean isExternal(MountInfo mount) {
        String place = mount.mountPoint().toString();
        boolean isOwn = OWN.contains(place) && mount.root().equals("/");
        return !place.equals("/") && !mount.type().equals("proc") && !isOwn;
    }

    /** Of a process that may end meanwhile, and close files. */
    private static void addFiles(Path process, Set<Integer> known, Set<String> externals) throws IOException {
        try (Stream<Path> all = Files.list(process.resolve("fd"))) {
            for (Path descriptor : all.toList()) {
                addFile(process, descriptor, known, externals);
            }
        } catch (NoSuchFileException _) {
            return; // it has ended
        }
    }

    private static void addFile(Path process, Path descriptor, Set<Integer> known, Set<String> externals)
            throws IOException {
        try {
            String name = descriptor.getFileName().toString();
            int mount = mount(process.resolve("fdinfo").resolve(name));
            // Pipes and sockets are on mounts of the kernel's own, and have no path.
            if (!known.contains(mount) && Files.readSymbolicLink(descriptor).isAbsolute()) {
                Object inode = Files.getAttribute(descriptor, "unix:ino");
                externals.add("file[" + Integer.toHexString(mount) + ":" + Long.toHexString((Long) inode) + "]");
            }
        } catch (NoSuchFileException _) {
            return; // it was closed
        }
    }

    private static int mount(Path info) throws IOException {
        try (Stream<String> lines = Files.lines(info)) {
            return lines.filter(line -> line.startsWith(MOUNT_ID))
                    .map(line ->
                            Integer.parseInt(line.substring(MOUNT_ID.length()).strip()))
                    .findFirst()
                    .orElse(-1);
        }
    }
}
