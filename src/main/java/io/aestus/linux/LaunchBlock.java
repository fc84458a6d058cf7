package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** The block of memory that the trampoline works on; its layout is told in {@code src/main/asm/trampoline-x86_64.s}. */
final class LaunchBlock {
    static final int BYTES = 160;

    // struct clone_args
    private static final int FLAGS = 0;
    private static final int PIDFD_ADDRESS = 8;
    private static final int PARENT_TID_ADDRESS = 24;
    private static final int EXIT_SIGNAL = 32;
    private static final int CGROUP = 80;

    private static final int FIRST_ENTRY = 88;
    private static final int CURRENT_ENTRY = 96;
    private static final int ERRNO = 104;
    private static final int REPORT = 112;
    private static final int PID = 144;
    private static final int PIDFD = 152;

    private static final int SIGCHLD = 17;

    private final MemorySegment memory;

    LaunchBlock(MemorySegment memory) {
        this.memory = memory;
        memory.set(JAVA_LONG, PIDFD_ADDRESS, memory.address() + PIDFD);
        memory.set(JAVA_LONG, PARENT_TID_ADDRESS, memory.address() + PID);
        memory.set(JAVA_LONG, EXIT_SIGNAL, SIGCHLD);
        memory.set(JAVA_LONG, REPORT, -1);
        memory.set(JAVA_INT, PIDFD, -1);
    }

    long address() {
        return memory.address();
    }

    void setFlags(long flags) {
        memory.set(JAVA_LONG, FLAGS, flags);
    }

    void setCgroup(int descriptor) {
        memory.set(JAVA_LONG, CGROUP, descriptor);
    }

    void setFirstEntry(long entry) {
        memory.set(JAVA_LONG, FIRST_ENTRY, entry);
        memory.set(JAVA_LONG, CURRENT_ENTRY, entry);
    }

    /** Where a child that shares no memory says which entry failed and why: those two numbers, as they are here. */
    void setReport(int descriptor) {
        memory.set(JAVA_LONG, REPORT, descriptor);
    }

    /** Takes such a report. */
    void report(long entry, long errno) {
        memory.set(JAVA_LONG, CURRENT_ENTRY, entry);
        memory.set(JAVA_LONG, ERRNO, errno);
    }

    /** The entry that the child is at, or was when it ended. */
    long currentEntry() {
        return memory.get(JAVA_LONG, CURRENT_ENTRY);
    }

    /** Why the current entry failed; 0 if it did not. */
    int errno() {
        return (int) memory.get(JAVA_LONG, ERRNO);
    }

    /** The child's pid, 0 before there is one. */
    int pid() {
        return memory.get(JAVA_INT, PID);
    }

    /** The child's pidfd, -1 before there is one. */
    int pidfd() {
        return memory.get(JAVA_INT, PIDFD);
    }
}
