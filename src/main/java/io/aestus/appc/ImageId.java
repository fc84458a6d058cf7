package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.MalformedException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The identity of an image: the SHA-512 of its archive, uncompressed. Names and labels decide nothing. Immutable.
 *
 * @param hex 128 lower-case hexadecimal digits
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/types.md#image-id-type">appc: Image ID</a>
 */
public record ImageId(String hex) implements Comparable<ImageId> {
    /** What every image ID begins with: the only algorithm there is. */
    public static final String PREFIX = "sha512-";

    private static final int SHORT_DIGITS = 12;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{128}");
    private static final Pattern WHOLE = Pattern.compile(PREFIX + "([0-9a-fA-F]{128})");

    public ImageId {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("not a SHA-512: " + hex);
        }
    }

    /**
     * Reads an ID.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code text} is a whole ID
     */
    public static ImageId parse(String text) {
        var whole = WHOLE.matcher(text);
        if (!whole.matches()) {
            throw new MalformedException("image ID", text, "must be sha512- and 128 hexadecimal digits");
        }
        return new ImageId(whole.group(1).toLowerCase(Locale.ROOT));
    }

    /** The ID of an archive with this SHA-512. */
    public static ImageId of(byte[] sha512) {
        return new ImageId(HexFormat.of().formatHex(sha512));
    }

    /** The first {@value #SHORT_DIGITS} digits behind the prefix: for tables and logs, never to decide by. */
    public String abbreviated() {
        return PREFIX + hex.substring(0, SHORT_DIGITS);
    }

    @Override
    public int compareTo(ImageId other) {
        return hex.compareTo(other.hex);
    }

    /** As it stands in manifests and on disk: {@code sha512-…}. */
    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
