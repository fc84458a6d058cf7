package io.aestus.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A group of processes that the kernel limits and counts together, and can end together. The two versions of the
 * kernel's interface differ in nearly everything; whoever holds one of these need not care.
 *
 * <p>Calls that wait block: use platform threads. Not thread-safe: one owner per cgroup.
 */
public sealed interface Cgroup permits CgroupV1, CgroupV2, ProcessesByRoot {

    /**
     * A limit that could not be set, and why not.
     *
     * @param limit as the isolator or the interface calls it, such as {@code huge pages}
     */
    record Unenforced(String limit, String reason) {}

    /** Whether it is there, in any hierarchy. */
    boolean exists();

    /** The path below the root of the tree. */
    String path();

    /**
     * Sets limits.
     *
     * @return those that this host cannot enforce
     * @throws io.aestus.AestusException CONFLICT if more memory is in use than the new limit allows
     * @throws IOException if the kernel refuses a value
     */
    List<Unenforced> limit(CgroupLimits limits) throws IOException;

    /** Moves the process into this cgroup, in every hierarchy. */
    void join(long pid) throws IOException;

    /** The directory to start a process in by {@code CLONE_INTO_CGROUP}, where there is cgroup v2. */
    Optional<Path> unifiedDirectory();

    /** Whether {@code CLONE_INTO_CGROUP} alone puts a process under all limits; else it must {@link #join} before it execs. */
    boolean startsInside();

    /**
     * The files to which a process of one thread writes {@code 0} to join by itself, besides being born into {@link
     * #unifiedDirectory}; none where that is enough. In version 1 these are {@code tasks} files: moving itself as a thread, a
     * process waits for nobody, whereas {@code cgroup.procs} takes a lock for which the kernel waits out a grace period,
     * milliseconds long.
     */
    List<Path> memberFiles();

    /**
     * The same for who joins a process that is in it, with less looking around.
     *
     * @param process one of its own, as this process counts
     */
    default List<Path> memberFiles(long process) throws IOException {
        return memberFiles();
    }

    /** A part of its processes; nothing is made yet. */
    CgroupPart part(String name) throws IOException;

    /** All processes of this cgroup and those below. */
    List<Long> processes() throws IOException;

    /** Stops all processes and waits until they stand still. */
    void freeze(Duration limit) throws IOException;

    /** Lets them go on. */
    void thaw() throws IOException;

    /**
     * Ends all processes here and below with SIGKILL, also those that fork meanwhile, and waits until none is left.
     *
     * @throws IOException if some are still there after {@code limit}
     */
    void kill(Duration limit) throws IOException;

    /** What was used so far. */
    CgroupStatistics statistics() throws IOException;

    /** How many processes the kernel ended here for want of memory. */
    long outOfMemoryKills() throws IOException;

    /**
     * Removes this cgroup and those below, trying again while the kernel is still busy with ended processes. A cgroup that
     * is not there is removed.
     */
    void remove(Duration limit) throws IOException;
}
