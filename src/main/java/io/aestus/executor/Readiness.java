package io.aestus.executor;

import io.aestus.linux.Epoll;
import io.aestus.linux.Fd;
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
    private final Map<Long, Runnable> waiting = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    private Readiness(Epoll epoll, String name) {
        this.epoll = epoll;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    static Readiness open(String name) throws SyscallException {
        var readiness = new Readiness(Epoll.open(), name);
        readiness.thread.start();
        return readiness;
    }

    /** A descriptor that is waited for. Closing it ends the waiting; do so before the descriptor is closed. */
    interface Wait extends AutoCloseable {
        @Override
        void close();
    }

    /** Calls {@code then} once when {@code file} is ready. */
    Wait when(Fd file, int events, Runnable then) throws SyscallException {
        long token = tokens.incrementAndGet();
        waiting.put(token, () -> {
            stopWatching(file);
            then.run();
        });
        try {
            epoll.add(file, events | Epoll.ONESHOT, token);
        } catch (SyscallException e) {
            waiting.remove(token);
            throw e;
        }
        return () -> {
            if (waiting.remove(token) != null) {
                stopWatching(file);
            }
        };
    }

    private void stopWatching(Fd file) {
        try {
            if (!closed && file.isOpen()) {
                epoll.remove(file);
            }
        } catch (SyscallException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run() {
        while (!closed) {
            try {
                for (var ready : epoll.await(Duration.ofSeconds(60))) {
                    Runnable then = waiting.remove(ready.token());
                    if (then != null) {
                        then.run();
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
