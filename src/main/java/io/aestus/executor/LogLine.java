package io.aestus.executor;

import java.time.Instant;

/**
 * A line of an app's log.
 *
 * @param at when it was read from the app
 * @param isPartial whether the line goes on in the next entry of the same stream
 * @param text the bytes the app wrote, without the line's end
 */
@SuppressWarnings("ArrayRecordComponent") // what an app writes is bytes; entries are handed on, never compared
public record LogLine(Instant at, Stream stream, boolean isPartial, byte[] text) {
    /** Where the app wrote it. */
    public enum Stream {
        STDOUT,
        STDERR
    }
}
