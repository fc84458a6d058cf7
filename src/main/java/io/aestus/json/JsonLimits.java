package io.aestus.json;

/**
 * How much a reader takes.
 *
 * @param bytes the longest text, in bytes
 * @param depth the most arrays and objects inside each other
 */
public record JsonLimits(int bytes, int depth) {
    /** 1 MiB, 64 levels: enough for any manifest that a human or a tool wrote. */
    public static final JsonLimits DEFAULT = new JsonLimits(1 << 20, 64);

    public JsonLimits {
        if (bytes < 1 || depth < 1 || depth > 512) { // the reader recurses: 512 levels fit any stack
            throw new IllegalArgumentException("impossible limits: " + bytes + " bytes, depth " + depth);
        }
    }
}
