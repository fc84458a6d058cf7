package io.aestus.executor;

/**
 * When a log is put aside and how many are kept.
 *
 * @param limitBytes a log that has reached this size is renamed to {@code log.1} before the next line
 * @param keep how many files there are at most, the current one included
 */
public record LogRotation(long limitBytes, int keep) {
    /** 10 MiB, five files: what the kubelet does by default. */
    public static final LogRotation DEFAULT = new LogRotation(10L << 20, 5);

    public LogRotation {
        if (limitBytes < 1) throw new IllegalArgumentException("log limit below one byte: " + limitBytes);
        if (keep < 1) throw new IllegalArgumentException("fewer than one log kept: " + keep);
    }
}
