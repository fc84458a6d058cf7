package io.aestus.executor;

import java.time.Duration;

/** Lets work begin until it is closed, and then waits for what has begun. */
final class Turnstile {
    private int inside;
    private boolean isClosed;

    /** Whether work may begin; then {@link #leave} when it is done. */
    synchronized boolean enter() {
        if (!isClosed) {
            inside++;
        }
        return !isClosed;
    }

    synchronized void leave() {
        inside--;
        notifyAll();
    }

    /** Nothing begins from here on. Waits until nothing goes on, so long at most. */
    synchronized void close(Duration patience) {
        isClosed = true;
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            for (long left = patience.toMillis(); inside > 0 && left > 0; ) {
                wait(left);
                left = (deadline - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
