package io.aestus.linux;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup of version 1: the same path in some of the hierarchies, and in that of version 2 where the host has one beside
 * them (hybrid).
 *
 * <p>Entering a hierarchy is the dearest part of a launch here, so a cgroup is only where it is needed: where its parent is,
 * which may be limited there; where it is limited itself; and in those that serve without limits. These are {@code memory},
 * which knows who lacked it, and {@code devices}. The tree of version 2 serves for the rest: processes start in it, are
 * counted, frozen and killed there, and so is their processor time. Without that tree the hierarchies of these purposes are
 * entered too.
 */
final class CgroupV1 implements Cgroup {
    private static final String KILL = "cgroup.kill";
    private static final String PROCESSES = "cgroup.procs";
    private static final String THREADS = "tasks";

    private static final List<String> ALWAYS = List.of("memory", "devices");
    private static final List<String> WITHOUT_UNIFIED = List.of("cpuacct", "pids", "freezer");

    private final CgroupLayout layout;
    private final String path;
    private final CgroupFiles files;
    /** The roots below which this made it, all of them, if it was nowhere before: then nobody need look. */
    private @Nullable Set<Path> made;

    CgroupV1(CgroupLayout layout, String path, CgroupFiles files) {
        this.layout = layout;
        this.path = path;
        this.files = files;
    }

    /** @param unlimited the parent that says nothing about where to be */
    static CgroupV1 create(CgroupLayout layout, String path, CgroupFiles files, String unlimited) throws IOException {
        var cgroup = new CgroupV1(layout, path, files);
        int slash = path.lastIndexOf('/');
        boolean follows = slash > 0 && !path.substring(0, slash).equals(unlimited);
        var always = cgroup.always();
        var made = new LinkedHashSet<Path>();
        boolean isNew = true;
        for (Path root : cgroup.roots()) {
            if (always.contains(root) || (follows && files.exists(root.resolve(path.substring(0, slash))))) {
                isNew &= cgroup.make(root);
                made.add(root);
            }
        }
        cgroup.made = isNew ? made : null;
        return cgroup;
    }

    private Set<Path> always() {
        var always = new HashSet<Path>();
        layout.unified().ifPresent(always::add);
        ALWAYS.forEach(controller -> root(controller).ifPresent(always::add));
        if (layout.unified().isEmpty()) {
            WITHOUT_UNIFIED.forEach(controller -> root(controller).ifPresent(always::add));
        }
        return always;
    }

    private Optional<Path> root(String controller) {
        return Optional.ofNullable(layout.v1().get(controller));
    }

    /** @return false if it was there already */
    private boolean make(Path root) throws IOException {
        return make(root.resolve(path), root.equals(layout.v1().get("cpuset")), files);
    }

    /** Tries the cgroup itself first: those above it are nearly always there. */
    private static boolean make(Path directory, boolean isCpuset, CgroupFiles files) throws IOException {
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
        return isNew;
    }

