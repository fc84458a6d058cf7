package io.aestus.executor;

import java.time.Instant;
import java.util.Optional;

/**
 * Which lines of a log.
 *
 * @param tail only that many of the last lines that are there now; −1 for all
 * @param since none from before
 */
public record LogQuery(Mode mode, long tail, Optional<Instant> since) {
    /** What comes after the last line that is there now. */
    public enum Mode {
        /** Nothing. */
        READ,
        /** What the app writes from then on, until it ends. */
        FOLLOW
    }

    public static LogQuery all() {
        return new LogQuery(Mode.READ, -1, Optional.empty());
    }

    public LogQuery following() {
        return new LogQuery(Mode.FOLLOW, tail, since);
    }

    public LogQuery last(long lines) {
        return new LogQuery(mode, lines, since);
    }

    public LogQuery since(Instant instant) {
        return new LogQuery(mode, tail, Optional.of(instant));
    }
}
