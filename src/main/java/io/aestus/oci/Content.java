package io.aestus.oci;

import io.aestus.AestusException;
import io.aestus.Problem;

/** A small document with its digest: bytes that were compared, or that nobody told a digest of. Immutable. */
public final class Content {
    private final byte[] bytes;
    private final Digest digest;

    private Content(byte[] bytes, Digest digest) {
        this.bytes = bytes;
        this.digest = digest;
    }

    /** Bytes of which nobody said what they must be. */
    public static Content of(byte[] bytes) {
        return new Content(bytes.clone(), Digest.sha256(bytes));
    }

    /**
     * Bytes that must be those of {@code descriptor}.
     *
     * @param from who handed them out, for the message
     * @throws AestusException {@link Problem#CORRUPT} if they are not
     */
    public static Content verified(byte[] bytes, Descriptor descriptor, String from) {
        if (bytes.length != descriptor.size()) {
            throw new AestusException(
                    Problem.CORRUPT,
                    "cannot use " + descriptor.digest().abbreviated() + "… from " + from + ": it has " + bytes.length
                            + " bytes, not " + descriptor.size());
        }
        return verified(bytes, descriptor.digest(), from);
    }

    /** The same where the length is not known beforehand. */
    public static Content verified(byte[] bytes, Digest digest, String from) {
        Digest found = digest.over(bytes);
        if (!found.equals(digest)) {
            throw new AestusException(
                    Problem.CORRUPT,
                    "cannot use " + digest.abbreviated() + "… from " + from + ": its digest is " + found.abbreviated()
                            + "…");
        }
        return new Content(bytes.clone(), digest);
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public Digest digest() {
        return digest;
    }
}
