package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The line by which the kernel tells of a process or thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>
 */
public final class ProcessStat {
    /** Its command has 64 bytes at most; the rest are some fifty numbers. */
    private static final int LONGEST = 2048;

    private static final int FIRST_AFTER_COMMAND = 3;
    private static final int START_TICKS = 22;
    private static final int EXIT_CODE = 52;

    private final byte[] line;
    /** Where the first field after the command is, which may have spaces and parentheses itself. */
    private final int begin;

    private ProcessStat(byte[] line) {
        this.line = line;
        int parenthesis = line.length - 1;
        while (parenthesis > 0 && line[parenthesis] != ')') {
            parenthesis--;
        }
        this.begin = parenthesis + 2;
    }

    /** That of the process which has this number now; empty if there is none. */
    public static Optional<ProcessStat> of(long pid) throws SyscallException {
        return read(Path.of("/proc/" + pid + "/stat"));
    }

    /** That of a process or thread; empty if it is gone. */
    static Optional<ProcessStat> read(Path file) throws SyscallException {
        try (Fd stat = Fd.openForReading(file);
                Arena arena = Arena.ofConfined()) {
            MemorySegment line = arena.allocate(LONGEST);
            int length = stat.read(line);
            return length < 0
                    ? Optional.empty()
                    : Optional.of(new ProcessStat(line.asSlice(0, length).toArray(JAVA_BYTE)));
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Its state, such as {@code R}; {@code Z} if it has ended and waits to be reaped. */
    public char state() {
        return (char) line[begin];
    }

    /** Whether it has ended. */
    public boolean hasEnded() {
        return state() == 'Z' || state() == 'X';
    }

    /** When it began, in clock ticks since the boot. */
    public long startTicks() {
        return number(START_TICKS);
    }

    /** How it ended, if it waits to be reaped: as waitpid(2) tells. */
    public int exitStatus() {
        return (int) number(EXIT_CODE);
    }

    /** A field by its number in the manual page. */
    private long number(int field) {
        int at = begin;
        for (int left = field - FIRST_AFTER_COMMAND; left > 0; at++) {
            if (line[at] == ' ') {
                left--;
            }
        }
        long value = 0;
        for (; at < line.length && line[at] >= '0' && line[at] <= '9'; at++) {
            value = value * 10 + line[at] - '0';
        }
        return value;
    }
}
