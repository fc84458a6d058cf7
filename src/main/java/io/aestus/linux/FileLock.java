package io.aestus.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock on a file or directory, by flock(2): it belongs to the open file, not to the process as a FileChannel's does, so
 * closing another descriptor of the file does not lose it, and two threads exclude each other as two processes do. It ends
 * with {@link #close} or with the process. The file is made if missing and never removed by this.
 */
public final class FileLock implements AutoCloseable {
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int LOCK_UN = 8;
    private static final int AT_FDCWD = -100;
    private static final long FIRST_PAUSE = Duration.ofMillis(1).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofMillis(50).toNanos();

    /** Who may hold it at the same time. */
    public enum Kind {
        /** Others that are shared too. */
        SHARED(LOCK_SH),
        /** Nobody else. */
        EXCLUSIVE(LOCK_EX);

        private final int operation;

        Kind(int operation) {
            this.operation = operation;
        }
    }

    private final Fd file;
    private final AtomicBoolean held = new AtomicBoolean(true);

    private FileLock(Fd file) {
        this.file = file;
    }

    /** The descriptor that holds it; still owned by this. */
    Fd file() {
        return file;
    }

    /** Takes it at once or not at all. @return empty if someone holds it in a way that excludes this */
    public static Optional<FileLock> tryAcquire(Path path, Kind kind) throws SyscallException {
        while (true) {
            Fd file = open(path);
            try {
                if (!lock(file, kind, path)) {
                    file.close();
                    return Optional.empty();
                }
                if (file.status().links() > 0) {
                    return Optional.of(new FileLock(file));
                }
                file.close(); // removed between open and lock: whoever comes next makes another file
            } catch (SyscallException e) {
                file.close();
                throw e;
            }
        }
    }

    /**
     * Waits for it, asking again at growing intervals up to 50 ms; safe on virtual threads too, since no call blocks.
     *
     * @return empty if the time is over or the thread was interrupted, which it then still is
     */
    public static Optional<FileLock> acquire(Path path, Kind kind, Duration limit) throws SyscallException {
        long deadline = System.nanoTime() + limit.toNanos();
        long pause = FIRST_PAUSE;
        while (true) {
            Optional<FileLock> lock = tryAcquire(path, kind);
            long left = deadline - System.nanoTime();
            if (lock.isPresent() || left <= 0 || Thread.currentThread().isInterrupted()) {
                return lock;
            }
            LockSupport.parkNanos(Math.min(left, pause));
            pause = Math.min(pause * 2, LONGEST_PAUSE);
        }
    }

    /**
     * Changes the kind without letting go, as far as the kernel can: going from shared to exclusive, another may come in
     * between.
     *
     * @return false if others hold it, and then this may hold nothing any more: close it
     */
    public boolean tryConvert(Kind kind) throws SyscallException {
        return lock(file, kind, file.path());
    }

    private static Fd open(Path path) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = FileName.cString(arena, path.toString());
            int flags = Open.O_CLOEXEC | Open.O_NOCTTY;
            Result result = Libc.retrying(Syscall.OPENAT, AT_FDCWD, name.address(), flags | Open.O_CREAT, 0600);
            if (result.failedWith(Errno.EISDIR)) {
                result = Libc.retrying(Syscall.OPENAT, AT_FDCWD, name.address(), flags, 0);
            }
            return Fd.owning(result.orThrow("open lock " + path));
        }
    }

    private static boolean lock(Fd file, Kind kind, Path shown) throws SyscallException {
        Result result = Libc.retrying(Syscall.FLOCK, file.number(), kind.operation | LOCK_NB, 0, 0);
        if (result.failedWith(Errno.EAGAIN)) {
            return false;
        }
        result.orThrow("lock " + shown);
        return true;
    }

    /**
     * Lets go, and says so to the kernel: closing alone is not enough while a process is being launched, which has copies of
     * all descriptors until it executes.
     */
    @Override
    public void close() {
        if (held.compareAndSet(true, false)) {
            Libc.retrying(Syscall.FLOCK, file.number(), LOCK_UN, 0, 0); // fails for nothing that is a descriptor
            file.close();
        }
    }
}
