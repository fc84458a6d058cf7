package io.aestus.aci;

import io.aestus.Quoted;
import io.aestus.aci.TarEntry.Segment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the stored bytes of a sparse file belong. There are four ways to write this down: GNU's old header with its chain
 * of blocks, and three in extended headers (0.0: repeated keys, 0.1: one line, 1.0: in front of the data).
 *
 * @see <a href="https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html">Storing Sparse Files</a>
 */
final class SparseMap {
    private static final int MOST_SEGMENTS = 1 << 16;

    private SparseMap() {}

    /** The map of GNU's old format: four pairs in the header {@code block}, 21 in each block that follows it. */
    static List<Long> oldGnu(byte[] block, TarInput in, String entry) throws IOException {
        var pairs = new ArrayList<Long>();
        addPairs(pairs, block, 386, 4, entry);
        boolean more = block[482] != 0;
        while (more) {
            if (!in.require(TarInput.BLOCK)) {
                throw truncated(entry);
            }
            addPairs(pairs, in.buffer(), in.position(), 21, entry);
            more = in.buffer()[in.position() + 504] != 0;
            in.advance(TarInput.BLOCK);
            requireFew(pairs.size() / 2, entry);
        }
        return pairs;
    }

    private static void addPairs(List<Long> pairs, byte[] block, int from, int count, String entry) {
        for (int i = 0; i < count; i++) {
            int at = from + 24 * i;
            if (TarFields.isZero(block, at, 24)) {
                return;
            }
            pairs.add(TarFields.number(block, at, 12, entry));
            pairs.add(TarFields.number(block, at + 12, 12, entry));
        }
    }

    /** The map of format 1.0: decimal lines in the first blocks of the data, the first of them the count. */
    static Leading inData(TarInput in, long stored, String entry) throws IOException {
        var pairs = new ArrayList<Long>();
        var line = new ByteArrayOutputStream();
        long expected = -1;
        long used = 0;
        while (expected < 0 || pairs.size() < expected) {
            if (used + TarInput.BLOCK > stored) {
                throw HostileArchiveException.entry(entry, "has a sparse map longer than its data");
            }
            if (!in.require(TarInput.BLOCK)) {
                throw truncated(entry);
            }
            used += TarInput.BLOCK;
            for (int i = 0; i < TarInput.BLOCK && (expected < 0 || pairs.size() < expected); i++) {
                byte b = in.buffer()[in.position() + i];
                if (b != '\n') {
                    line.write(b);
                    continue;
                }
                long number = PaxHeader.decimal(line.toByteArray(), entry);
                line.reset();
                if (expected < 0) {
                    requireFew(number, entry);
                    expected = 2 * number;
                } else {
                    pairs.add(number);
                }
            }
            in.advance(TarInput.BLOCK);
        }
        return new Leading(pairs, used);
    }

    /** A map that stood in front of the data, and how many bytes of the data it took. */
    record Leading(List<Long> pairs, long used) {}

    /** The checked segments: in order, apart, inside the file, and as long together as what is stored. */
    static List<Segment> segments(List<Long> pairs, long size, long stored, String entry) {
        requireFew(pairs.size() / 2, entry);
        if (pairs.size() % 2 != 0) {
            throw wrong(entry);
        }
        var segments = new ArrayList<Segment>();
        long end = 0;
        long sum = 0;
        for (int i = 0; i < pairs.size(); i += 2) {
            long offset = pairs.get(i);
            long length = pairs.get(i + 1);
            if (offset < end || length < 0 || offset > size || length > size - offset) {
                throw wrong(entry);
            }
            end = offset + length;
            sum += length;
            if (length > 0) {
                segments.add(new Segment(offset, length));
            }
        }
        if (sum != stored) {
            throw wrong(entry);
        }
        return List.copyOf(segments);
    }

    private static void requireFew(long segments, String entry) {
        if (segments > MOST_SEGMENTS) {
            throw HostileArchiveException.entry(entry, "has more than " + MOST_SEGMENTS + " sparse segments");
        }
    }

    private static HostileArchiveException wrong(String entry) {
        return HostileArchiveException.entry(entry, "has a sparse map that contradicts its size");
    }

    private static HostileArchiveException truncated(String entry) {
        return HostileArchiveException.damaged("it ends within entry " + Quoted.of(entry));
    }
}
