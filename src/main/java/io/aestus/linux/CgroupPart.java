package io.aestus.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Some of the processes of a cgroup, to be found and ended apart from the others, whatever they fork. It is a cgroup below that
 * one, in a single hierarchy and without limits: those of the whole hold for it.
 */
public final class CgroupPart {
    private static final String KILL = "cgroup.kill"; // Linux 5.14
    private static final int SIGKILL_ROUNDS_MILLIS = 500;

    private final CgroupDirectory directory;
    private final CgroupFiles files;
    private final boolean isUnified;

    private CgroupPart(CgroupDirectory directory, CgroupFiles files, boolean isUnified) {
        this.directory = directory;
        this.files = files;
        this.isUnified = isUnified;
    }

    /** What its name begins with: no cgroup of a pod or an app is called so. */
    static final String PREFIX = "_part-";

    /** Below a cgroup of version 2. */
    static CgroupPart unified(CgroupDirectory whole, String name, CgroupFiles files) {
        return new CgroupPart(new CgroupDirectory(whole.path().resolve(PREFIX + name), files), files, true);
    }

    /** Below a cgroup of version 1. */
    static CgroupPart legacy(CgroupDirectory whole, String name, CgroupFiles files) {
        return new CgroupPart(new CgroupDirectory(whole.path().resolve(PREFIX + name), files), files, false);
    }

    /** Makes it; the cgroup must be there. */
    public void create() throws IOException {
        files.create(directory.path());
    }

    /** Where to start a process by {@code CLONE_INTO_CGROUP}, in place of the {@linkplain Cgroup#unifiedDirectory whole's}. */
    public Optional<Path> unifiedDirectory() {
        return isUnified ? Optional.of(directory.path()) : Optional.empty();
    }

    /** What a process joins by itself, as {@link Cgroup#memberFiles} says, after those. */
    public List<Path> memberFiles() {
        return isUnified ? List.of() : List.of(directory.path().resolve("tasks"));
    }

    /** Ends all processes in it by SIGKILL, those that they fork meanwhile too. One that is not there has none. */
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

    /** Removes it, unless processes are left in it: then it goes with the whole. */
    public void removeIfEmpty() throws IOException {
        try {
            files.remove(directory.path());
        } catch (SyscallException e) {
            if (e.errno() != Errno.EBUSY && e.errno() != Errno.ENOTEMPTY) {
                throw e;
            }
        }
    }
}
