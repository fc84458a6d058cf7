package io.aestus.trust;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The identity of an OpenPGP key: a hash of its public part and creation time. Immutable.
 *
 * @param hex 40 lower-case hexadecimal digits (version 4 keys) or 64 (version 6)
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9580#section-5.5.4">RFC 9580: key IDs and fingerprints</a>
 */
public record Fingerprint(String hex) implements Comparable<Fingerprint> {
    private static final Pattern WHOLE = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    public Fingerprint {
        if (!WHOLE.matcher(hex).matches()) {
            throw new IllegalArgumentException("not a fingerprint: " + hex);
        }
    }

    /**
     * Reads what people paste: digits of either case, with or without blanks and {@code 0x}.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code text} is a whole fingerprint; key IDs are too short to be safe
     */
    public static Fingerprint parse(String text) {
        String hex = text.replace(" ", "").toLowerCase(Locale.ROOT);
        hex = hex.startsWith("0x") ? hex.substring(2) : hex;
        if (!isFingerprint(hex)) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot read fingerprint " + Quoted.of(text) + ": expected 40 or 64 hexadecimal digits");
        }
        return new Fingerprint(hex);
    }

    static Fingerprint of(byte[] bytes) {
        return new Fingerprint(HexFormat.of().formatHex(bytes));
    }

    /** Whether {@code name} could be the name of a file in a key store. */
    static boolean isFingerprint(String name) {
        return WHOLE.matcher(name).matches();
    }

    /** The 16 digits by which signatures often name their key; not unique. */
    public String keyId() {
        return hex.length() == 64 ? hex.substring(0, 16) : hex.substring(hex.length() - 16);
    }

    @Override
    public int compareTo(Fingerprint other) {
        return hex.compareTo(other.hex);
    }

    /** In groups of four, as {@code gpg --fingerprint} shows it, for people to compare. */
    public String grouped() {
        return hex.toUpperCase(Locale.ROOT).replaceAll("(.{4})(?!$)", "$1 ");
    }

    @Override
    public String toString() {
        return hex;
    }
}
