package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.MalformedException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image, a label, an annotation or an isolator: {@code example.com/web}. Names in use have doubled
 * separators, such as {@code a--b}, which the specification's grammar forbids and its own code allows: they are read, and
 * {@link #isCanonical} tells them apart.
 *
 * @param value lower-case letters, digits and {@code - . _ ~ /}, beginning and ending with a letter or digit
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/types.md#ac-identifier-type">appc: AC Identifier</a>
 */
public record AcIdentifier(String value) implements Comparable<AcIdentifier> {
    private static final Pattern READ = Pattern.compile("[a-z0-9]([-._~/a-z0-9]*[a-z0-9])?");
    private static final Pattern DOUBLED = Pattern.compile("[-._~/]{2}");

    public AcIdentifier {
        if (!READ.matcher(value).matches()) {
            throw new IllegalArgumentException("not an AC Identifier: " + value);
        }
    }

    /**
     * Reads an identifier.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code text} is an AC Identifier
     */
    public static AcIdentifier parse(String text) {
        return parse(text, "identifier");
    }

    static AcIdentifier parse(String text, String what) {
        if (!READ.matcher(text).matches()) {
            throw new MalformedException(
                    what, text, "must be lower-case letters and digits, separated by any of - . _ ~ /");
        }
        return new AcIdentifier(text);
    }

    // What a record does by itself is spun anew in each process: these two are on the way of every short command.

    @Override
    public boolean equals(Object other) {
        return other instanceof AcIdentifier identifier && value.equals(identifier.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    /** True if it is in the specification's grammar to the letter: what we write ourselves must be. */
    public boolean isCanonical() {
        return !DOUBLED.matcher(value).find();
    }

    /** What stands before the first slash: the host to ask, if this is an image's name. */
    public String host() {
        int slash = value.indexOf('/');
        return slash < 0 ? value : value.substring(0, slash);
    }

    /** What stands behind the last slash. */
    public String lastSegment() {
        return value.substring(value.lastIndexOf('/') + 1);
    }

    /** The name without its last segment, or empty if it has one segment only. */
    public Optional<AcIdentifier> parent() {
        int end = value.lastIndexOf('/');
        while (end > 0 && value.charAt(end - 1) == '/') {
            end--; // a//b lies below a
        }
        return end <= 0 || !READ.matcher(value.substring(0, end)).matches()
                ? Optional.empty()
                : Optional.of(new AcIdentifier(value.substring(0, end)));
    }

    /** True if {@code other} is this name or lies below it: {@code example.com} covers {@code example.com/web} only so. */
    public boolean covers(AcIdentifier other) {
        return other.value.equals(value) || other.value.startsWith(value + "/");
    }

    @Override
    public int compareTo(AcIdentifier other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
