package io.aestus.cli;

import java.time.Duration;
import java.time.Instant;

/** Numbers as people read them. Without {@link java.util.Formatter}, which takes longer to load than a short command to run. */
final class Figures {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Figures() {}

    /** Such as {@code 812 B} or {@code 12.3 MiB}. */
    static String bytes(long number) {
        int unit = 0;
        double rest = number;
        while (rest >= 1024 && unit < UNITS.length - 1) {
            rest /= 1024;
            unit++;
        }
        long tenths = Math.round(rest * 10);
        return unit == 0 ? number + " B" : tenths / 10 + "." + tenths % 10 + " " + UNITS[unit];
    }

    /** Such as {@code 8s}, {@code 2m05s} or {@code 1h20m}. */
    static String duration(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m" + twoDigits(seconds % 60) + "s";
        }
        return seconds / 3600 + "h" + twoDigits(seconds / 60 % 60) + "m";
    }

    private static String twoDigits(long number) {
        return number < 10 ? "0" + number : Long.toString(number);
    }

    /** Nanoseconds since 1970, as rkt's JSON has them. */
    static long nanoseconds(Instant at) {
        return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
    }
}
