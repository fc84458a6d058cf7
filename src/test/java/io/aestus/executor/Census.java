package io.aestus.executor;

import io.aestus.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What there is of what a failed launch could leave. */
final class Census {
    private Census() {}

    /** Descriptors, children, mounts, files in our directory, cgroups below ours. */
    static Map<String, Integer> of(Path files, String cgroup) throws IOException {
        var counts = new TreeMap<String, Integer>();
        try (var descriptors = Directory.open(Path.of("/proc/self/fd"))) {
            counts.put("descriptors", descriptors.list().size());
        }
        counts.put("children", (int) ProcessHandle.current().children().count());
        counts.put("mounts", Files.readAllLines(Path.of("/proc/self/mountinfo")).size());
        try (var tree = Files.walk(files)) {
            counts.put("files", (int) tree.count());
        }
        try (var hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            int cgroups = 0;
            for (Path hierarchy : hierarchies.map(each -> each.resolve(cgroup)).toList()) {
                if (Files.isDirectory(hierarchy)) {
                    try (var below = Files.walk(hierarchy)) {
                        cgroups += (int) below.filter(Files::isDirectory).count();
                    }
                }
            }
            counts.put("cgroups", cgroups);
        }
        return counts;
    }
}
