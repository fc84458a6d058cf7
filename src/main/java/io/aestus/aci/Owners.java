package io.aestus.aci;

/** Whose the files are that are written: what becomes of the number of a user or group. */
@FunctionalInterface
public interface Owners {
    /** As they are. */
    Owners KEPT = id -> id;

    /** All root's. */
    Owners ROOT = _ -> 0;

    /** Who has no number on the other side. */
    int NOBODY = 65534;

    /** The number to write. */
    int of(int id);

    /**
     * From the host's view of a user namespace to the view from inside. What is outside of it has its number already: it
     * comes from an image, whose numbers are those inside.
     *
     * @param base the host's number of the namespace's 0
     * @param count how many numbers it has
     */
    static Owners seenInside(int base, int count) {
        return id -> Integer.compareUnsigned(id - base, count) < 0 ? id - base : id;
    }

    /** From the view inside a user namespace to the host's. Who has no number inside becomes nobody there. */
    static Owners seenOutside(int base, int count) {
        return id -> id >= 0 && id < count ? base + id : base + Math.min(NOBODY, count - 1);
    }
}
