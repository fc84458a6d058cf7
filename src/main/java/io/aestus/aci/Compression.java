package io.aestus.aci;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/** How an archive is compressed. Recognized by its first bytes, never by its name. */
public enum Compression {
    NONE("tar"),
    GZIP("gzip"),
    BZIP2("bzip2"),
    XZ("xz"),
    ZSTD("zstd");

    /** How many leading bytes {@link #detect} wants to see, if there are that many. */
    public static final int MAGIC_BYTES = 6;

    /** The usual compromise of gzip and xz. */
    public static final int DEFAULT_LEVEL = 6;

    private static final int BUFFER = 64 << 10;
    /** Bounds what a crafted xz header makes us allocate; {@code xz -9} needs 65 MiB. */
    private static final int XZ_MEMORY_KIB = 128 << 10;
    /** The same for zstd, as a power of two: what {@code zstd -d} takes unless told otherwise. */
    private static final int ZSTD_WINDOW_LOG = 27;

    private final String word;

    Compression(String word) {
        this.word = word;
    }

    /** The word for it on a command line: {@code tar}, {@code gzip}, {@code bzip2}, {@code xz}, {@code zstd}. */
    public String word() {
        return word;
    }

    /** What {@code head} begins; {@link #NONE} if it is none of the known ones. */
    public static Compression detect(byte[] head, int length) {
        if (startsWith(head, length, 0x1f, 0x8b)) {
            return GZIP;
        }
        if (startsWith(head, length, 'B', 'Z', 'h')) {
            return BZIP2;
        }
        if (startsWith(head, length, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return XZ;
        }
        if (startsWith(head, length, 0x28, 0xb5, 0x2f, 0xfd)) {
            return ZSTD;
        }
        return NONE;
    }

    private static boolean startsWith(byte[] head, int length, int... magic) {
        if (length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((head[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * The tar inside {@code archive}, whatever compresses it. Takes {@code archive}. Reading fails with {@link
     * HostileArchiveException} when the data is damaged or grows beyond {@code limits}.
     */
    public static InputStream open(InputStream archive, UnpackLimits limits) throws IOException {
        byte[] head = archive.readNBytes(MAGIC_BYTES);
        var whole = new SequenceInputStream(new ByteArrayInputStream(head), archive);
        return detect(head, head.length).decompress(whole, limits);
    }

    /** The tar inside {@code compressed}, which must be compressed this way. Takes {@code compressed}. */
    public InputStream decompress(InputStream compressed, UnpackLimits limits) throws IOException {
        if (this == NONE) {
            return compressed;
        }
        var counted = new CountedInputStream(compressed);
        try {
            InputStream plain =
                    switch (this) {
                        case NONE -> throw new IllegalStateException("handled above");
                        // Unlike others, this one reads all members by itself.
                        case GZIP -> new GZIPInputStream(counted, BUFFER);
                        case BZIP2 -> new BZip2CompressorInputStream(counted, true);
                        case XZ -> new XZInputStream(counted, XZ_MEMORY_KIB);
                        case ZSTD -> unzstd(counted);
                    };
            return new BoundedInputStream(plain, counted, word, limits);
        } catch (IOException e) {
            if (counted.hasFailed()) {
                throw e;
            }
            throw BoundedInputStream.refusal(word, e);
        }
    }

    /**
     * Compresses to {@code out}, which it takes. The result depends on the data alone: no name, no time.
     *
     * @param level 1 (fast) … 9 (small)
     */
    public OutputStream compress(OutputStream out, int level) throws IOException {
        if (level < 1 || level > 9) {
            throw new AestusException(
                    Problem.INVALID, "cannot compress at level " + level + ": expected 1 (fast) to 9 (small)");
        }
        return switch (this) {
            case NONE -> out;
            case GZIP -> new GzipAtLevel(out, level);
            case BZIP2 -> new BZip2CompressorOutputStream(out, level);
            case XZ -> new XZOutputStream(out, new LZMA2Options(level));
            case ZSTD -> new ZstdOutputStream(out, level).setChecksum(true);
        };
    }

    private static InputStream unzstd(InputStream compressed) throws IOException {
        try {
            return new ZstdInputStream(compressed).setLongMax(ZSTD_WINDOW_LOG);
        } catch (UnsatisfiedLinkError e) {
            throw new AestusException(
                            Problem.UNSUPPORTED,
                            "cannot decompress zstd: its library cannot be loaded: " + e.getMessage(),
                            e)
                    .withRemedy("set java.io.tmpdir to a directory that programs can be run from");
        }
    }

    private static final class GzipAtLevel extends GZIPOutputStream {
        GzipAtLevel(OutputStream out, int level) throws IOException {
            super(out, BUFFER);
            def.setLevel(level);
        }
    }
}
