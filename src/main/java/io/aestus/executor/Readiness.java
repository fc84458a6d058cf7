package io.aestus.executor;

import io.aestus.linux.Epoll;
import io.aestus.linux.Fd;
import io.aestus.linux.NewThread;
import io.aestus.linux.SyscallException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One platform thread that waits for any number of descriptors, each once. What it calls must not block: it hands on.
 */
final class Readiness implements AutoCloseable {
    private final Epoll epoll;
    private final Map<Long, Waiter> waiting = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    private Readiness(Epoll epoll, String name) {
        this.epoll = epoll;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    static Readiness open(String name) throws SyscallException {
        var readiness = new Readiness(Epoll.open(), name);
        try {
            NewThread.start(readiness.thread);
            return readiness;
        } catch (SyscallException e) {
            readiness.epoll.close();
            throw e;
        }
    }

    /** A descriptor that is waited for. Closing it ends the waiting; do so before the descriptor is closed. */
    interface Wait extends AutoCloseable {
        @Override
        void close();
    }

    /** Calls {@code then} once when {@code file} is ready. At most one wait for a descriptor at a time. */
    Wait when(Fd file, int events, Runnable then) throws SyscallException {
        long token = tokens.incrementAndGet();
        var waiter = new Waiter(file, then);
        waiting.put(token, waiter);
        try {
            epoll.add(file, events | Epoll.ONESHOT, token);
        } catch (SyscallException e) {
            waiting.remove(token);
            throw e;
        }
        return () -> {
            waiting.remove(token);
            waiter.isFirst();
        };
    }

    /** Ends once: because the descriptor is ready, or because it is not waited for any more. */
    private final class Waiter {
        private final Fd file;
        private final Runnable then;
        private boolean isOver;

        Waiter(Fd file, Runnable then) {
            this.file = file;
            this.then = then;
        }

        /** Whether it ends now. When this returns, nothing is done with the descriptor any more. */
        synchronized boolean isFirst() {
            if (isOver) {
                return false;
            }
            isOver = true;
            try {
                if (!closed) {
                    epoll.remove(file);
                }
            } catch (SyscallException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        }
    }

    private void run() {
        while (!closed) {
            try {
                for (var ready : epoll.await(Duration.ofSeconds(60))) {
                    Waiter waiter = waiting.remove(ready.token());
                    if (waiter != null && waiter.isFirst()) {
                        waiter.then.run();
                    }
                }
            } catch (SyscallException | RuntimeException e) {
                System.getLogger("io.aestus.executor").log(System.Logger.Level.ERROR, "cannot wait for events", e);
                if (closed) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            epoll.wake();
            thread.join(Duration.ofSeconds(10));
        } catch (SyscallException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        epoll.close();
    }
}
