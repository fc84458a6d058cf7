package io.aestus.aci;

import io.aestus.Quoted;
import io.aestus.aci.TarEntry.Segment;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar entry by entry: ustar, pax and GNU headers, long names, sparse files. Where two readers of the world might
 * understand an archive differently (data behind a link, a size that is said twice, a header that fails its checksum), this
 * one refuses.
 *
 * <p>Use: {@link #next}, then {@link #copyData} at most once, until {@link #next} gives null; then {@link #hash}.
 */
final class TarReader {
    private static final long LARGEST_ID = 0xFFFF_FFFEL;

    private final TarInput in;
    private final UnpackLimits limits;
    private final byte[] header = new byte[TarInput.BLOCK];
    private PaxHeader global = new PaxHeader();
    /** Stored bytes of the current entry that are still to come, and the padding behind them. */
    private long stored;

    private int padding;
    private @Nullable List<Segment> segments;
    private String current = "";
    private long headers;

    /** @param digest computes {@link #hash} */
    TarReader(InputStream in, UnpackLimits limits, MessageDigest digest) {
        this.in = new TarInput(in, limits.bytes(), digest);
        this.limits = limits;
    }

    /** The next entry, or null at the archive's end; by then the stream is read to its end. */
    @Nullable
    TarEntry next() throws IOException {
        skipData();
        var pax = new PaxHeader();
        String longName = null;
        String longLink = null;
        boolean isPending = false;
        while (true) {
            if (!readHeader(isPending)) {
                return null;
            }
            if (++headers > 4 * limits.entries()) {
                throw HostileArchiveException.limit("headers", 4 * limits.entries());
            }
            isPending = true;
            switch (header[156]) {
                case 'x' -> pax = PaxHeader.read(metadata(), plainName());
                case 'g' -> readGlobal();
                case 'L' -> longName = longText();
                case 'K' -> longLink = longText();
                default -> {
                    return entry(pax.over(global), longName, longLink);
                }
            }
        }
    }

    private void readGlobal() throws IOException {
        var records = PaxHeader.read(metadata(), "global header");
        records.requireHarmlessGlobally();
        global = records.over(global);
    }

    /** Bytes of the tar so far. */
    long total() {
        return in.total();
    }

    /** The hash of the whole stream. */
    byte[] hash() {
        return in.hash();
    }

    /** Hands the current file's stored bytes to {@code sink}. */
    void copyData(TarEntry.Sink sink) throws IOException {
        List<Segment> parts = segments;
        if (parts == null) {
            copy(0, stored, sink);
        } else {
            for (Segment part : parts) {
                copy(part.offset(), part.length(), sink);
            }
        }
    }

    private void copy(long offset, long length, TarEntry.Sink sink) throws IOException {
        for (long done = 0; done < length; ) {
            int ready = readyData(length - done);
            sink.write(offset + done, in.buffer(), in.position(), ready);
            in.advance(ready);
            stored -= ready;
            done += ready;
        }
    }

    private void skipData() throws IOException {
        while (stored > 0) {
            int ready = readyData(stored);
            in.advance(ready);
            stored -= ready;
        }
        while (padding > 0) {
            int ready = readyData(padding);
            in.advance(ready);
            padding -= ready;
        }
    }

    private int readyData(long wanted) throws IOException {
        int ready = in.ready(wanted);
        if (ready == 0) {
            throw HostileArchiveException.damaged("it ends within entry " + Quoted.of(current));
        }
        return ready;
    }

    /** Reads one header block into {@link #header}; false at the archive's end. */
    private boolean readHeader(boolean isPending) throws IOException {
        if (!in.require(TarInput.BLOCK)) {
            throw HostileArchiveException.damaged(
                    in.total() == 0 ? "it is empty" : "it ends without the zero blocks that close a tar");
        }
        System.arraycopy(in.buffer(), in.position(), header, 0, TarInput.BLOCK);
        in.advance(TarInput.BLOCK);
        if (header[0] == 0 && TarFields.isZero(header, 0, TarInput.BLOCK)) {
            if (isPending) {
                throw HostileArchiveException.damaged("it ends after an extended header");
            }
            requireZerosToTheEnd();
            return false;
        }
        String where = "the header at byte " + (in.total() - in.ahead() - TarInput.BLOCK);
        if (!TarFields.hasGoodChecksum(header, 0, where)) {
            throw HostileArchiveException.damaged(where + " fails its checksum: damaged, or no tar");
        }
        return true;
    }

    private void requireZerosToTheEnd() throws IOException {
        for (int ready = in.ready(Long.MAX_VALUE); ready > 0; ready = in.ready(Long.MAX_VALUE)) {
            if (!TarFields.isZero(in.buffer(), in.position(), ready)) {
                throw HostileArchiveException.archive("data follows the end of the archive");
            }
            in.advance(ready);
        }
    }

    /** The body of an extended header or a long name. */
    private byte[] metadata() throws IOException {
        current = plainName();
        long size = TarFields.number(header, 124, 12, current);
        if (size < 0 || size > limits.paxBytes()) {
            throw HostileArchiveException.entry(
                    current, "has an extended header of " + size + " bytes, more than " + limits.paxBytes());
        }
        byte[] body = new byte[(int) size];
        begin(size);
        for (int done = 0; done < size; ) {
            int ready = readyData(size - done);
            System.arraycopy(in.buffer(), in.position(), body, done, ready);
            in.advance(ready);
            done += ready;
        }
        stored = 0;
        skipData();
        return body;
    }

    private String longText() throws IOException {
        byte[] body = metadata();
        int end = 0;
        while (end < body.length && body[end] != 0) {
            end++;
        }
        return TarFields.text(body, 0, end);
    }

    private void begin(long size) {
        stored = size;
        padding = (int) (-size & (TarInput.BLOCK - 1));
        segments = null;
    }

    private TarEntry entry(PaxHeader pax, @Nullable String longName, @Nullable String longLink) throws IOException {
        String plain = longName != null ? longName : plainName();
        String path = pax.text("path", plain);
        String name = path != null ? path : plain;
        current = name;
        TarEntry.Type type = type(name);
        long size = pax.number("size", TarFields.number(header, 124, 12, name), name);
        if (size < 0) {
            throw HostileArchiveException.entry(name, "has a negative size");
        }
        if (type != TarEntry.Type.FILE && size != 0) {
            throw HostileArchiveException.entry(name, "carries data although it is no file");
        }
        begin(size);
        long apparent = type == TarEntry.Type.FILE ? sparse(pax, name, size) : 0;
        String sparseName = type == TarEntry.Type.FILE ? pax.text("GNU.sparse.name", name) : null;
        String link = pax.text("linkpath", name);
        var time = time(pax, name);
        return new TarEntry(
                sparseName != null ? sparseName : name,
                type,
                apparent,
                (int) TarFields.number(header, 100, 8, name) & 07777,
                id(pax.number("uid", TarFields.number(header, 108, 8, name), name), name),
                id(pax.number("gid", TarFields.number(header, 116, 8, name), name), name),
                time.seconds(),
                time.nanos(),
                link != null ? link : longLink != null ? longLink : TarFields.name(header, 157, 100),
                type.isDevice() ? device(329, name) : 0,
                type.isDevice() ? device(337, name) : 0,
                pax.xattrs(),
                segments);
    }

    /** Sets {@link #segments} if the file is sparse, and returns its apparent size. */
    private long sparse(PaxHeader pax, String name, long size) throws IOException {
        List<Long> pairs;
        long apparent;
        if (header[156] == 'S') {
            apparent = TarFields.number(header, 483, 12, name);
            pairs = SparseMap.oldGnu(header, in, name);
        } else if (pax.has("GNU.sparse.major")) {
            if (pax.number("GNU.sparse.major", 0, name) != 1 || pax.number("GNU.sparse.minor", 0, name) != 0) {
                throw HostileArchiveException.entry(name, "has a sparse format that is unknown");
            }
            apparent = pax.number("GNU.sparse.realsize", -1, name);
            var leading = SparseMap.inData(in, size, name);
            stored -= leading.used();
            pairs = leading.pairs();
        } else if (pax.has("GNU.sparse.size")) {
            apparent = pax.number("GNU.sparse.size", -1, name);
            pairs = pax.sparsePairs(name);
        } else {
            return size;
        }
        segments = SparseMap.segments(pairs, apparent, stored, name);
        return apparent;
    }

    private PaxHeader.Time time(PaxHeader pax, String name) {
        String fine = pax.text("mtime", name);
        return fine != null
                ? PaxHeader.Time.parse(fine, name)
                : new PaxHeader.Time(TarFields.number(header, 136, 12, name), 0);
    }

    private TarEntry.Type type(String name) {
        return switch (header[156]) {
            // Before POSIX, a directory was a file whose name ends with a slash.
            case 0, '0', '7', 'S' ->
                name.endsWith("/") && header[156] != 'S' ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
            case '1' -> TarEntry.Type.HARD_LINK;
            case '2' -> TarEntry.Type.SYMLINK;
            case '3' -> TarEntry.Type.CHARACTER_DEVICE;
            case '4' -> TarEntry.Type.BLOCK_DEVICE;
            case '5' -> TarEntry.Type.DIRECTORY;
            case '6' -> TarEntry.Type.FIFO;
            default ->
                throw HostileArchiveException.entry(
                        name, "has the unknown type " + Quoted.of(Character.toString(header[156] & 0xff)));
        };
    }

    private int device(int at, String name) {
        long number = TarFields.number(header, at, 8, name);
        if (number < 0 || number > 0xFFFFF) {
            throw HostileArchiveException.entry(name, "has a device number out of range");
        }
        return (int) number;
    }

    private static int id(long id, String name) {
        if (id < 0 || id > LARGEST_ID) {
            throw HostileArchiveException.entry(name, "has an owner out of range");
        }
        return (int) id;
    }

    /** The name of the header alone: with ustar's prefix, which GNU's old headers do not have. */
    private String plainName() {
        String name = TarFields.name(header, 0, 100);
        boolean isUstar = header[257] == 'u' && header[262] == 0 && header[263] == '0';
        if (!isUstar || header[345] == 0) {
            return name;
        }
        boolean isStar = header[508] == 't' && header[509] == 'a' && header[510] == 'r' && header[511] == 0;
        return TarFields.name(header, 345, isStar ? 131 : 155) + '/' + name;
    }
}
