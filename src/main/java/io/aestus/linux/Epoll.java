package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Waits for many descriptors at once. One platform thread waits; any thread may add, remove or {@link #wake}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</a>
 */
public final class Epoll implements AutoCloseable {
    /** Something can be read; of a pidfd: the process ended. */
    public static final int IN = 0x1;

    public static final int OUT = 0x4;

    /** Always reported: an error, and that the other end is gone. */
    public static final int ERR = 0x8;

    public static final int HUP = 0x10;

    /** Reported once, then silent until {@link #modify}. */
    public static final int ONESHOT = 0x4000_0000;

    /** Only changes are reported. */
    public static final int EDGE = 0x8000_0000;

    private static final int EPOLL_CLOEXEC = 0x8_0000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;
    private static final int EFD_CLOEXEC_NONBLOCK = 0x8_0000 | 0x800;
    private static final int BATCH = 64;
    private static final long WAKE_TOKEN = Long.MIN_VALUE;

    // struct epoll_event is packed on x86-64 and aligned elsewhere
    private static final int EVENT_BYTES = Architecture.current() == Architecture.X86_64 ? 12 : 16;
    private static final int TOKEN = EVENT_BYTES - Long.BYTES;

    /**
     * A descriptor is ready.
     *
     * @param token as given to {@link #add}
     * @param events of {@link #IN} and the others
     */
    public record Ready(long token, int events) {
        public boolean has(int event) {
            return (events & event) != 0;
        }
    }

    private final Fd epoll;
    private final Fd bell;

    private Epoll(Fd epoll, Fd bell) {
        this.epoll = epoll;
        this.bell = bell;
    }

    public static Epoll open() throws SyscallException {
        Fd epoll = Fd.owning(Libc.call(Syscall.EPOLL_CREATE1, EPOLL_CLOEXEC).orThrow("make an epoll"));
        try {
            Fd bell = Fd.owning(
                    Libc.call(Syscall.EVENTFD2, 0, EFD_CLOEXEC_NONBLOCK).orThrow("make an eventfd"));
            var result = new Epoll(epoll, bell);
            result.control(EPOLL_CTL_ADD, bell, IN, WAKE_TOKEN).orThrow("watch an eventfd");
            return result;
        } catch (SyscallException e) {
            epoll.close();
            throw e;
        }
    }

    /**
     * Begins to watch {@code file}.
     *
     * @param token comes back with each event; any number but {@link Long#MIN_VALUE}
     * @throws SyscallException EEXIST if it is watched, EPERM for a file that is always ready
     */
    public void add(Fd file, int events, long token) throws SyscallException {
        if (token == WAKE_TOKEN) {
            throw new IllegalArgumentException("this token is taken");
        }
        control(EPOLL_CTL_ADD, file, events, token).orThrow("watch " + file);
    }

    /** Changes what is waited for; with {@link #ONESHOT}, waits once more. */
    public void modify(Fd file, int events, long token) throws SyscallException {
        control(EPOLL_CTL_MOD, file, events, token).orThrow("watch " + file);
    }

    /**
     * Stops watching. Do this before closing: while another process has a duplicate, the kernel goes on reporting.
     *
     * @return false if it was not watched
     */
    public boolean remove(Fd file) throws SyscallException {
        Result result = control(EPOLL_CTL_DEL, file, 0, 0);
        if (result.failedWith(Errno.ENOENT)) {
            return false;
        }
        result.orThrow("stop watching " + file);
        return true;
    }

    private Result control(int operation, Fd file, int events, long token) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_BYTES, Long.BYTES);
            event.set(JAVA_INT, 0, events);
            event.set(JAVA_LONG_UNALIGNED, TOKEN, token);
            return Libc.call(Syscall.EPOLL_CTL, epoll.number(), operation, file.number(), event.address());
        }
    }

    /** Waits until something is ready or {@link #wake} is called, for ever. */
    public List<Ready> await() throws SyscallException {
        return await(Optional.empty());
    }

    /** The same, for no longer than {@code limit}; empty then, and also when woken or interrupted by a signal. */
    public List<Ready> await(Duration limit) throws SyscallException {
        return await(Optional.of(limit));
    }

    private List<Ready> await(Optional<Duration> limit) throws SyscallException {
        long millis = limit.map(time -> Math.clamp(time.plusNanos(999_999).toMillis(), 0, Integer.MAX_VALUE))
                .map(Long::valueOf)
                .orElse(-1L);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate((long) BATCH * EVENT_BYTES, Long.BYTES);
            Result result = Libc.call(Syscall.EPOLL_PWAIT, epoll.number(), events.address(), BATCH, millis, 0, 0);
            if (result.failedWith(Errno.EINTR)) {
                return List.of();
            }
            int count = (int) result.orThrow("wait for events");
            var ready = new ArrayList<Ready>(count);
            for (int i = 0; i < count; i++) {
                MemorySegment event = events.asSlice((long) i * EVENT_BYTES, EVENT_BYTES);
                long token = event.get(JAVA_LONG_UNALIGNED, TOKEN);
                if (token == WAKE_TOKEN) {
                    silence();
                } else {
                    ready.add(new Ready(token, event.get(JAVA_INT_UNALIGNED, 0)));
                }
            }
            return ready;
        }
    }

    /** Makes the waiting thread, or the next one that waits, return at once. */
    public void wake() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
            Result result = Libc.retrying(Syscall.WRITE, bell.number(), one.address(), Long.BYTES, 0);
            if (!result.failedWith(Errno.EAGAIN)) { // it rings already
                result.orThrow("wake a waiting thread");
            }
        }
    }

    private void silence() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_LONG);
            Result result = Libc.retrying(Syscall.READ, bell.number(), count.address(), Long.BYTES, 0);
            if (!result.failedWith(Errno.EAGAIN)) { // another thread was woken too
                result.orThrow("read an eventfd");
            }
        }
    }

    /** Closes it; no thread may be waiting. What was watched stays open. */
    @Override
    public void close() {
        bell.close();
        epoll.close();
    }
}
