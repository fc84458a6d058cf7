package io.aestus.oci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.MalformedException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What some bytes are, whoever hands them out: {@code sha256:…}. Immutable.
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex lower-case hexadecimal digits, 64 or 128
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests">OCI: Digests</a>
 */
public record Digest(String algorithm, String hex) {
    private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");
    private static final int SHORT_DIGITS = 12;

    public Digest {
        if (!FORM.matcher(algorithm + ":" + hex).matches()) {
            throw new IllegalArgumentException("not a digest: " + algorithm + ":" + hex);
        }
    }

    /**
     * Reads a digest.
     *
     * @throws AestusException {@link Problem#INVALID} unless it is one of a known algorithm
     */
    public static Digest parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new MalformedException(
                    "digest", text, "must be sha256: and 64, or sha512: and 128 lower-case hexadecimal digits");
        }
        int colon = text.indexOf(':');
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The usual digest of {@code bytes}. */
    public static Digest sha256(byte[] bytes) {
        return of("sha256", messageDigest("sha256").digest(bytes));
    }

    /** A digest from the bytes of a hash. */
    public static Digest of(String algorithm, byte[] hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash));
    }

    /** A new computation of the same kind. */
    public MessageDigest begin() {
        return messageDigest(algorithm);
    }

    /** The end of a computation that {@link #begin} began. */
    public Digest of(MessageDigest computed) {
        return of(algorithm, computed.digest());
    }

    /** The digest of the same kind of {@code bytes}. */
    public Digest over(byte[] bytes) {
        return of(algorithm, begin().digest(bytes));
    }

    private static MessageDigest messageDigest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without " + algorithm, e);
        }
    }

    /** As a name of files: {@code sha256-…}. */
    public String fileName() {
        return algorithm + "-" + hex;
    }

    /** From {@link #fileName}. */
    public static Digest ofFileName(String name) {
        return parse(name.replaceFirst("-", ":"));
    }

    /** The first digits: for messages, never to decide by. */
    public String abbreviated() {
        return algorithm + ":" + hex.substring(0, SHORT_DIGITS);
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
