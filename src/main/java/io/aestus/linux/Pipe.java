package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A pipe, and how bytes move between pipes and files without coming through Java.
 *
 * <p>For a log that loses nothing, bytes are copied with {@link #tee}, written, and only then taken out of the source with
 * {@link #splice}.
 *
 * @param reader closing gives writers EPIPE, unless somebody else holds one too
 */
public record Pipe(Fd reader, Fd writer) implements AutoCloseable {
    /** What {@link #tee} and {@link #splice} return where they would have to wait. */
    public static final long WOULD_BLOCK = -1;

    private static final int O_CLOEXEC = 0x8_0000;
    private static final int O_NONBLOCK = 0x800;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int F_GETPIPE_SZ = 1032;
    private static final int FIONREAD = 0x541b;
    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;

    /** A pipe whose ends block. */
    public static Pipe open() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(JAVA_INT, 2);
            Libc.call(Syscall.PIPE2, ends.address(), O_CLOEXEC).orThrow("make a pipe");
            return new Pipe(Fd.owning(ends.getAtIndex(JAVA_INT, 0)), Fd.owning(ends.getAtIndex(JAVA_INT, 1)));
        }
    }

    /**
     * Makes this descriptor's open file non-blocking. All duplicates share that, other processes' too: never for what an app
     * gets as its standard streams.
     */
    public static void setNonBlocking(Fd end) throws SyscallException {
        long flags = Libc.call(Syscall.FCNTL, end.number(), F_GETFL).orThrow("get flags of a pipe");
        Libc.call(Syscall.FCNTL, end.number(), F_SETFL, flags | O_NONBLOCK).orThrow("set flags of a pipe");
    }

    /**
     * Sets how much the pipe holds, rounded up to pages and powers of two. Root may go beyond {@code fs.pipe-max-size}.
     *
     * @return what it holds now
     * @throws SyscallException EPERM beyond the limit, EBUSY if more is in it
     */
    public static long resize(Fd end, int bytes) throws SyscallException {
        return Libc.call(Syscall.FCNTL, end.number(), F_SETPIPE_SZ, bytes)
                .orThrow("resize a pipe to " + bytes + " bytes");
    }

    /** How much the pipe can hold. */
    public static long capacity(Fd end) throws SyscallException {
        return Libc.call(Syscall.FCNTL, end.number(), F_GETPIPE_SZ).orThrow("get the size of a pipe");
    }

    /** How many bytes wait to be read. */
    public static int available(Fd end) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_INT);
            Libc.call(Syscall.IOCTL, end.number(), FIONREAD, count.address()).orThrow("ask what a pipe holds");
            return count.get(JAVA_INT, 0);
        }
    }

    /**
     * Copies up to {@code limit} bytes from one pipe to another, leaving them in the first.
     *
     * @return how many; 0 if the first is empty and has no writer; {@link #WOULD_BLOCK} if it is empty or the second is full
     */
    public static long tee(Fd from, Fd to, long limit) throws SyscallException {
        return moved(Libc.retrying(Syscall.TEE, from.number(), to.number(), limit, SPLICE_F_NONBLOCK), "tee a pipe");
    }

    /**
     * Moves up to {@code limit} bytes from one descriptor to another, one of which must be a pipe; files go on at their
     * positions. The target must not be open for appending.
     *
     * @return how many; 0 at the end; {@link #WOULD_BLOCK} if nothing can be moved now
     */
    public static long splice(Fd from, Fd to, long limit) throws SyscallException {
        while (true) {
            Result result = Libc.call(
                    Syscall.SPLICE, from.number(), 0, to.number(), 0, limit, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
            if (!result.failedWith(Errno.EINTR)) {
                return moved(result, "splice a pipe");
            }
        }
    }

    private static long moved(Result result, String what) throws SyscallException {
        return result.failedWith(Errno.EAGAIN) ? WOULD_BLOCK : result.orThrow(what);
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
