package io.aestus.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The cgroups of this host: start here. A path such as {@code aestus/POD/APP} is relative to the root of each tree. With
 * version 2 only leaves may have processes once a cgroup limits its children: give a pod a cgroup for its apps' cgroups,
 * and its first process one of its own.
 */
public final class Cgroups {
    private final CgroupLayout layout;
    private final CgroupFiles files;
    private final DeviceFilters deviceFilters;
    private final String own;

    Cgroups(CgroupLayout layout, CgroupFiles files, DeviceFilters deviceFilters, String own) {
        this.layout = layout;
        this.files = files;
        this.deviceFilters = deviceFilters;
        this.own = own;
    }

    /**
     * The cgroups of the host as they are mounted now.
     *
     * @param own the cgroup below the roots that is ours alone, and in which nothing is ever limited
     */
    public static Cgroups ofHost(String own) throws IOException {
        return new Cgroups(CgroupLayout.of(MountInfo.all()), new KernelCgroupFiles(), new DeviceFilters(), own);
    }

    public CgroupLayout layout() {
        return layout;
    }

    /**
     * Makes the cgroup at {@code path}, with what lies above it; one that exists is taken as it is.
     *
     * @throws IOException also where no cgroup file system is mounted
     */
    public Cgroup create(String path) throws IOException {
        return switch (layout.mode()) {
            case UNIFIED -> CgroupV2.create(unifiedRoot(), checked(path), files, deviceFilters);
            case HYBRID, LEGACY -> CgroupV1.create(layout, checked(path), files, own);
            case NONE -> throw new IOException("no cgroup file system is mounted");
        };
    }

    /** The cgroup at {@code path}, which somebody made before. */
    public Cgroup open(String path) throws IOException {
        return switch (layout.mode()) {
            case UNIFIED -> new CgroupV2(unifiedRoot(), checked(path), files, deviceFilters);
            case HYBRID, LEGACY -> new CgroupV1(layout, checked(path), files);
            case NONE -> throw new IOException("no cgroup file system is mounted");
        };
    }

    private Path unifiedRoot() throws IOException {
        Optional<Path> root = layout.unified();
        return root.orElseThrow(() -> new IOException("no cgroup v2 file system is mounted"));
    }

    /** Paths are ours, yet some come with a request (a parent given through the CRI): none may leave the tree. */
    private static String checked(String path) {
        Path relative = Path.of(path);
        if (path.isEmpty() || relative.isAbsolute() || !relative.normalize().equals(relative) || path.contains("..")) {
            throw new IllegalArgumentException("not a path below the root of the cgroups: " + path);
        }
        return path;
    }
}
