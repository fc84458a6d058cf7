package io.aestus.executor;

/**
 * How a volume of the host is mounted into an app, where that is not as usual.
 *
 * @param path where the app sees it
 * @param propagation what becomes of mounts that are made later
 * @param below what the app may do in mounts below a volume that is read-only
 */
public record Mounting(String path, Propagation propagation, Below below) {
    /** What becomes of mounts that are made in a volume later. */
    public enum Propagation {
        /** Host and app each have their own. As usual. */
        NONE,
        /** The app sees those that the host makes. */
        FROM_HOST,
        /** Each sees those of the other; an app that may mount at all mounts for the host then. */
        BOTH_WAYS
    }

    /** What an app may do in mounts below a volume that is read-only. */
    public enum Below {
        /** Read. As usual. */
        READ_ONLY,
        /** What it could do if the volume were not read-only. */
        AS_IT_IS
    }

    /** As usual. */
    static Mounting usual(String path) {
        return new Mounting(path, Propagation.NONE, Below.READ_ONLY);
    }
}
