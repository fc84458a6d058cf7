package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Optional;

/**
 * A limit that a process has and its children inherit.
 *
 * @param soft what counts; {@link #INFINITY} for no limit
 * @param hard up to where the process may raise it
 * @see <a href="https://man7.org/linux/man-pages/man2/prlimit.2.html">prlimit(2)</a>
 */
public record Rlimit(Resource resource, long soft, long hard) {
    public static final long INFINITY = -1;

    private static final int BYTES = 16; // struct rlimit64

    /** What is limited: {@code RLIMIT_…} of {@code <asm-generic/resource.h>}. */
    public enum Resource {
        CPU(0),
        FSIZE(1),
        DATA(2),
        STACK(3),
        CORE(4),
        RSS(5),
        NPROC(6),
        NOFILE(7),
        MEMLOCK(8),
        AS(9),
        LOCKS(10),
        SIGPENDING(11),
        MSGQUEUE(12),
        NICE(13),
        RTPRIO(14),
        RTTIME(15);

        private static final String PREFIX = "RLIMIT_";

        private final int number;

        Resource(int number) {
            this.number = number;
        }

        /** The resource called {@code text}, as {@code RLIMIT_NOFILE} or {@code nofile}; empty if there is none. */
        public static Optional<Resource> find(String text) {
            String upper = text.toUpperCase(Locale.ROOT);
            String name = upper.startsWith(PREFIX) ? upper.substring(PREFIX.length()) : upper;
            for (Resource resource : values()) {
                if (resource.name().equals(name)) {
                    return Optional.of(resource);
                }
            }
            return Optional.empty();
        }

        int number() {
            return number;
        }
    }

    public Rlimit {
        if (Long.compareUnsigned(soft, hard) > 0) {
            throw new IllegalArgumentException("soft limit %s of %s is above the hard limit %s"
                    .formatted(Long.toUnsignedString(soft), resource, Long.toUnsignedString(hard)));
        }
    }

    /**
     * The limit that process {@code pid} has; 0 is this one.
     *
     * @throws SyscallException ESRCH if there is no such process
     */
    public static Rlimit of(Resource resource, long pid) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(BYTES, Long.BYTES);
            Libc.call(Syscall.PRLIMIT64, pid, resource.number, 0, limit.address())
                    .orThrow("get limit %s of process %d".formatted(resource, pid));
            return new Rlimit(resource, limit.get(JAVA_LONG, 0), limit.get(JAVA_LONG, Long.BYTES));
        }
    }

    /**
     * Gives process {@code pid} this limit; 0 is this one.
     *
     * @throws SyscallException EPERM to raise the hard limit without CAP_SYS_RESOURCE in the initial user namespace
     */
    public void set(long pid) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocateFrom(JAVA_BYTE, bytes());
            Libc.call(Syscall.PRLIMIT64, pid, resource.number, limit.address(), 0)
                    .orThrow("set limit %s of process %d".formatted(resource, pid));
        }
    }

    /** The limit as {@code struct rlimit64}. */
    byte[] bytes() {
        byte[] bytes = new byte[BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putLong(soft).putLong(hard);
        return bytes;
    }
}
