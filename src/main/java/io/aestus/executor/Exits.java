package io.aestus.executor;

import io.aestus.linux.Epoll;
import io.aestus.linux.Errno;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessExit;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells how processes end: those of this process's making by reaping them, others by what the kernel remembers of them.
 *
 * <p>A process that another one made is reaped by that one, or by init when it is gone. Until then it is a zombie, whose
 * {@code stat} has its exit status; after that the kernel tells it to whoever has a pidfd from before (Linux 6.15). An older
 * kernel forgets: there an {@link ExitKeeper} remembers, and if it cannot, the answer is unknown.
 */
final class Exits {
    /** A process is readable in epoll a moment before its parent has reaped it, and then is neither zombie nor remembered. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);

    private static final int LOOKS = 400;

    private final Readiness readiness;
    private final Workers workers;
    private final Optional<ExitKeeper> keeper;

    /** @param keeper empty where the kernel remembers */
    Exits(Readiness readiness, Workers workers, Optional<ExitKeeper> keeper) {
        this.readiness = readiness;
        this.workers = workers;
        this.keeper = keeper;
    }

    /** Has an app's end be remembered for whoever looks after it then: from before anybody counts on that. */
    void remember(long pid, PidFd process) {
        if (keeper.isPresent()) {
            keeper.get().watch(pid, process);
        }
    }

    /** Has the end of an app be remembered no longer, since it is recorded. */
    void forget(long pid) {
        if (keeper.isPresent()) {
            keeper.get().forget(pid);
        }
    }

    /**
     * Forgets what a process that died could not.
     *
     * @param needed the processes whose end is still of interest
     */
    void retain(Needed needed) throws IOException {
        if (keeper.isPresent()) {
            keeper.get().retain(needed);
        }
    }

    /** Whose ends are still of interest, as it is on disk now. */
    @FunctionalInterface
    interface Needed {
        Set<Long> pids() throws IOException;
    }

    /** A process whose end is waited for. */
    record Watch(CompletableFuture<ExitStatus> ended, Readiness.Wait waiting) implements AutoCloseable {
        /** Stops waiting; the process goes on. */
        @Override
        public void close() {
            waiting.close();
        }
    }

    /**
     * Waits for the end of a process on a thread of the executor's, and completes there, or on one of its workers when it is not
     * known at once. What depends on it must hand on.
     *
     * @param process stays the caller's, and open until the end or until the watch is closed
     */
    Watch watch(PidFd process, ProcessIdentity identity) throws SyscallException {
        var ended = new CompletableFuture<ExitStatus>();
        var waiting = readiness.when(process.fd(), Epoll.IN, () -> reaped(process)
                .ifPresentOrElse(
                        ended::complete,
                        () -> workers.start(() -> ended.complete(how(process, identity, LOOKS, ended)))));
        return new Watch(ended, waiting);
    }

    /** What a child of this process says itself, without waiting. */
    private static Optional<ExitStatus> reaped(PidFd process) {
        try {
            return process.tryReap().map(Exits::status);
        } catch (SyscallException notOurChild) {
            return Optional.empty();
        }
    }

    private ExitStatus how(PidFd process, ProcessIdentity identity, int looks, CompletableFuture<ExitStatus> ended) {
        try {
            for (int look = 0; look < looks && !ended.isDone(); look++) {
                var exit = find(process, identity, keeper);
                if (exit.isPresent()) {
                    return exit.get();
                }
                TimeUnit.NANOSECONDS.sleep(BETWEEN_LOOKS.toNanos());
            }
            return ExitStatus.unknown("it ended while nobody watched, and nobody remembers how");
        } catch (IOException e) {
            return ExitStatus.unknown("cannot tell how it ended: " + e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitStatus.unknown("interrupted while looking how it ended");
        }
    }

    /** How a process ended, if it has and somebody knows. */
    private static Optional<ExitStatus> find(PidFd process, ProcessIdentity identity, Optional<ExitKeeper> keeper)
            throws IOException {
        try {
            var reaped = process.tryReap();
            if (reaped.isPresent()) {
                return reaped.map(Exits::status);
            }
        } catch (SyscallException e) {
            if (e.errno() != Errno.ECHILD) {
                throw e;
            }
        }
        var remembered = keeper.isPresent() ? keeper.get().ended(identity.pid()) : process.exitInfo();
        return remembered.isPresent()
                ? remembered.map(Exits::status)
                : zombie(identity).map(Exits::status);
    }

    /**
     * How a process ended that has, whoever has still to reap it.
     *
     * @param identity empty if it was gone before anybody could ask
     */
    static ExitStatus await(PidFd process, Optional<ProcessIdentity> identity) throws IOException {
        long deadline = System.nanoTime() + BETWEEN_LOOKS.multipliedBy(LOOKS).toNanos();
        while (System.nanoTime() < deadline) {
            var known = identity.isPresent()
                    ? find(process, identity.get(), Optional.empty())
                    : process.exitInfo().map(Exits::status);
            if (known.isPresent()) {
                return known.get();
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
        return ExitStatus.unknown("nobody has reaped it");
    }

    private static Optional<ProcessExit> zombie(ProcessIdentity identity) throws IOException {
        return identity.stat().filter(stat -> stat.state() == 'Z').map(stat -> ProcessExit.ofStatus(stat.exitStatus()));
    }

    static ExitStatus status(ProcessExit exit) {
        return switch (exit) {
            case ProcessExit.Code code -> ExitStatus.ofCode(code.code());
            case ProcessExit.Signal signal ->
                new ExitStatus(new ExitStatus.Ending.Signal(signal.signal(), signal.core()), false);
        };
    }
}
