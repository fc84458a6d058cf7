package io.aestus.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

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
    private final Map<String, Long> leaders = ProcessesByRoot.leaders();

    Cgroups(CgroupLayout layout, CgroupFiles files, DeviceFilters deviceFilters, String own) {
        this.layout = layout;
        this.files = files;
        this.deviceFilters = deviceFilters;
        this.own = own;
    }

    /**
     * The cgroups of the host as they are mounted now; in a user namespace those that were delegated, and where none were, what
     * stands in for them.
     *
     * @param own the cgroup below the roots that is ours alone, and in which nothing is ever limited
     */
    public static Cgroups ofHost(String own) throws IOException {
        CgroupLayout layout = CgroupLayout.of(MountInfo.all());
        return new Cgroups(
                OwnUsers.areHosts() ? layout : CgroupDelegation.within(layout),
                new KernelCgroupFiles(),
                new DeviceFilters(),
                own);
    }

    /**
     * What the mount at the root of a process must say as its source for it to be found among those of the cgroup at
     * {@code path}; where there are cgroups it matters not.
     */
    public String rootSource(String path) {
        return layout.mode() == CgroupLayout.Mode.NONE ? path : own;
    }

    public CgroupLayout layout() {
        return layout;
    }

    /**
     * Makes the cgroup at {@code path}, with what lies above it; one that exists is taken as it is.
     *
     * @throws IOException also where no cgroup file system is mounted on a host whose root we are
     */
    public Cgroup create(String path) throws IOException {
        return switch (layout.mode()) {
            case UNIFIED -> CgroupV2.create(unifiedRoot(), checked(path), files, deviceFilters);
            case HYBRID, LEGACY -> CgroupV1.create(layout, checked(path), files, own);
            case NONE -> withoutCgroups(path);
        };
    }

    /** What keeps a cgroup that goes when it is empty. */
    public interface Kept extends AutoCloseable {
        /** Lets go of it: a process is in it by now, or will not be. */
        @Override
        void close() throws IOException;
    }

    /**
     * Has the host's service manager make the cgroup at {@code path}, if it is to: one that ends in {@code .scope}, below a
     * {@code .slice}.
     *
     * @param leaf the name of a cgroup below for what keeps it
     * @throws IOException where there is no such manager, or it refuses
     */
    public Kept keep(String path, String leaf) throws IOException {
        Optional<Path> scope = SystemdScope.of(checked(path));
        return scope.isPresent() ? SystemdScope.start(unifiedRoot(), scope.get(), leaf, files)::close : () -> {};
    }

    /** The cgroup at {@code path}, which somebody made before. */
    public Cgroup open(String path) throws IOException {
        return switch (layout.mode()) {
            case UNIFIED -> new CgroupV2(unifiedRoot(), checked(path), files, deviceFilters);
            case HYBRID, LEGACY -> new CgroupV1(layout, checked(path), files);
            case NONE -> withoutCgroups(path);
        };
    }

    /**
     * Removes cgroups directly below {@code parent} in which no process is, with what lies below them. A cgroup is left alone
     * for a while after it was made, or first looked at: it may be about to get its first process.
     *
     * @param isAbandoned whether nobody will want the cgroup of that name any more
     * @param age since when it must have been there
     * @return the names of what was removed
     */
    public List<String> sweep(String parent, Predicate<String> isAbandoned, Duration age, Duration limit)
            throws IOException {
        var names = new TreeSet<String>();
        for (Path root : roots()) {
            for (Path child : files.children(root.resolve(checked(parent)))) {
                names.add(child.getFileName().toString());
            }
        }
        var removed = new ArrayList<String>();
        for (String name : names) {
            String path = parent + "/" + name;
            if (isAbandoned.test(name) && isOld(path, age)) {
                Cgroup cgroup = open(path);
                if (cgroup.processes().isEmpty()) {
                    cgroup.remove(limit);
                    removed.add(name);
                }
            }
        }
        return List.copyOf(removed);
    }

    private boolean isOld(String path, Duration age) throws IOException {
        Instant latest = Instant.now().minus(age);
        for (Path root : roots()) {
            if (files.madeAt(root.resolve(path)).filter(latest::isBefore).isPresent()) {
                return false;
            }
        }
        return true;
    }

    private Set<Path> roots() {
        var roots = new LinkedHashSet<Path>(layout.hierarchies());
        layout.unified().ifPresent(roots::add);
        return roots;
    }

    private Cgroup withoutCgroups(String path) throws IOException {
        if (OwnUsers.areHosts()) {
            throw new IOException("no cgroup file system is mounted");
        }
        return new ProcessesByRoot(checked(path), leaders);
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
