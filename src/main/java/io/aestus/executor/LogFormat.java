package io.aestus.executor;

import io.aestus.executor.LogLine.Stream;
import io.aestus.linux.ByteSearch;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;

/**
 * The line format of the CRI: {@code 2016-10-06T00:17:09.669794202Z stdout F text}, where the tag is {@code P} when the line
 * goes on in the next entry of the same stream and {@code F} when it ends here. The text is what the app wrote, byte by
 * byte.
 */
final class LogFormat {
    /** A longer line is split. */
    static final int LONGEST_TEXT = 16384;

    private static final int NANO_DIGITS = 9;
    private static final int STAMP = "2016-10-06T00:17:09.669794202Z".length();
    private static final byte[] STDOUT = " stdout ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STDERR = " stderr ".getBytes(StandardCharsets.US_ASCII);

    /** How much an entry is longer than its text. */
    static final int OVERHEAD = "2016-10-06T00:17:09.669794202Z stdout F \n".length();

    private LogFormat() {}

    /** The time with nine digits of fraction, as each entry begins. */
    static byte[] stamp(Instant at) {
        String seconds = Instant.ofEpochSecond(at.getEpochSecond()).toString(); // ends in Z
        byte[] stamp = new byte[seconds.length() + 1 + NANO_DIGITS];
        int end = seconds.length() - 1;
        for (int i = 0; i < end; i++) {
            stamp[i] = (byte) seconds.charAt(i);
        }
        stamp[end] = '.';
        int nanos = at.getNano();
        for (int i = NANO_DIGITS; i > 0; i--) {
            stamp[end + i] = (byte) ('0' + nanos % 10);
            nanos /= 10;
        }
        stamp[end + NANO_DIGITS + 1] = 'Z';
        return stamp;
    }

    /** Writes what comes between the time and the text. @return where the text begins */
    static int head(byte[] into, int at, Stream stream, boolean isPartial) {
        byte[] name = stream == Stream.STDOUT ? STDOUT : STDERR;
        System.arraycopy(name, 0, into, at, name.length);
        into[at + name.length] = (byte) (isPartial ? 'P' : 'F');
        into[at + name.length + 1] = ' ';
        return at + name.length + 2;
    }

    /**
     * An entry without its line feed.
     *
     * @return empty when it is none: what somebody else wrote into the file
     */
    static Optional<LogLine> parse(byte[] line, int from, int to) {
        int stamp = space(line, from, to);
        int stream = stamp < 0 ? -1 : space(line, stamp + 1, to);
        int tag = stream < 0 ? -1 : space(line, stream + 1, to);
        if (stream < 0) {
            return Optional.empty();
        }
        int tagEnd = tag < 0 ? to : tag;
        var source = stream(text(line, stamp + 1, stream));
        try {
            Instant at = instant(text(line, from, stamp));
            return source.map(found -> new LogLine(
                    at,
                    found,
                    line[stream + 1] == 'P',
                    tag < 0 ? new byte[0] : Arrays.copyOfRange(line, tagEnd + 1, to)));
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    /** Any instant in ISO 8601; what {@link #stamp} makes takes a tenth of the time of others. */
    private static Instant instant(String stamp) {
        if (stamp.length() != STAMP || stamp.charAt(10) != 'T' || stamp.charAt(STAMP - 1) != 'Z') {
            return Instant.parse(stamp);
        }
        return LocalDateTime.of(
                        number(stamp, 0, 4, '-'),
                        number(stamp, 5, 7, '-'),
                        number(stamp, 8, 10, 'T'),
                        number(stamp, 11, 13, ':'),
                        number(stamp, 14, 16, ':'),
                        number(stamp, 17, 19, '.'),
                        number(stamp, 20, STAMP - 1, 'Z'))
                .toInstant(ZoneOffset.UTC);
    }

    /** The number in {@code [from, to)}, behind which comes {@code end}. */
    private static int number(String stamp, int from, int to, char end) {
        int number = 0;
        for (int i = from; i < to; i++) {
            int digit = stamp.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new DateTimeException("no digit");
            }
            number = number * 10 + digit;
        }
        if (stamp.charAt(to) != end) {
            throw new DateTimeException("no " + end);
        }
        return number;
    }

    private static Optional<Stream> stream(String name) {
        return switch (name) {
            case "stdout" -> Optional.of(Stream.STDOUT);
            case "stderr" -> Optional.of(Stream.STDERR);
            default -> Optional.empty();
        };
    }

    private static int space(byte[] line, int from, int to) {
        return ByteSearch.first(line, (byte) ' ', from, to);
    }

    private static String text(byte[] line, int from, int to) {
        return new String(line, from, to - from, StandardCharsets.US_ASCII);
    }
}
