package io.aestus.executor;

import java.time.Duration;

/**
 * Which pods nobody needs any more.
 *
 * @param grace how long an exited pod is kept after its end; aborted ones go at once
 * @param expirePrepared how long a prepared pod waits for its start
 */
public record GcOptions(Duration grace, Duration expirePrepared) {
    /** Half an hour and a day. */
    public static final GcOptions DEFAULT = new GcOptions(Duration.ofMinutes(30), Duration.ofHours(24));
}
