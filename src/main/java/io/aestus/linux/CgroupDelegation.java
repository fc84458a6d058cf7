package io.aestus.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of the tree of cgroup v2 that was given to whoever is not the host's root: the highest cgroup above our own in
 * which we may make others and move processes. It must be above: one that has processes hands no controller on.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#delegation">cgroup v2: Delegation</a>
 */
final class CgroupDelegation {
    private static final Path OWN = Path.of("/proc/self/cgroup");
    private static final String UNIFIED = "0::/";

    private CgroupDelegation() {}

    /** What is left of a layout: the delegated part of version 2 as its root, or nothing. */
    static CgroupLayout within(CgroupLayout host) throws IOException {
        Optional<Path> root = Optional.empty();
        if (host.unified().isPresent()) {
            root = root(host.unified().get(), Files.readString(OWN, StandardCharsets.ISO_8859_1));
        }
        return new CgroupLayout(Map.of(), List.of(), root);
    }

    /** @param own what {@code /proc/PID/cgroup} says */
    static Optional<Path> root(Path unified, String own) {
        Optional<String> path = own.lines()
                .filter(line -> line.startsWith(UNIFIED))
                .map(line -> line.substring(UNIFIED.length()))
                .findFirst();
        if (path.isEmpty()) {
            return Optional.empty();
        }
        Path at = unified.resolve(path.get());
        Path highest = null;
        for (Path above = at.getParent(); above != null && above.startsWith(unified); above = above.getParent()) {
            if (!isOurs(above)) {
                break;
            }
            highest = above;
        }
        return isOurs(at) ? Optional.ofNullable(highest) : Optional.empty();
    }

    private static boolean isOurs(Path cgroup) {
        return Files.isWritable(cgroup)
                && Files.isWritable(cgroup.resolve("cgroup.procs"))
                && Files.isWritable(cgroup.resolve("cgroup.subtree_control"));
    }
}
