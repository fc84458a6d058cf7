package io.aestus.fetch;

import java.time.Duration;
import java.util.Optional;

/**
 * What a server may cost us. Everything it sends is bounded in size and time.
 *
 * @param imageBytes of an archive as delivered
 * @param connect time for one TCP connection
 * @param stall a transfer that brings less than {@value #STALL_BYTES} bytes in this time is broken off and taken up again
 * @param whole time for one archive, all its attempts together
 * @param attempts in a row without a byte of progress
 * @param firstDelay before the second attempt; doubled before each further one
 */
public record FetchLimits(
        long imageBytes, Duration connect, Duration stall, Duration whole, int attempts, Duration firstDelay) {
    static final int STALL_BYTES = 1024;
    static final int PAGE_BYTES = 1 << 20;
    static final int SIGNATURE_BYTES = 256 << 10;
    static final int REDIRECTS = 10;
    static final int DEPENDENCY_DEPTH = 64;
    static final int DEPENDENCY_IMAGES = 1024;
    static final Duration LONGEST_DELAY = Duration.ofSeconds(30);

    public static final FetchLimits STANDARD = new FetchLimits(
            32L << 30, Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofHours(6), 5, Duration.ofMillis(250));

    public FetchLimits {
        if (imageBytes <= 0 || attempts <= 0) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }

    /** The same with another time for one TCP connection, if one is given. */
    FetchLimits dialing(Optional<Duration> most) {
        return most.map(limit -> new FetchLimits(imageBytes, limit, stall, whole, attempts, firstDelay))
                .orElse(this);
    }

    /** How long to wait after {@code failures} failures in a row. */
    Duration delayAfter(int failures) {
        Duration delay = firstDelay.multipliedBy(1L << Math.min(failures - 1, 16));
        return delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY;
    }
}
