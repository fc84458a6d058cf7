package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A pseudo-terminal of an app, made in the app's own devpts. Neither end is ever opened by a path, so nothing that an image
 * or an app puts into {@code /dev} can stand in for it.
 *
 * @param master ours; reading gives EIO when no process has the other end open any more
 * @param slave the app's controlling terminal
 */
public record Pty(Fd master, Fd slave) implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_CLOEXEC = 0x8_0000;
    private static final int TIOCSPTLCK = 0x4004_5431;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int WINDOW_SIZE_BYTES = 8; // struct winsize: rows, columns, and pixels, which nobody uses

    /** Rows and columns of a terminal; zero where it does not know. */
    public record WindowSize(int rows, int columns) {}

    /**
     * A new terminal.
     *
     * @param devpts a mount of devpts, attached or not
     */
    public static Pty open(Fd devpts) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom("ptmx");
            int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
            Fd master = Fd.owning(Libc.call(Syscall.OPENAT, devpts.number(), name.address(), flags)
                    .orThrow("open a new terminal"));
            try {
                MemorySegment unlocked = arena.allocateFrom(JAVA_INT, 0);
                Libc.call(Syscall.IOCTL, master.number(), TIOCSPTLCK, unlocked.address())
                        .orThrow("unlock a terminal");
                return new Pty(
                        master,
                        Fd.owning(Libc.call(Syscall.IOCTL, master.number(), TIOCGPTPEER, flags)
                                .orThrow("open the app's end of a terminal")));
            } catch (SyscallException e) {
                master.close();
                throw e;
            }
        }
    }

    /**
     * The size of a terminal's window.
     *
     * @throws SyscallException ENOTTY if it is no terminal
     */
    public static WindowSize windowSize(Fd terminal) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(WINDOW_SIZE_BYTES, Long.BYTES);
            Libc.call(Syscall.IOCTL, terminal.number(), TIOCGWINSZ, size.address())
                    .orThrow("get the size of a terminal");
            return new WindowSize(
                    Short.toUnsignedInt(size.get(JAVA_SHORT, 0)), Short.toUnsignedInt(size.get(JAVA_SHORT, 2)));
        }
    }

    /** Tells the programs in a terminal its new size; they get SIGWINCH if it changed. */
    public static void resize(Fd terminal, WindowSize newSize) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(WINDOW_SIZE_BYTES, Long.BYTES);
            size.set(JAVA_SHORT, 0, (short) newSize.rows);
            size.set(JAVA_SHORT, 2, (short) newSize.columns);
            Libc.call(Syscall.IOCTL, terminal.number(), TIOCSWINSZ, size.address())
                    .orThrow("resize a terminal");
        }
    }

    @Override
    public void close() {
        slave.close();
        master.close();
    }
}
