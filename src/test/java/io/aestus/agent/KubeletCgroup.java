package io.aestus.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A cgroup for all that a kubelet starts, in every hierarchy that this host has.
 *
 * @param name right below the root
 */
record KubeletCgroup(String name) {
    private static final Path HIERARCHIES = Path.of("/sys/fs/cgroup");

    private List<Path> cgroups() throws IOException {
        if (Files.exists(HIERARCHIES.resolve("cgroup.controllers"))) {
            return List.of(HIERARCHIES.resolve(name));
        }
        try (Stream<Path> hierarchies = Files.list(HIERARCHIES)) {
            return hierarchies
                    .filter(hierarchy -> Files.exists(hierarchy.resolve("cgroup.procs")))
                    .map(hierarchy -> hierarchy.resolve(name))
                    .toList();
        }
    }

    void make() throws IOException {
        for (Path group : cgroups()) {
            Files.createDirectories(group);
            for (String inherited : List.of("cpuset.cpus", "cpuset.mems")) {
                Path file = group.resolve(inherited);
                if (Files.exists(file) && Files.readString(file).isBlank()) {
                    Files.writeString(file, Files.readString(group.resolveSibling(inherited)));
                }
            }
        }
    }

    void remove() throws IOException {
        for (Path group : cgroups()) {
            if (Files.exists(group)) {
                try (Stream<Path> tree = Files.walk(group)) {
                    for (Path each : tree.filter(Files::isDirectory)
                            .sorted(Comparator.reverseOrder())
                            .toList()) {
                        Files.delete(each);
                    }
                }
            }
        }
    }
}
