package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A handle of a process that never comes to mean another one. Readable, as epoll sees it, once the process has ended.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
 */
public final class PidFd implements AutoCloseable {
    private static final int P_PIDFD = 3;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x1000000;
    private static final int WALL = 0x40000000;
    private static final int SIGINFO_BYTES = 128;
    private static final int CLD_EXITED = 1;
    private static final int CLD_DUMPED = 3;
    private static final int PIDFD_GET_INFO = 0xC040FF0B; // for a struct of 64 bytes
    private static final int INFO_BYTES = 64;
    private static final int PIDFD_INFO_EXIT = 8;
    private static final int PIDFD_GET_MNT_NAMESPACE = 0xFF03; // Linux 6.11

    private final Fd fd;

    private PidFd(Fd fd) {
        this.fd = fd;
    }

    /** Takes a descriptor that is known to be a pidfd, such as one that was parked. */
    public static PidFd of(Fd pidfd) {
        return new PidFd(pidfd);
    }

    /**
     * A handle of the process that has this number now. Whether it is the one that was meant, its start time tells.
     *
     * @return empty if there is none
     */
    public static Optional<PidFd> open(long pid) throws SyscallException {
        Result result = Libc.call(Syscall.PIDFD_OPEN, pid, 0);
        if (result.failedWith(Errno.ESRCH)) {
            return Optional.empty();
        }
        return Optional.of(new PidFd(Fd.owning(result.orThrow("open process " + pid))));
    }

    /** The descriptor; still owned by this. */
    public Fd fd() {
        return fd;
    }

    /** The process's number, as this process counts. */
    public long pid() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/fdinfo/" + fd.number()))) {
            return lines.filter(line -> line.startsWith("Pid:"))
                    .mapToLong(line -> Long.parseLong(line.substring(4).strip()))
                    .filter(pid -> pid > 0)
                    .findFirst()
                    .orElseThrow(() -> new SyscallException("ask for the number of a process", Errno.ESRCH));
        }
    }

    /** A second handle of the same process. */
    public PidFd duplicate() throws SyscallException {
        return new PidFd(fd.duplicate());
    }

    /** Sends a signal. @return false if the process has ended */
    public boolean signal(int number) throws SyscallException {
        Result result = Libc.call(Syscall.PIDFD_SEND_SIGNAL, fd.number(), number, 0, 0);
        if (result.failedWith(Errno.ESRCH)) {
            return false;
        }
        result.orThrow("send signal " + number);
        return true;
    }

    /**
     * Takes a copy of a descriptor that the process has open.
     *
     * @throws SyscallException EPERM if it cannot be looked into, EBADF if it has no such descriptor
     */
    public Fd takeDescriptor(int number) throws SyscallException {
        return Fd.owning(Libc.call(Syscall.PIDFD_GETFD, fd.number(), number, 0)
                .orThrow("take descriptor " + number + " of a process"));
    }

    /** The mounts that it sees: they stay as long as this is open. Empty once it has ended, or where the kernel cannot tell. */
    public Optional<Fd> mountNamespace() {
        Result result = Libc.call(Syscall.IOCTL, fd.number(), PIDFD_GET_MNT_NAMESPACE, 0);
        return result instanceof Result.Done(long number) ? Optional.of(Fd.owning(number)) : Optional.empty();
    }

    /**
     * Reaps a child of this process if it has ended; it is then gone and cannot be reaped again.
     *
     * @return empty if it goes on
     * @throws SyscallException ECHILD if it is not our child, or was reaped
     */
    public Optional<ProcessExit> tryReap() throws SyscallException {
        return await(WEXITED | WNOHANG | WALL);
    }

    /** Waits for a child of this process and reaps it. Blocks: platform threads only. */
    public ProcessExit reap() throws SyscallException {
        return await(WEXITED | WALL).orElseThrow();
    }

    /** Whether a child of this process has ended; it can still be reaped. */
    public boolean hasEnded() throws SyscallException {
        return ended().isPresent();
    }

    /** How a child of this process has ended, if it has; it can still be reaped. */
    public Optional<ProcessExit> ended() throws SyscallException {
        return await(WEXITED | WNOHANG | WNOWAIT | WALL);
    }

    /** Waits until the process has ended, be it our child or not. @return false if it goes on after {@code limit} */
    public boolean awaitEnd(Duration limit) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(8, 4); // struct pollfd
            poll.set(JAVA_INT, 0, fd.number());
            poll.set(JAVA_SHORT, 4, (short) 1); // POLLIN
            MemorySegment time = arena.allocateFrom(JAVA_LONG, limit.toSeconds(), limit.toNanosPart());
            Result result = Libc.call(Syscall.PPOLL, poll.address(), 1, time.address(), 0, 8);
            while (result.failedWith(Errno.EINTR)) {
                result = Libc.call(Syscall.PPOLL, poll.address(), 1, time.address(), 0, 8);
            }
            return result.orThrow("wait for a process") > 0;
        }
    }

    private Optional<ProcessExit> await(int options) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(SIGINFO_BYTES, 8);
            Result result = Libc.call(Syscall.WAITID, P_PIDFD, fd.number(), info.address(), options, 0);
            while (result.failedWith(Errno.EINTR)) {
                result = Libc.call(Syscall.WAITID, P_PIDFD, fd.number(), info.address(), options, 0);
            }
            result.orThrow("wait for a process");
            if (info.get(JAVA_INT, 0) == 0) {
                return Optional.empty(); // no signal number: nothing has ended
            }
            int code = info.get(JAVA_INT, 8);
            int status = info.get(JAVA_INT, 24);
            return Optional.of(
                    code == CLD_EXITED
                            ? new ProcessExit.Code(status)
                            : new ProcessExit.Signal(status, code == CLD_DUMPED));
        }
    }

    /**
     * How a process ended that somebody has reaped, be it our child or not: the kernel remembers as long as a handle from
     * before its end is open.
     *
     * @return empty if it goes on, waits to be reaped, or the kernel (before Linux 6.15) does not remember
     */
    public Optional<ProcessExit> exitInfo() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(INFO_BYTES, 8);
            info.set(JAVA_LONG, 0, PIDFD_INFO_EXIT);
            Result result =
                    Libc.call(Syscall.IOCTL, fd.number(), Integer.toUnsignedLong(PIDFD_GET_INFO), info.address());
            if (result.failedWith(Errno.ENOTTY) || result.failedWith(Errno.EINVAL) || result.failedWith(Errno.ESRCH)) {
                return Optional.empty();
            }
            result.orThrow("ask how a process ended");
            boolean known = (info.get(JAVA_LONG, 0) & PIDFD_INFO_EXIT) != 0;
            return known ? Optional.of(ProcessExit.ofStatus(info.get(JAVA_INT, 60))) : Optional.empty();
        }
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return "pidfd, " + fd;
    }
}
