package io.aestus.client;

import java.time.Instant;
import java.util.Optional;

/**
 * How a container fares.
 *
 * @param startedAt if it ever was
 * @param end if it ended
 * @param logPath on the node; empty if nothing is kept
 */
public record ContainerReport(
        String id,
        String name,
        Container.State state,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<End> end,
        String logPath) {
    /**
     * How it ended.
     *
     * @param code 128 + n for signal n
     * @param reason one word: {@code Completed}, {@code Error}, {@code OOMKilled} …
     * @param message for people; may be empty
     */
    public record End(Instant at, int code, String reason, String message) {}
}
