package io.aestus.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A cgroup in the single tree of version 2. */
final class CgroupV2 implements Cgroup {
    private static final String SUBTREE = "cgroup.subtree_control";
    private static final String AVAILABLE = "cgroup.controllers";
    private static final String KILL = "cgroup.kill"; // Linux 5.14

    /** What we limit or count. */
    private static final List<String> WANTED = List.of("cpu", "memory", "io", "pids", "cpuset", "hugetlb");

    private final String path;
    private final CgroupDirectory directory;
    private final CgroupFiles files;
    private final DeviceFilters deviceFilters;

    CgroupV2(Path root, String path, CgroupFiles files, DeviceFilters deviceFilters) {
        this.path = path;
        this.directory = new CgroupDirectory(root.resolve(path), files);
        this.files = files;
        this.deviceFilters = deviceFilters;
    }

    /** What is above a scope of systemd, and that itself, is not ours to change. */
    static CgroupV2 create(Path root, String path, CgroupFiles files, DeviceFilters deviceFilters) throws IOException {
        Optional<Path> scope = SystemdScope.of(path);
        Path made = scope.map(root::resolve).orElse(root);
        Path below = scope.map(top -> top.relativize(Path.of(path))).orElse(Path.of(path));
        for (Path name : below) {
            if (name.toString().isEmpty()) {
                break; // it is the scope
            }
            enableControllers(new CgroupDirectory(made, files));
            made = made.resolve(name);
            files.create(made);
        }
        return new CgroupV2(root, path, files, deviceFilters);
    }

    /**
     * Hands the parent's controllers on to its children, each by itself: one that another part of the system holds (a
     * real-time group holds {@code cpu}, for instance) must not cost us the others. What is missing shows when a limit is set.
     */
    private static void enableControllers(CgroupDirectory parent) throws IOException {
        var available = CgroupLayout.words(parent.read(AVAILABLE));
        var enabled = CgroupLayout.words(parent.read(SUBTREE));
        IOException refusal = null;
        for (String controller : WANTED) {
            if (available.contains(controller) && !enabled.contains(controller)) {
                try {
                    parent.write(SUBTREE, "+" + controller);
                } catch (IOException e) {
                    refusal = e;
                }
            }
        }
        if (refusal != null && CgroupLayout.words(parent.read(SUBTREE)).isEmpty()) {
            throw new IOException("no cgroup controller can be handed on below " + parent.path(), refusal);
        }
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public List<Unenforced> limit(CgroupLimits limits) throws IOException {
        return new CgroupV2Limits(directory, files, deviceFilters).set(limits);
    }

    @Override
    public void join(long pid) throws IOException {
        directory.write("cgroup.procs", Long.toString(pid));
    }

    @Override
    public Optional<Path> unifiedDirectory() {
        return Optional.of(directory.path());
    }

    @Override
    public boolean exists() {
        return Files.isDirectory(directory.path());
    }

    @Override
    public List<Path> memberFiles() {
        return List.of();
    }

    @Override
    public boolean startsInside() {
        return true;
    }

    @Override
    public List<Long> processes() throws IOException {
        return directory.processes();
    }

    @Override
    public void freeze(Duration limit) throws IOException {
        directory.freeze(limit);
    }

    @Override
    public void thaw() throws IOException {
        directory.thaw();
    }

    @Override
    public void kill(Duration limit) throws IOException {
        boolean empty = CgroupDirectory.await(limit, () -> {
            if (!directory.isPopulated()) {
                return true;
            }
            if (directory.has(KILL)) {
                directory.writeIfThere(KILL, "1");
            } else {
                processes().forEach(files::end); // again, until those that they forked meanwhile are gone too
            }
            return false;
        });
        if (!empty) {
            throw new IOException("cgroup %s still has processes %s after %s".formatted(path, processes(), limit));
        }
    }

    @Override
    public CgroupPart part(String name) {
        return CgroupPart.unified(directory, name, files);
    }

    @Override
    public CgroupStatistics statistics() throws IOException {
        return new CgroupV2Statistics(directory).read();
    }

    @Override
    public long outOfMemoryKills() throws IOException {
        return directory.value("memory.events", "oom_kill");
    }

    /** A scope itself is systemd's to remove once it is empty: one that is gone before it looks goes on as a unit. */
    @Override
    public void remove(Duration limit) throws IOException {
        if (SystemdScope.of(path).filter(Path.of(path)::equals).isPresent()) {
            for (Path below : files.children(directory.path())) {
                new CgroupDirectory(below, files).removeTree(limit);
            }
            if (CgroupDirectory.await(limit, () -> !files.exists(directory.path()))) {
                return;
            }
        }
        directory.removeTree(limit);
    }
}
