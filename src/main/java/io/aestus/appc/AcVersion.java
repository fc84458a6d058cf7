package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonView;
import io.aestus.json.MalformedException;
import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * The version of the specification that a manifest follows, in Semantic Versioning 2.0.0.
 *
 * @param suffix pre-release and build with their signs, as in {@code +git}; mostly empty
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/types.md#ac-version-type">appc: AC Version</a>
 */
public record AcVersion(int major, int minor, int patch, String suffix) {
    /** What we write, and the newest that we know whole. */
    public static final AcVersion CURRENT = new AcVersion(0, 8, 11, "");

    private static final String NUMBER = "(0|[1-9][0-9]{0,8})";
    private static final String PRE_RELEASE = "-(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
            + "(?:\\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*+";
    private static final String BUILD = "\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*+";
    private static final Pattern WHOLE =
            Pattern.compile(NUMBER + "\\." + NUMBER + "\\." + NUMBER + "((?:" + PRE_RELEASE + ")?(?:" + BUILD + ")?)");

    /**
     * Reads a version.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code text} is a semantic version other than 0.0.0
     */
    public static AcVersion parse(String text) {
        var whole = WHOLE.matcher(text);
        if (text.length() > 128 || !whole.matches()) {
            throw new MalformedException("version", text, "must be a semantic version such as " + CURRENT);
        }
        var version = new AcVersion(
                Integer.parseInt(whole.group(1)),
                Integer.parseInt(whole.group(2)),
                Integer.parseInt(whole.group(3)),
                whole.group(4));
        if (version.major == 0 && version.minor == 0 && version.patch == 0) {
            throw new MalformedException("version", text, "must not be zero");
        }
        return version;
    }

    /** The version of a manifest. Newer minor versions are read, another major version is another language. */
    static AcVersion readFrom(JsonView manifest) {
        JsonView view = manifest.required("acVersion");
        AcVersion version = view.parsed(AcVersion::parse);
        if (version.major != CURRENT.major) {
            throw view.failure("must have the major version " + CURRENT.major + ", not " + version);
        }
        return version;
    }

    /** True if it comes after {@code other}; suffixes do not count. */
    boolean isNewerThan(AcVersion other) {
        return Comparator.comparingInt(AcVersion::major)
                        .thenComparingInt(AcVersion::minor)
                        .thenComparingInt(AcVersion::patch)
                        .compare(this, other)
                > 0;
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch + suffix;
    }
}
