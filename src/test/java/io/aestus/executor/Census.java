package io.aestus.executor;

import io.aestus.linux.Directory;
import io.aestus.testing.CgroupTrees;
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
        int cgroups = 0;
        for (Path root : CgroupTrees.roots()) {
            if (Files.isDirectory(root.resolve(cgroup))) {
                try (var below = Files.walk(root.resolve(cgroup))) {
                    cgroups += (int) below.filter(Files::isDirectory).count();
                }
            }
        }
        counts.put("cgroups", cgroups);
        return counts;
    }
}
