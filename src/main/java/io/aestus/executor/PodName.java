package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import org.jspecify.annotations.Nullable;

/**
 * What people call a pod. No two pods that live have the same name; the last one that had it keeps it until another takes it.
 * Nothing that could be the beginning of a UUID is a name, so that a word means one pod at most. Immutable.
 *
 * @param value lower-case letters, digits and hyphens as in an appc name, 63 at most, and one of them no hexadecimal digit
 */
public record PodName(String value) {
    private static final int LONGEST = 63;

    public PodName {
        if (complaint(value) != null) {
            throw new IllegalArgumentException("not a pod's name: " + value);
        }
    }

    /**
     * Reads a name.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code text} can be one
     */
    public static PodName parse(String text) {
        String complaint = complaint(text);
        if (complaint != null) {
            throw new AestusException(Problem.INVALID, "cannot name a pod " + Quoted.of(text) + ": " + complaint);
        }
        return new PodName(text);
    }

    /** Whether {@code word} can be a name; else it may be a UUID, or the beginning of one. */
    static boolean isOne(String word) {
        return complaint(word) == null;
    }

    private static @Nullable String complaint(String text) {
        boolean couldBeUuid = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isLetter = c >= 'a' && c <= 'z';
            boolean isDigit = c >= '0' && c <= '9';
            boolean isInside = i > 0 && i < text.length() - 1;
            if (!isLetter && !isDigit && !(c == '-' && isInside)) {
                return "expected lower-case letters, digits, and hyphens inside";
            }
            couldBeUuid &= !isLetter || c <= 'f';
        }
        if (text.length() > LONGEST) {
            return text.length() + " characters, " + LONGEST + " at most";
        }
        return couldBeUuid ? "it could be the beginning of a UUID" : null;
    }

    @Override
    public String toString() {
        return value;
    }
}
