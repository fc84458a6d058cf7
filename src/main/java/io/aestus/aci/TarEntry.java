package io.aestus.aci;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a tar archive as its header, extended headers included, describes it.
 *
 * @param name as written, not yet checked
 * @param size apparent size of a file: with its holes when it is sparse
 * @param mode permission bits with setuid, setgid and sticky
 * @param seconds time of last change since 1970, may be negative
 * @param nanos 0…999,999,999, added to {@code seconds}
 * @param link target of a symbolic or hard link, else empty
 * @param xattrs extended attributes by name, in the order of the archive
 * @param segments where the stored bytes belong in a sparse file; null when it has no holes
 */
record TarEntry(
        String name,
        Type type,
        long size,
        int mode,
        int uid,
        int gid,
        long seconds,
        int nanos,
        String link,
        int major,
        int minor,
        Map<String, byte[]> xattrs,
        @Nullable List<Segment> segments) {

    enum Type {
        FILE('0'),
        HARD_LINK('1'),
        SYMLINK('2'),
        CHARACTER_DEVICE('3'),
        BLOCK_DEVICE('4'),
        DIRECTORY('5'),
        FIFO('6');

        private final char flag;

        Type(char flag) {
            this.flag = flag;
        }

        /** The type flag of the header. */
        char flag() {
            return flag;
        }

        boolean isDevice() {
            return this == CHARACTER_DEVICE || this == BLOCK_DEVICE;
        }
    }

    /** A run of stored bytes in a sparse file. */
    record Segment(long offset, long length) {}

    /** Takes a file's bytes; {@code offset} is where they belong, and only grows. The buffer is the reader's. */
    interface Sink {
        void write(long offset, byte[] buffer, int from, int length) throws IOException;
    }

    /** The same under another name, with another target if it is a link. */
    TarEntry named(String newName, String newLink) {
        return new TarEntry(
                newName, type, size, mode, uid, gid, seconds, nanos, newLink, major, minor, xattrs, segments);
    }

    /** The same as somebody else's. */
    TarEntry ownedBy(Owners owners) {
        return new TarEntry(
                name,
                type,
                size,
                mode,
                owners.of(uid),
                owners.of(gid),
                seconds,
                nanos,
                link,
                major,
                minor,
                xattrs,
                segments);
    }

    /** The same, last changed at {@code latest} if it was later. */
    TarEntry notAfter(Instant latest) {
        Instant time = Instant.ofEpochSecond(seconds, nanos);
        Instant bounded = time.isAfter(latest) ? latest : time;
        return new TarEntry(
                name,
                type,
                size,
                mode,
                uid,
                gid,
                bounded.getEpochSecond(),
                bounded.getNano(),
                link,
                major,
                minor,
                xattrs,
                segments);
    }
}
