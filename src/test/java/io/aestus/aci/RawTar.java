package io.aestus.aci;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes tar blocks by hand, so that it can write those that no honest writer does. */
public final class RawTar {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** One header block whose fields can be set before it is sealed with its checksum. */
    public static final class Header {
        private final byte[] block = new byte[512];

        public Header(String name, char type, long size) {
            text(0, 100, name);
            octal(100, 8, type == '5' ? 0755 : 0644).octal(108, 8, 0).octal(116, 8, 0);
            octal(124, 12, size).octal(136, 12, 1_700_000_000L);
            block[156] = (byte) type;
            text(257, 8, "ustar\u000000");
        }

        public Header text(int at, int length, String value) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            Arrays.fill(block, at, at + length, (byte) 0);
            System.arraycopy(bytes, 0, block, at, Math.min(length, bytes.length));
            return this;
        }

        public Header bytes(int at, byte... value) {
            System.arraycopy(value, 0, block, at, value.length);
            return this;
        }

        public Header octal(int at, int length, long value) {
            return text(at, length, String.format("%0" + (length - 1) + "o", value));
        }

        public Header mode(int mode) {
            return octal(100, 8, mode);
        }

        public Header link(String target) {
            return text(157, 100, target);
        }

        /** GNU's magic, whose headers use the place of ustar's prefix for other things. */
        public Header gnu() {
            return text(257, 8, "ustar  ");
        }

        byte[] sealed() {
            TarWriter.seal(block);
            return block;
        }
    }

    public RawTar header(Header header) {
        out.writeBytes(header.sealed());
        return this;
    }

    /** Bytes as they are, without padding. */
    public RawTar raw(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** Bytes filled up to a whole block. */
    public RawTar padded(byte[] bytes) {
        out.writeBytes(bytes);
        out.writeBytes(new byte[-bytes.length & 511]);
        return this;
    }

    public RawTar file(String name, byte[] content) {
        return header(new Header(name, '0', content.length)).padded(content);
    }

    public RawTar file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public RawTar directory(String name) {
        return header(new Header(name, '5', 0));
    }

    public RawTar symlink(String name, String target) {
        return header(new Header(name, '2', 0).link(target));
    }

    public RawTar hardLink(String name, String target) {
        return header(new Header(name, '1', 0).link(target));
    }

    /** An extended header of records given as {@code key=value}, for the entry that follows. */
    public RawTar pax(String... records) {
        var body = new ByteArrayOutputStream();
        for (String record : records) {
            body.writeBytes(record(record.getBytes(StandardCharsets.ISO_8859_1)));
        }
        return meta('x', body.toByteArray());
    }

    /** The same, its body as it is. */
    public RawTar meta(char type, byte[] body) {
        return header(new Header("./PaxHeaders/x", type, body.length)).padded(body);
    }

    /** {@code LENGTH record NEWLINE}. */
    static byte[] record(byte[] record) {
        int length = record.length + 3;
        while (String.valueOf(length).length() + record.length + 2 != length) {
            length = String.valueOf(length).length() + record.length + 2;
        }
        var out = new ByteArrayOutputStream();
        out.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(record);
        out.write('\n');
        return out.toByteArray();
    }

    public RawTar end() {
        return raw(new byte[1024]);
    }

    public byte[] bytes() {
        return out.toByteArray();
    }
}
