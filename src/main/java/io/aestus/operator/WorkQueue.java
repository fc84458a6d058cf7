package io.aestus.operator;

import io.aestus.executor.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keys that need a look. A key is worked on by one thread at a time; however often it is added meanwhile, it is worked on
 * once more. Work that fails is repeated, later each time. So nothing is lost, nothing piles up: the queue is never longer
 * than there are keys.
 *
 * <p>Threads: platform threads of its own; {@link #add} may be called from any.
 */
final class WorkQueue<K> implements AutoCloseable {
    /** What is done with a key. */
    @FunctionalInterface
    interface Work<K> {
        Next on(K key) throws InterruptedException;
    }

    /** When to look again although nothing was added. */
    sealed interface Next {
        Next DONE = new Done();
        Next RETRY = new Retry();

        /** Not before something was added. */
        record Done() implements Next {}

        /** At a known time. */
        record After(Duration delay) implements Next {}

        /** Later each time, as long as the answer stays this one. */
        record Retry() implements Next {}
    }

    /** Is told of work that threw, which is a bug; it is repeated like {@link Next.Retry}. */
    @FunctionalInterface
    interface BugListener<K> {
        void threw(K key, RuntimeException bug);
    }

    /** Work that has been begun is better ended than cut off. */
    private static final Duration END_LIMIT = Duration.ofSeconds(4);

    private static final Duration INTERRUPT_LIMIT = Duration.ofSeconds(4);

    private record Due<K>(long nanos, K key) {}

    /** A key that is queued or being worked on. */
    private static final class Entry {
        /** When it is due, as {@link System#nanoTime}; null while nothing is asked for. */
        @Nullable
        Long due;

        /** Whether nothing but hints asks for that. */
        boolean isHint;

        boolean running;
        int failures;
    }

    private final Work<K> work;
    private final BugListener<K> listener;
    private final Backoff retries;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<K, Entry> entries = new HashMap<>();
    private final PriorityQueue<Due<K>> schedule = new PriorityQueue<>((a, b) -> Long.signum(a.nanos() - b.nanos()));
    private final List<Thread> threads = new ArrayList<>();
    private boolean closed;

    WorkQueue(String name, int workers, Backoff retries, Work<K> work, BugListener<K> listener) {
        this.work = work;
        this.listener = listener;
        this.retries = retries;
        for (int i = 0; i < workers; i++) {
            threads.add(Thread.ofPlatform().name(name + "-" + i).daemon().unstarted(this::serve));
        }
    }

    /** Starts the workers; keys may have been added before. */
    void start() {
        threads.forEach(Thread::start);
    }

    /** Asks for a look at {@code key} now. */
    void add(K key) {
        add(key, Duration.ZERO);
    }

    /** Asks for a look at {@code key} after {@code delay}, or earlier if that was asked for already. */
    void add(K key, Duration delay) {
        lock.lock();
        try {
            Entry entry = entries.computeIfAbsent(key, _ -> new Entry());
            entry.isHint = false;
            schedule(key, entry, delay);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks for a look at {@code key} because something happened to what was made of it. Work that fails stirs things up itself,
     * by what it began and undid: so this hastens no retry.
     */
    void hint(K key) {
        lock.lock();
        try {
            Entry entry = entries.computeIfAbsent(key, _ -> new Entry());
            if (entry.due == null) {
                entry.isHint = true;
                schedule(key, entry, Duration.ZERO);
            }
        } finally {
            lock.unlock();
        }
    }

    private void schedule(K key, Entry entry, Duration delay) {
        long due = System.nanoTime() + delay.toNanos();
        if (entry.due == null || due - entry.due < 0) {
            entry.due = due;
            schedule.add(new Due<>(due, key));
            changed.signalAll();
        }
    }

    private void serve() {
        try {
            while (true) {
                K key = take();
                if (key == null) {
                    return;
                }
                finish(key, attempt(key));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private @Nullable K take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                Due<K> next = schedule.peek();
                if (next == null) {
                    changed.await();
                    continue;
                }
                long wait = next.nanos() - System.nanoTime();
                if (wait > 0) {
                    changed.awaitNanos(wait);
                    continue;
                }
                schedule.remove();
                Entry entry = entries.get(next.key());
                if (entry != null && !entry.running && entry.due != null && entry.due == next.nanos()) {
                    entry.due = null;
                    entry.running = true;
                    return next.key();
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private Next attempt(K key) throws InterruptedException {
        try {
            return work.on(key);
        } catch (RuntimeException e) {
            listener.threw(key, e);
            return Next.RETRY;
        }
    }

    private void finish(K key, Next next) {
        lock.lock();
        try {
            Entry entry = entries.get(key);
            if (entry == null) {
                throw new IllegalStateException("not worked on: " + key);
            }
            entry.running = false;
            if (next instanceof Next.Retry && entry.isHint) {
                entry.due = null;
            }
            entry.isHint = false;
            if (entry.due != null) { // added meanwhile, and perhaps passed over
                schedule.add(new Due<>(entry.due, key));
                changed.signalAll();
            }
            entry.failures = next instanceof Next.Retry ? entry.failures + 1 : 0;
            switch (next) {
                case Next.Done() -> {}
                case Next.After(Duration delay) -> schedule(key, entry, delay);
                case Next.Retry() -> schedule(key, entry, retries.after(entry.failures));
            }
            if (entry.due == null) {
                entries.remove(key);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Begins nothing more and waits a while for what is under way; then interrupts it. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (!join(END_LIMIT)) {
                threads.forEach(Thread::interrupt);
                join(INTERRUPT_LIMIT);
            }
        } catch (InterruptedException e) {
            threads.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
        }
    }

    private boolean join(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (Thread thread : threads) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
        }
        return threads.stream().noneMatch(Thread::isAlive);
    }
}
