package io.aestus.aci;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.tukaani.xz.MemoryLimitException;

/** Decompressed data that may not outgrow its source, and whose damage is told apart from a failing disk. */
final class BoundedInputStream extends FilterInputStream {
    private final CountedInputStream source;
    private final String word;
    private final UnpackLimits limits;
    private long count;

    BoundedInputStream(InputStream in, CountedInputStream source, String word, UnpackLimits limits) {
        super(in);
        this.source = source;
        this.word = word;
        this.limits = limits;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        int read;
        try {
            read = in.read(buffer, from, length);
        } catch (IOException e) {
            if (source.hasFailed()) {
                throw e;
            }
            throw refusal(word, e);
        }
        if (read > 0) {
            count += read;
            if (count > UnpackLimits.RATIO_FREE_BYTES && count / limits.ratio() > source.count()) {
                throw HostileArchiveException.limit("times its compressed size uncompressed", limits.ratio());
            }
        }
        return read;
    }

    /** What a decompressor said about its data. */
    static HostileArchiveException refusal(String word, IOException e) {
        return switch (e) {
            case EOFException _ -> HostileArchiveException.damaged("its " + word + " data is cut off");
            case MemoryLimitException tooMuch ->
                HostileArchiveException.limit("KiB of memory to decompress it", tooMuch.getMemoryLimit());
            default -> HostileArchiveException.damaged("its " + word + " data is damaged: " + e.getMessage());
        };
    }

    @Override
    public long skip(long n) throws IOException {
        byte[] away = new byte[(int) Math.min(n, 8192)];
        return Math.max(0, read(away, 0, away.length));
    }
}
