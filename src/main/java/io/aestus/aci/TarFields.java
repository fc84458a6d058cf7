package io.aestus.aci;

import io.aestus.linux.FileName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The fields of a header block: numbers in octal or base 256, text up to the first NUL, the checksum. */
final class TarFields {
    private TarFields() {}

    /** A name in a field that ends with the first NUL or with the field. */
    static String name(byte[] block, int from, int length) {
        int end = from;
        while (end < from + length && block[end] != 0) {
            end++;
        }
        return text(block, from, end - from);
    }

    /** Exactly these bytes; those that are no UTF-8 survive as {@link FileName} says. */
    static String text(byte[] bytes, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (bytes[i] < 0) {
                return FileName.decode(Arrays.copyOfRange(bytes, from, from + length));
            }
        }
        return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    /** A number: octal digits padded with blanks or NUL, or big-endian binary when the first bit is set. */
    static long number(byte[] block, int from, int length, String entry) {
        if ((block[from] & 0x80) != 0) {
            return binary(block, from, length, entry);
        }
        int i = from;
        int end = from + length;
        while (i < end && block[i] == ' ') {
            i++;
        }
        long value = 0;
        while (i < end && block[i] >= '0' && block[i] <= '7') {
            value = (value << 3) | (block[i++] - '0');
        }
        while (i < end && (block[i] == ' ' || block[i] == 0)) {
            i++;
        }
        // Twelve octal digits are 36 bits: no overflow is possible here.
        if (i < end) {
            throw HostileArchiveException.entry(entry, "has a malformed number in its header");
        }
        return value;
    }

    private static long binary(byte[] block, int from, int length, String entry) {
        boolean negative = (block[from] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int digit = i == 0 ? (negative ? block[from] : block[from] & 0x7f) : block[from + i];
            if (value >> 55 != (negative ? -1 : 0)) {
                throw HostileArchiveException.entry(entry, "has a number beyond 63 bits in its header");
            }
            value = (value << 8) | (digit & 0xff);
        }
        return value;
    }

    /** Whether the block's checksum is right, summed over unsigned bytes, or over signed ones as some old writers did. */
    static boolean hasGoodChecksum(byte[] block, int from, String entry) {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < TarInput.BLOCK; i++) {
            byte b = i >= 148 && i < 156 ? (byte) ' ' : block[from + i];
            unsigned += b & 0xff;
            signed += b;
        }
        long stated = number(block, from + 148, 8, entry);
        return stated == unsigned || stated == signed;
    }

    static boolean isZero(byte[] block, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (block[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
