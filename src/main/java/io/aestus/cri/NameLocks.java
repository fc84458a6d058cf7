package io.aestus.cri;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds the name of what is being made. Who asks for the same name again, as the kubelet does after a deadline, waits until the first
 * attempt is through and then finds what it made.
 */
final class NameLocks {
    private final Map<Object, Held> held = new HashMap<>();

    private static final class Held {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }

    /** To be closed by the same thread. */
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits for the name. */
    Hold hold(Object name) throws InterruptedException {
        Held entry;
        synchronized (held) {
            entry = held.computeIfAbsent(name, _ -> new Held());
            entry.users++;
        }
        try {
            entry.lock.lockInterruptibly();
        } catch (InterruptedException e) {
            leave(name, entry);
            throw e;
        }
        return () -> {
            entry.lock.unlock();
            leave(name, entry);
        };
    }

    private void leave(Object name, Held entry) {
        synchronized (held) {
            if (--entry.users == 0) {
                held.remove(name);
            }
        }
    }
}
