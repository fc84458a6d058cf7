package io.aestus.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Moments as rkt writes them: in the zone of the user, such as {@code 2016-10-06 00:17:09.67 +0000 UTC}. */
final class RktTime {
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter ZONE = DateTimeFormatter.ofPattern("xx zzz", Locale.ENGLISH);
    private static final int NANOS_OF_MILLI = 1_000_000;

    private RktTime() {}

    static String of(Instant at) {
        return of(at, ZoneId.systemDefault());
    }

    /** Milliseconds, without zeros at their end. */
    static String of(Instant at, ZoneId zone) {
        var there = at.atZone(zone);
        int millis = there.getNano() / NANOS_OF_MILLI;
        String digits = Integer.toString(1000 + millis).substring(1).replaceAll("0+$", "");
        return SECONDS.format(there) + (digits.isEmpty() ? "" : "." + digits) + " " + ZONE.format(there);
    }
}
