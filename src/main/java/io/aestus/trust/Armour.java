package io.aestus.trust;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.bcpg.CRC24;

/**
 * The text form of OpenPGP packets. Stricter than the library's: a block must be whole, and its checksum, where there is one, right.
 * Text around the blocks is ignored; several blocks are joined, since signatures are often put together by {@code cat}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9580#section-6">RFC 9580: ASCII armor</a>
 */
final class Armour {
    private static final String BEGIN = "-----BEGIN PGP ";
    private static final String END = "-----END PGP ";
    private static final String DASHES = "-----";

    private Armour() {}

    /** Binary packets have the first bit of their first byte set; text never has. */
    static boolean isBinary(byte[] data) {
        return data.length > 0 && data[0] < 0;
    }

    /**
     * The packets of all blocks of this kind.
     *
     * @param kind as in the header line, such as {@code SIGNATURE}
     * @throws IOException with a short reason, if there is none, one of another kind, or a damaged one
     */
    static byte[] decode(byte[] text, String kind) throws IOException {
        var packets = new ByteArrayOutputStream();
        Iterator<String> lines = new String(text, StandardCharsets.ISO_8859_1)
                .lines()
                .map(String::stripTrailing)
                .iterator();
        boolean found = false;
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
                String actual = line.substring(BEGIN.length(), line.length() - DASHES.length());
                if (!actual.equals(kind)) {
                    throw new IOException("it holds a PGP " + actual.toLowerCase(Locale.ROOT));
                }
                packets.write(block(lines, kind));
                found = true;
            }
        }
        if (!found) {
            throw new IOException(
                    looksLikeHtml(text) ? "it is an HTML page" : "it holds no PGP " + kind.toLowerCase(Locale.ROOT));
        }
        return packets.toByteArray();
    }

    private static byte[] block(Iterator<String> lines, String kind) throws IOException {
        skipHeaders(lines);
        var base64 = new StringBuilder();
        List<String> checksums = new ArrayList<>();
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.equals(END + kind + DASHES)) {
                return checked(base64.toString(), checksums);
            } else if (line.startsWith("=") && line.length() == 5) {
                checksums.add(line.substring(1));
            } else if (line.isEmpty() || checksums.isEmpty()) {
                base64.append(line);
            } else {
                throw new IOException("its armour goes on after the checksum");
            }
        }
        throw new IOException("its armour ends too early");
    }

    private static void skipHeaders(Iterator<String> lines) throws IOException {
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.isEmpty()) {
                return;
            }
            if (!line.contains(":")) {
                throw new IOException("its armour lacks the empty line before the data");
            }
        }
    }

    private static byte[] checked(String base64, List<String> checksums) throws IOException {
        try {
            byte[] data = Base64.getDecoder().decode(base64);
            for (String checksum : checksums) {
                byte[] sum = Base64.getDecoder().decode(checksum);
                if (crc(data) != ((sum[0] & 0xff) << 16 | (sum[1] & 0xff) << 8 | (sum[2] & 0xff))) {
                    throw new IOException("the checksum of its armour is wrong");
                }
            }
            return data;
        } catch (IllegalArgumentException e) {
            throw new IOException("its armour is not base64", e);
        }
    }

    private static int crc(byte[] data) {
        var crc = new CRC24();
        for (byte b : data) {
            crc.update(b);
        }
        return crc.getValue();
    }

    private static boolean looksLikeHtml(byte[] text) {
        String start = new String(text, 0, Math.min(text.length, 200), StandardCharsets.ISO_8859_1).strip();
        return start.regionMatches(true, 0, "<!doctype", 0, 9) || start.regionMatches(true, 0, "<html", 0, 5);
    }
}
