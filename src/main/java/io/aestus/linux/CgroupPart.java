package io.aestus.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Some of the processes of a cgroup, to be found and ended apart from the others. */
public sealed interface CgroupPart permits CgroupPart.Below, CgroupPart.Session {
    /** Makes it; the cgroup must be there. */
    void create() throws IOException;

    /** Where to start a process by {@code CLONE_INTO_CGROUP}, in place of the {@linkplain Cgroup#unifiedDirectory whole's}. */
    Optional<Path> unifiedDirectory();

    /** What a process joins by itself, as {@link Cgroup#memberFiles} says, after those. */
    List<Path> memberFiles();

    /** Says that a process that leads a session is its first; it has joined by itself where it can. */
    void begin(long pid);

    /** Ends all processes in it by SIGKILL, those that they fork meanwhile too. One that is not there has none. */
    void kill() throws IOException;

    /** Removes it, unless processes are left in it: then it goes with the whole. */
    void removeIfEmpty() throws IOException;

    /** Below a cgroup of version 2. */
    static CgroupPart unified(CgroupDirectory whole, String name, CgroupFiles files) {
        return new Below(new CgroupDirectory(whole.path().resolve(Below.PREFIX + name), files), files, true);
    }

    /** Below a cgroup of version 1. */
    static CgroupPart legacy(CgroupDirectory whole, String name, CgroupFiles files) {
        return new Below(new CgroupDirectory(whole.path().resolve(Below.PREFIX + name), files), files, false);
    }

    /**
     * A cgroup below that one, in a single hierarchy and without limits: those of the whole hold for it. So whatever its processes
     * fork belongs to it.
     */
    final class Below implements CgroupPart {
        private static final String KILL = "cgroup.kill"; // Linux 5.14
        private static final int SIGKILL_ROUNDS_MILLIS = 500;

        /** What its name begins with: no cgroup of a pod or an app is called so. */
        static final String PREFIX = "_part-";

        private final CgroupDirectory directory;
        private final CgroupFiles files;
        private final boolean isUnified;

        private Below(CgroupDirectory directory, CgroupFiles files, boolean isUnified) {
            this.directory = directory;
            this.files = files;
            this.isUnified = isUnified;
        }

        @Override
        public void create() throws IOException {
            files.create(directory.path());
        }

        @Override
        public Optional<Path> unifiedDirectory() {
            return isUnified ? Optional.of(directory.path()) : Optional.empty();
        }

        @Override
        public List<Path> memberFiles() {
            return isUnified ? List.of() : List.of(directory.path().resolve("tasks"));
        }

        @Override
        public void kill() throws IOException {
            if (directory.has(KILL)) {
                directory.writeIfThere(KILL, "1");
                return;
            }
            CgroupDirectory.await(Duration.ofMillis(SIGKILL_ROUNDS_MILLIS), () -> {
                var members = directory.processes();
                members.forEach(files::end);
                return members.isEmpty();
            });
        }

        @Override
        public void removeIfEmpty() throws IOException {
            try {
                files.remove(directory.path());
            } catch (SyscallException e) {
                if (e.errno() != Errno.EBUSY && e.errno() != Errno.ENOTEMPTY) {
                    throw e;
                }
            }
        }

        @Override
        public void begin(long pid) {}
    }

    /** Where there are no cgroups: a session, which its processes can leave for one of their own. */
    final class Session implements CgroupPart {
        private static final Duration KILL_LIMIT = Duration.ofMillis(500);

        private final ProcessTable.Selection whole;
        private final String name;
        private final Map<String, Long> leaders;

        Session(ProcessTable.Selection whole, String name, Map<String, Long> leaders) {
            this.whole = whole;
            this.name = name;
            this.leaders = leaders;
        }

        @Override
        public void create() {}

        @Override
        public Optional<Path> unifiedDirectory() {
            return Optional.empty();
        }

        @Override
        public List<Path> memberFiles() {
            return List.of();
        }

        @Override
        public void begin(long pid) {
            leaders.put(name, pid);
        }

        @Override
        public void kill() throws IOException {
            Long leader = leaders.get(name);
            if (leader != null) {
                ProcessTable.Selection session = ProcessTable.inSession(leader);
                ProcessTable.end(process -> session.holds(process) && whole.holds(process), KILL_LIMIT);
            }
        }

        @Override
        public void removeIfEmpty() {
            leaders.remove(name);
        }
    }
}
