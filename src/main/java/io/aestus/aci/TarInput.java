package io.aestus.aci;

import io.aestus.linux.HostDigest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The bytes of a tar through one recycled buffer. Each byte is hashed once, when it comes in and while the cache still
 * holds it.
 */
final class TarInput {
    static final int BLOCK = 512;

    private final InputStream in;
    private final long limit;
    private final MessageDigest digest;
    private final byte[] buffer = new byte[512 * BLOCK];
    private int position;
    private int end;
    private long total;

    TarInput(InputStream in, long limit, MessageDigest digest) {
        this.in = in;
        this.limit = limit;
        this.digest = digest;
    }

    /** What the ID of an image is computed by. */
    static MessageDigest sha512() {
        try {
            return HostDigest.of("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without SHA-512", e);
        }
    }

    byte[] buffer() {
        return buffer;
    }

    int position() {
        return position;
    }

    /** All bytes that were read so far. */
    long total() {
        return total;
    }

    /** Bytes that are in the buffer and not yet used. */
    int ahead() {
        return end - position;
    }

    /** What stands ready at {@link #position}, at least one byte, at most {@code wanted}; 0 at the end of the stream. */
    int ready(long wanted) throws IOException {
        if (position == end) {
            position = 0;
            end = 0;
            fill();
        }
        return (int) Math.min(wanted, end - position);
    }

    /** Makes {@code count} bytes ready, which may not exceed a block; false when the stream ends before. */
    boolean require(int count) throws IOException {
        if (end - position < count && position + count > buffer.length) {
            System.arraycopy(buffer, position, buffer, 0, end - position);
            end -= position;
            position = 0;
        }
        while (end - position < count) {
            if (fill() < 0) {
                return false;
            }
        }
        return true;
    }

    void advance(int count) {
        position += count;
    }

    byte[] hash() {
        return digest.digest();
    }

    private int fill() throws IOException {
        if (end == buffer.length) {
            throw new IllegalStateException("buffer is full");
        }
        int count = in.read(buffer, end, buffer.length - end);
        if (count > 0) {
            digest.update(buffer, end, count);
            end += count;
            total += count;
            if (total > limit) {
                throw HostileArchiveException.limit("bytes uncompressed", limit);
            }
        }
        return count;
    }
}
