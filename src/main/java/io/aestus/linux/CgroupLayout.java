package io.aestus.linux;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where this host has its cgroup file systems. Immutable.
 *
 * @param v1 the mount point of each version 1 controller; several may share one
 * @param v1Named hierarchies without a controller, such as systemd's
 * @param unified the mount point of version 2
 */
public record CgroupLayout(Map<String, Path> v1, List<Path> v1Named, Optional<Path> unified) {

    /** How the two versions are combined. */
    public enum Mode {
        /** All controllers in the single tree of version 2. */
        UNIFIED,
        /** Controllers in version 1, and a tree of version 2 without any, good for tracking and killing. */
        HYBRID,
        /** Version 1 alone. */
        LEGACY,
        /** No cgroup file system is mounted. */
        NONE
    }

    private static final List<String> CONTROLLERS = List.of(
            "cpu",
            "cpuacct",
            "cpuset",
            "memory",
            "devices",
            "freezer",
            "blkio",
            "pids",
            "hugetlb",
            "net_cls",
            "net_prio",
            "perf_event",
            "rdma",
            "misc");

    public CgroupLayout {
        v1 = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(v1));
        v1Named = List.copyOf(v1Named);
    }

    /** Reads the layout from the list of mounts; of several mounts of one hierarchy the first counts. */
    static CgroupLayout of(Collection<MountInfo> mounts) {
        var v1 = new LinkedHashMap<String, Path>();
        var named = new java.util.ArrayList<Path>();
        Optional<Path> unified = Optional.empty();
        for (MountInfo mount : mounts) {
            if (mount.type().equals("cgroup2")) {
                unified = unified.or(() -> Optional.of(mount.mountPoint()));
            } else if (mount.type().equals("cgroup")) {
                var controllers = mount.superOptions().stream()
                        .filter(CONTROLLERS::contains)
                        .toList();
                controllers.forEach(controller -> v1.putIfAbsent(controller, mount.mountPoint()));
                if (controllers.isEmpty()) {
                    named.add(mount.mountPoint());
                }
            }
        }
        return new CgroupLayout(v1, named, unified);
    }

    public Mode mode() {
        if (v1.isEmpty()) {
            return unified.isPresent() ? Mode.UNIFIED : Mode.NONE;
        }
        return unified.isPresent() ? Mode.HYBRID : Mode.LEGACY;
    }

    /** Each v1 hierarchy that limits or counts, once. */
    public List<Path> hierarchies() {
        return v1.values().stream().distinct().toList();
    }

    /** The words of a controllers file. */
    static List<String> words(String text) {
        return text.isBlank() ? List.of() : Arrays.asList(text.strip().split("\\s+"));
    }
}
