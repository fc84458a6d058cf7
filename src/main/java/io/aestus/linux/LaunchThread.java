package io.aestus.linux;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * A platform thread on which children are cloned. That may take it into a foreign namespace, from which it must start nothing
 * and wake nobody: so it says whether it is back, and if it is not it ends at once, which wakes who waits for it. One that is
 * back waits for the next launch, for a while: starting a thread takes as long as a good part of a launch.
 */
final class LaunchThread {
    private static final Duration LONGEST_IDLE = Duration.ofSeconds(60);
    private static final ConcurrentLinkedDeque<LaunchThread> IDLE = new ConcurrentLinkedDeque<>();

    /** What is done on it. */
    @FunctionalInterface
    interface Work {
        /** Does it. @return whether the thread may be used again: it is in this process's own namespaces */
        boolean run();
    }

    /** Its monitor guards what follows; whoever waits there is also woken by the thread's end. */
    private final Thread thread;

    private @Nullable Work work;

    private LaunchThread(Work work) {
        this.work = work;
        this.thread = Thread.ofPlatform()
                .name("launch")
                .daemon()
                .inheritInheritableThreadLocals(false)
                .unstarted(() -> loop(work));
    }

    /** Has something done on such a thread. */
    static LaunchThread start(Work work) throws SyscallException {
        LaunchThread idle = IDLE.pollLast();
        if (idle == null) {
            return startNew(work);
        }
        synchronized (idle.thread) {
            idle.work = work;
            idle.thread.notifyAll();
        }
        return idle;
    }

    /** The same on a thread that has no children yet. */
    static LaunchThread startNew(Work work) throws SyscallException {
        var fresh = new LaunchThread(work);
        NewThread.start(fresh.thread);
        return fresh;
    }

    private void loop(Work first) {
        Work next = first;
        while (next != null && next.run()) {
            next = rest();
        }
    }

    private @Nullable Work rest() {
        synchronized (thread) {
            work = null;
            thread.notifyAll();
            IDLE.addLast(this);
            while (work == null) {
                if (!await(System.nanoTime() + LONGEST_IDLE.toNanos()) && IDLE.remove(this)) {
                    return null;
                }
            }
            return work;
        }
    }

    /** Waits until something changes. @return false if time is over */
    private boolean await(long deadline) {
        try {
            long left = deadline - System.nanoTime();
            thread.wait(Math.max(1, left / 1_000_000));
            return System.nanoTime() < deadline;
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody knows this thread", e);
        }
    }

    /** Waits until it has done that. @return false if it goes on after {@code limit} */
    boolean join(Work what, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        synchronized (thread) {
            while (work == what && thread.isAlive()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                thread.wait(left / 1_000_000, (int) (left % 1_000_000));
            }
            return true;
        }
    }
}
