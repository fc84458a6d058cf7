package io.aestus.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A cgroup of version 1: the same path in each of the hierarchies, and in that of version 2 where the host has one beside
 * them (hybrid). There it only serves to start processes inside and to kill them all by one write.
 */
final class CgroupV1 implements Cgroup {
    private static final String KILL = "cgroup.kill";
    private static final String PROCESSES = "cgroup.procs";
    private static final String THREADS = "tasks";

    private final CgroupLayout layout;
    private final String path;
    private final CgroupFiles files;

    CgroupV1(CgroupLayout layout, String path, CgroupFiles files) {
        this.layout = layout;
        this.path = path;
        this.files = files;
    }

    static CgroupV1 create(CgroupLayout layout, String path, CgroupFiles files) throws IOException {
        var cgroup = new CgroupV1(layout, path, files);
        Path cpuset = layout.v1().get("cpuset");
        for (Path root : cgroup.roots()) {
            make(root.resolve(path), root.equals(cpuset), files);
        }
        return cgroup;
    }

    /** Tries the cgroup itself first: those above it are nearly always there. */
    private static void make(Path directory, boolean isCpuset, CgroupFiles files) throws IOException {
        boolean isNew;
        try {
            isNew = files.create(directory);
        } catch (NoSuchFileException e) {
            make(Objects.requireNonNull(directory.getParent()), isCpuset, files);
            isNew = files.create(directory);
        }
        if (isNew && isCpuset) {
            Path parent = Objects.requireNonNull(directory.getParent());
            inherit(new CgroupDirectory(parent, files), new CgroupDirectory(directory, files));
        }
    }

    /** An empty cpuset takes no process (ENOSPC): a new one gets its parent's processors and memory nodes. */
    private static void inherit(CgroupDirectory parent, CgroupDirectory child) throws IOException {
        for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
            if (child.read(file).isEmpty()) {
                child.write(file, parent.read(file));
            }
        }
    }

    /** The roots of all hierarchies that a process joins. */
    private List<Path> roots() {
        var roots = new LinkedHashSet<Path>(layout.hierarchies());
        layout.unified().ifPresent(roots::add);
        return List.copyOf(roots);
    }

    private CgroupDirectory below(Path root) {
        return new CgroupDirectory(root.resolve(path), files);
    }

    private Optional<CgroupDirectory> of(String controller) {
        return Optional.ofNullable(layout.v1().get(controller)).map(this::below);
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public List<Unenforced> limit(CgroupLimits limits) throws IOException {
        return new CgroupV1Limits(this::of, files).set(limits);
    }

    @Override
    public void join(long pid) throws IOException {
        for (Path root : roots()) {
            below(root).write(PROCESSES, Long.toString(pid));
        }
    }

    @Override
    public Optional<Path> unifiedDirectory() {
        return layout.unified().map(root -> root.resolve(path));
    }

    @Override
    public boolean exists() {
        return roots().stream().anyMatch(root -> Files.isDirectory(root.resolve(path)));
    }

    @Override
    public List<Path> memberFiles() {
        return layout.hierarchies().stream()
                .distinct()
                .map(root -> root.resolve(path).resolve(THREADS))
                .toList();
    }

    @Override
    public boolean startsInside() {
        return false;
    }

    @Override
    public List<Long> processes() throws IOException {
        var all = new LinkedHashSet<Long>();
        for (Path root : roots()) { // one that is just being moved is in some only
            all.addAll(below(root).processes());
        }
        return List.copyOf(all);
    }

    @Override
    public void freeze(Duration limit) throws IOException {
        var freezer =
                of("freezer").orElseThrow(() -> new IOException("cannot freeze " + path + ": no freezer controller"));
        boolean frozen = CgroupDirectory.await(limit, () -> {
            freezer.write("freezer.state", "FROZEN"); // written again: a fork meanwhile leaves it FREEZING
            return freezer.read("freezer.state").equals("FROZEN");
        });
        if (!frozen) {
            freezer.write("freezer.state", "THAWED");
            throw new IOException("cgroup %s did not freeze within %s".formatted(path, limit));
        }
    }

    @Override
    public void thaw() throws IOException {
        var freezer = of("freezer");
        if (freezer.isPresent() && freezer.get().has("freezer.state")) {
            freezer.get().write("freezer.state", "THAWED");
        }
    }

    /** Thaws this cgroup and each one below: they can be frozen by themselves. */
    private void thawAll() throws IOException {
        var freezer = of("freezer");
        if (freezer.isPresent()) {
            for (CgroupDirectory directory : freezer.get().tree()) {
                if (directory.has("freezer.state")) {
                    directory.write("freezer.state", "THAWED");
                }
            }
        }
    }

    @Override
    public void kill(Duration limit) throws IOException {
        boolean empty = CgroupDirectory.await(limit, () -> {
            var members = processes();
            if (members.isEmpty()) {
                return true;
            }
            thawAll(); // SIGKILL does not reach what this freezer holds
            var unified = layout.unified().map(this::below).filter(directory -> directory.has(KILL));
            if (unified.isPresent()) {
                unified.get().write(KILL, "1");
            }
            members.forEach(files::end); // those that are in no tree of version 2, or where it cannot kill
            return false;
        });
        if (!empty) {
            throw new IOException("cgroup %s still has processes %s after %s".formatted(path, processes(), limit));
        }
    }

    @Override
    public CgroupStatistics statistics() throws IOException {
        return new CgroupV1Statistics(this::of).read();
    }

    @Override
    public long outOfMemoryKills() throws IOException {
        var memory = of("memory");
        return memory.isPresent() ? memory.get().value("memory.oom_control", "oom_kill") : 0;
    }

    @Override
    public void remove(Duration limit) throws IOException {
        var failures = new ArrayList<IOException>();
        for (Path root : roots()) {
            try {
                below(root).removeTree(limit);
            } catch (IOException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            var first = failures.removeFirst();
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }
}
