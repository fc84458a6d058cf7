package io.aestus.fetch;

import java.util.OptionalLong;

/**
 * Told how far a fetch is. Called from the threads that fetch, one at a time for one image, at most ten times a second and
 * at each change of phase; it should return at once and must not throw.
 */
public interface Progress {
    /** Listens to nothing. */
    Progress NONE = _ -> {};

    void update(Report now);

    /** Something the operator should know though the fetch goes on: a place that failed, a check that was given up. */
    default void notice(String line) {}

    /** What is being done. */
    enum Phase {
        /** Asking where the image is. */
        DISCOVERING,
        /** Another process fetches the same image. */
        WAITING,
        /** Fetching signature and keys. */
        TRUSTING,
        /** Bytes arrive, and are checked and unpacked while they do. */
        RECEIVING,
        /** The image is in the store. */
        DONE
    }

    /**
     * A moment of a fetch. Immutable.
     *
     * @param image as it was asked for
     * @param received bytes of the archive so far
     * @param total bytes of the archive, if known
     * @param bytesPerSecond over the last seconds; 0 if nothing moves
     */
    record Report(String image, Phase phase, long received, OptionalLong total, long bytesPerSecond) {}
}
