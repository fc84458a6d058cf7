package io.aestus.aci;

import io.aestus.linux.FileName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes a tar of ustar headers, with an extended header before an entry that does not fit into one. The bytes depend on
 * the entries alone.
 */
final class TarWriter {
    private static final int BLOCK = TarInput.BLOCK;
    private static final long LARGEST_OCTAL_7 = 07777777;
    private static final long LARGEST_OCTAL_11 = 077777777777L;

    private final OutputStream out;
    private final byte[] header = new byte[BLOCK];
    private long total;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes the header of {@code entry}; its data, if it is a file, is written to the stream next, then {@link #pad}. */
    void begin(TarEntry entry) throws IOException {
        byte[] name = FileName.encode(entry.name());
        byte[] link = FileName.encode(entry.link());
        int split = prefixLength(name);
        byte[] records = records(entry, name, link, split);
        if (records.length > 0) {
            writeHeader(utf8("././@PaxHeader"), 0, 'x', records.length, 0644, 0, 0, 0, new byte[0]);
            out.write(records);
            pad(records.length);
        }
        Arrays.fill(header, (byte) 0);
        if (entry.type().isDevice()) {
            octal(329, 8, entry.major());
            octal(337, 8, entry.minor());
        }
        writeFilled(
                name,
                Math.max(split, 0),
                entry.type().flag(),
                entry.type() == TarEntry.Type.FILE ? entry.size() : 0,
                entry.mode(),
                Integer.toUnsignedLong(entry.uid()),
                Integer.toUnsignedLong(entry.gid()),
                entry.seconds(),
                link);
    }

    /** Fills the last block of a file of {@code size} bytes. */
    void pad(long size) throws IOException {
        int padding = (int) (-size & (BLOCK - 1));
        out.write(new byte[padding]);
        total += size + padding;
    }

    /** Writes the end of the archive. */
    void finish() throws IOException {
        out.write(new byte[2 * BLOCK]);
        total += 2 * BLOCK;
    }

    /** Bytes so far, with the data that was announced. */
    long total() {
        return total;
    }

    private static byte[] records(TarEntry entry, byte[] name, byte[] link, int split) {
        var records = new ByteArrayOutputStream();
        if (split < 0 || !isAscii(name)) {
            record(records, "path", name);
        }
        if (link.length > 100 || !isAscii(link)) {
            record(records, "linkpath", link);
        }
        if (entry.type() == TarEntry.Type.FILE && entry.size() > LARGEST_OCTAL_11) {
            record(records, "size", utf8(Long.toString(entry.size())));
        }
        if (Integer.toUnsignedLong(entry.uid()) > LARGEST_OCTAL_7) {
            record(records, "uid", utf8(Integer.toUnsignedString(entry.uid())));
        }
        if (Integer.toUnsignedLong(entry.gid()) > LARGEST_OCTAL_7) {
            record(records, "gid", utf8(Integer.toUnsignedString(entry.gid())));
        }
        if (entry.nanos() != 0 || entry.seconds() < 0 || entry.seconds() > LARGEST_OCTAL_11) {
            record(records, "mtime", utf8(time(entry.seconds(), entry.nanos())));
        }
        for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
            record(records, PaxHeader.XATTR + xattr.getKey(), xattr.getValue());
        }
        return records.toByteArray();
    }

    /** The shortest decimal text of a time. Before 1970 the fraction counts away from zero, as in −1.5. */
    private static String time(long seconds, int nanos) {
        boolean isEarly = seconds < 0;
        long whole = isEarly ? -seconds - (nanos > 0 ? 1 : 0) : seconds;
        int rest = isEarly && nanos > 0 ? 1_000_000_000 - nanos : nanos;
        String text = (isEarly ? "-" : "") + whole;
        if (rest == 0) {
            return text;
        }
        String fraction = Integer.toString(1_000_000_000 + rest).substring(1);
        int end = fraction.length();
        while (fraction.charAt(end - 1) == '0') {
            end--;
        }
        return text + '.' + fraction.substring(0, end);
    }

    /** {@code LENGTH KEY=VALUE\n}, where LENGTH counts itself. */
    private static void record(ByteArrayOutputStream out, String key, byte[] value) {
        int body = utf8(key).length + value.length + 3;
        int length = body + Integer.toString(body).length();
        if (Integer.toString(length).length() > Integer.toString(body).length()) {
            length++;
        }
        out.writeBytes(utf8(length + " " + key + "="));
        out.writeBytes(value);
        out.write('\n');
    }

    /** Where to cut a name into prefix and rest: 0 for no prefix, −1 if it does not fit. */
    private static int prefixLength(byte[] name) {
        if (name.length <= 100) {
            return 0;
        }
        for (int i = Math.max(1, name.length - 101); i < name.length - 1 && i <= 155; i++) {
            if (name[i] == '/') {
                return i;
            }
        }
        return -1;
    }

    private void writeHeader(
            byte[] name, int split, char type, long size, int mode, long uid, long gid, long seconds, byte[] link)
            throws IOException {
        Arrays.fill(header, (byte) 0);
        writeFilled(name, split, type, size, mode, uid, gid, seconds, link);
    }

    private void writeFilled(
            byte[] name, int split, char type, long size, int mode, long uid, long gid, long seconds, byte[] link)
            throws IOException {
        if (split > 0) {
            System.arraycopy(name, 0, header, 345, split);
        }
        int from = split > 0 ? split + 1 : 0;
        System.arraycopy(name, from, header, 0, Math.min(100, name.length - from));
        octal(100, 8, mode);
        octal(108, 8, uid > LARGEST_OCTAL_7 ? 0 : uid);
        octal(116, 8, gid > LARGEST_OCTAL_7 ? 0 : gid);
        octal(124, 12, size > LARGEST_OCTAL_11 ? 0 : size);
        octal(136, 12, seconds < 0 || seconds > LARGEST_OCTAL_11 ? 0 : seconds);
        header[156] = (byte) type;
        System.arraycopy(link, 0, header, 157, Math.min(100, link.length));
        System.arraycopy(utf8("ustar\u000000"), 0, header, 257, 8);
        seal(header);
        out.write(header);
        total += BLOCK;
    }

    /** Sets the checksum of a header block. */
    static void seal(byte[] block) {
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        byte[] digits = utf8(String.format("%06o\0 ", sum));
        System.arraycopy(digits, 0, block, 148, 8);
    }

    private void octal(int at, int length, long value) {
        for (int i = at + length - 2; i >= at; i--) {
            header[i] = (byte) ('0' + (value & 7));
            value >>= 3;
        }
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
