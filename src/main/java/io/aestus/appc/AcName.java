package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.MalformedException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of an app, a volume, a port or a mount point: {@code reduce-worker}. As with {@link AcIdentifier}, doubled
 * hyphens are read although the grammar forbids them.
 *
 * @param value lower-case letters, digits and hyphens, beginning and ending with a letter or digit
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/types.md#ac-name-type">appc: AC Name</a>
 */
public record AcName(String value) implements Comparable<AcName> {
    private static final Pattern READ = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

    public AcName {
        if (!READ.matcher(value).matches()) {
            throw new IllegalArgumentException("not an AC Name: " + value);
        }
    }

    /** As a record's own, which the JDK would make anew, slowly, in each process: most commands put a name into a map. */
    @Override
    public int hashCode() {
        return value.hashCode();
    }

    /**
     * Reads a name.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code text} is an AC Name
     */
    public static AcName parse(String text) {
        if (!READ.matcher(text).matches()) {
            throw new MalformedException("name", text, "must be lower-case letters and digits, separated by hyphens");
        }
        return new AcName(text);
    }

    /**
     * The nearest AC Name of a free text: capitals made small, anything foreign a hyphen.
     *
     * @throws AestusException {@link Problem#INVALID} if no letter or digit is left
     */
    public static AcName sanitized(String text) {
        String name =
                text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        if (name.isEmpty()) {
            throw new MalformedException("name", text, "must have a letter or digit");
        }
        return new AcName(name);
    }

    /** The name an app gets when nobody names it: the last segment of its image's name. */
    public static AcName forImage(AcIdentifier image) {
        return sanitized(image.lastSegment());
    }

    /** True if it is in the specification's grammar to the letter: what we write ourselves must be. */
    public boolean isCanonical() {
        return !value.contains("--");
    }

    @Override
    public int compareTo(AcName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