    /** An empty cpuset takes no process (ENOSPC): a new one gets its parent's processors and memory nodes. */
    private static void inherit(CgroupDirectory parent, CgroupDirectory child) throws IOException {
        for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
            if (child.read(file).isEmpty()) {
                child.write(file, parent.read(file));
            }
        }
    }

    /** The roots of all hierarchies. */
    private List<Path> roots() {
        var roots = new LinkedHashSet<Path>(layout.hierarchies());
        layout.unified().ifPresent(roots::add);
        return List.copyOf(roots);
    }

    /** The roots of those that it is in. */
    private List<Path> entered() {
        if (made != null) {
            return List.copyOf(made);
        }
        var entered = new ArrayList<Path>();
        for (Path root : roots()) {
            if (files.exists(root, path)) {
                entered.add(root);
            }
        }
        return entered;
    }

    private CgroupDirectory below(Path root) {
        return new CgroupDirectory(root.resolve(path), files);
    }

    private Optional<CgroupDirectory> of(String controller) {
        return root(controller).map(this::below);
    }

    private Optional<CgroupDirectory> unified() {
        return layout.unified().map(this::below);
    }

    /** The cgroup in a controller's hierarchy, made there now if need be; whoever is in it elsewhere comes along. */
    private Optional<CgroupDirectory> entered(String controller) throws IOException {
        var root = root(controller);
        boolean isMade = made != null && root.filter(made::contains).isPresent();
        if (root.isPresent() && !isMade && make(root.get())) {
            moveInto(below(root.get()));
        }
        if (root.isPresent() && made != null) {
            made.add(root.get());
        }
        return root.map(this::below);
    }

    private void moveInto(CgroupDirectory directory) throws IOException {
        var moved = new HashSet<Long>();
        for (var members = ownProcesses(); moved.addAll(members); members = ownProcesses()) { // some may fork meanwhile
            for (long pid : members) {
                enter(directory, pid);
            }
        }
    }

    private static void enter(CgroupDirectory directory, long pid) throws IOException {
        try {
            directory.write(PROCESSES, Long.toString(pid));
        } catch (SyscallException e) {
            if (e.errno() != Errno.ESRCH) { // it has ended
                throw e;
            }
        }
    }

    /** Those that are here or in a part, and not in cgroups below that are others'. */
    private List<Long> ownProcesses() throws IOException {
        var own = new ArrayList<Long>();
        var directory = unified().or(() -> of("memory"));
        if (directory.isPresent()) {
            own.addAll(directory.get().ownProcesses());
            for (Path child : files.children(directory.get().path())) {
                if (child.getFileName().toString().startsWith(CgroupPart.Below.PREFIX)) {
                    own.addAll(new CgroupDirectory(child, files).ownProcesses());
                }
            }
        }
        return own;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public List<Unenforced> limit(CgroupLimits limits) throws IOException {
        return new CgroupV1Limits(this::entered, files).set(limits);
    }

    @Override
    public void join(long pid) throws IOException {
        for (Path root : entered()) {
            below(root).write(PROCESSES, Long.toString(pid));
        }
    }

    @Override
    public Optional<Path> unifiedDirectory() {
        return layout.unified().map(root -> root.resolve(path));
    }

    @Override
    public boolean exists() {
        return roots().stream().anyMatch(root -> files.exists(root.resolve(path)));
    }

    @Override
    public List<Path> memberFiles() {
        var files = new ArrayList<Path>();
        for (Path root : entered()) {
            if (!Optional.of(root).equals(layout.unified())) {
                files.add(root.resolve(path).resolve(THREADS));
            }
        }
        return files;
    }

    /** What the kernel tells of the other process; nothing that helps if it counts from another root than ours. */
    @Override
    public List<Path> memberFiles(long process) throws IOException {
        String own = "/" + path;
        var members = new ArrayList<Path>();
        for (String line : files.read(Path.of("/proc/" + process + "/cgroup")).split("\n", -1)) {
            int first = line.indexOf(':'); // 4:cpu,cpuacct:/aestus/UUID/app
            int second = line.indexOf(':', first + 1);
            if (line.endsWith(own) && line.length() == second + 1 + own.length()) {
                int comma = line.indexOf(',', first + 1);
                root(line.substring(first + 1, comma > 0 && comma < second ? comma : second))
                        .ifPresent(root -> members.add(root.resolve(path).resolve(THREADS)));
            }
        }
        return members.isEmpty() ? memberFiles() : members;
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
        var unified = unified().filter(CgroupDirectory::canFreeze);
        if (unified.isPresent()) {
            unified.get().freeze(limit);
            return;
        }
        var freezer = entered("freezer")
                .orElseThrow(() -> new IOException("cannot freeze " + path + ": no freezer controller"));
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
        var unified = unified();
        if (unified.isPresent()) {
            unified.get().thaw();
        }
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
                directory.writeIfThere("freezer.state", "THAWED");
            }
        }
    }

    @Override
    public void kill(Duration limit) throws IOException {
        boolean empty = CgroupDirectory.await(limit, () -> isEmpty() || !endAll());
        if (!empty) {
            throw new IOException("cgroup %s still has processes %s after %s".formatted(path, processes(), limit));
        }
    }

    /** One look at the tree of version 2 says it of nearly every cgroup that is to be killed. */
    private boolean isEmpty() throws IOException {
        var unified = unified();
        return unified.isPresent() && !unified.get().isPopulated();
    }

    /** @return whether there was one */
    private boolean endAll() throws IOException {
        var members = processes();
        if (members.isEmpty()) {
            return false;
        }
        thawAll(); // SIGKILL does not reach what this freezer holds
        var unified = unified().filter(directory -> directory.has(KILL));
        if (unified.isPresent()) {
            unified.get().writeIfThere(KILL, "1");
        }
        members.forEach(files::end); // those that are in no tree of version 2, or where it cannot kill
        return true;
    }

    @Override
    public CgroupPart part(String name) throws IOException {
        var unified = unified();
        if (unified.isPresent()) {
            return CgroupPart.unified(unified.get(), name, files);
        }
        var tracked = of("pids")
                .or(() -> of("freezer"))
                .orElseThrow(() -> new IOException("this host has no cgroups to find processes by"));
        return CgroupPart.legacy(tracked, name, files);
    }

    @Override
    public CgroupStatistics statistics() throws IOException {
        return new CgroupV1Statistics(this::of, unified()).read();
    }

    @Override
    public long outOfMemoryKills() throws IOException {
        var memory = of("memory");
        return memory.isPresent() ? memory.get().value("memory.oom_control", "oom_kill") : 0;
    }

    @Override
    public void remove(Duration limit) throws IOException {
        var last = new IOException[1];
        boolean done = CgroupDirectory.await(limit, () -> {
            try {
                for (Path root : roots()) {
                    below(root).removeTree();
                }
                return true;
            } catch (IOException e) {
                last[0] = e;
                processes().forEach(files::end); // what left the tree of version 2 and stayed in another
                return false;
            }
        });
        if (!done) {
            throw new IOException("cgroup %s is still busy after %s".formatted(path, limit), last[0]);
        }
    }
}
