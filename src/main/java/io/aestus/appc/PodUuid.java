package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.MalformedException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;

/**
 * What a pod is called, whatever else it is named.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#pod-uuid">appc: Pod UUID</a>
 */
public record PodUuid(UUID value) implements Comparable<PodUuid> {
    private static final int SHORT_DIGITS = 8;
    private static final int CHARACTERS = 36;

    public static PodUuid random() {
        return new PodUuid(UUID.randomUUID());
    }

    /**
     * Reads a UUID.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code text} is a whole UUID in RFC 4122's form
     */
    public static PodUuid parse(String text) {
        if (!isOne(text)) {
            throw new MalformedException("pod UUID", text, "must be a UUID of 36 characters");
        }
        return new PodUuid(UUID.fromString(text.toLowerCase(Locale.ROOT)));
    }

    /** Whether that is a UUID as {@link #parse} takes it. */
    public static boolean isOne(String text) {
        boolean isOne = text.length() == CHARACTERS;
        for (int i = 0; isOne && i < CHARACTERS; i++) {
            char c = text.charAt(i);
            boolean isDash = i == 8 || i == 13 || i == 18 || i == 23;
            isOne = isDash ? c == '-' : HexFormat.isHexDigit(c);
        }
        return isOne;
    }

    /** The first {@value #SHORT_DIGITS} digits: for tables. */
    public String abbreviated() {
        return toString().substring(0, SHORT_DIGITS);
    }

    /** In the order of the text, so that prefixes stand together. */
    @Override
    public int compareTo(PodUuid other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
