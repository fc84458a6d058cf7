package io.aestus.executor;

import java.time.Duration;

/**
 * How long to wait before the next attempt: twice as long each time, up to a limit. Immutable.
 *
 * @param first before the second attempt
 * @param limit never longer than this
 */
public record Backoff(Duration first, Duration limit) {
    /** Between restarts of an app, as a kubelet does it. */
    public static final Backoff RESTARTS = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    /** Between attempts to do what failed. */
    public static final Backoff RETRIES = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

    public Backoff {
        if (first.isNegative() || first.isZero() || limit.compareTo(first) < 0) {
            throw new IllegalArgumentException("first " + first + ", limit " + limit);
        }
    }

    /**
     * The next wait.
     *
     * @param failures so far, in a row; after none there is nothing to wait for
     */
    public Duration after(int failures) {
        if (failures <= 0) {
            return Duration.ZERO;
        }
        Duration wait = first;
        for (int i = 1; i < failures && wait.compareTo(limit) < 0; i++) {
            wait = wait.multipliedBy(2);
        }
        return wait.compareTo(limit) < 0 ? wait : limit;
    }
}
