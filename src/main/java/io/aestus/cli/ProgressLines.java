package io.aestus.cli;

import io.aestus.fetch.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Progress as lines of a log: one for each phase, and one every few seconds while bytes arrive. */
final class ProgressLines implements Progress {
    private static final long BETWEEN_LINES = Duration.ofSeconds(5).toNanos();
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private final PrintStream out;
    private final LongSupplier nanoTime;
    private String lastPhase = "";
    private long lastLine;

    ProgressLines(PrintStream out, LongSupplier nanoTime) {
        this.out = out;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void update(Report now) {
        String phase = now.image() + now.phase();
        long time = nanoTime.getAsLong();
        if (phase.equals(lastPhase) && time - lastLine < BETWEEN_LINES) {
            return;
        }
        lastPhase = phase;
        lastLine = time;
        out.println("aestus: " + now.image() + ": " + text(now));
    }

    @Override
    public synchronized void notice(String line) {
        out.println("aestus: " + line);
    }

    static String text(Report now) {
        return switch (now.phase()) {
            case DISCOVERING -> "looking for it";
            case WAITING -> "waiting for another process that fetches it";
            case TRUSTING -> "looking for its signature";
            case RECEIVING -> received(now);
            case DONE -> "stored";
        };
    }

    private static String received(Report now) {
        String text = bytes(now.received());
        if (now.total().isPresent() && now.total().getAsLong() > 0) {
            long total = now.total().getAsLong();
            text += String.format(Locale.ROOT, " of %s (%d %%)", bytes(total), 100 * now.received() / total);
        }
        return now.bytesPerSecond() == 0 ? text : text + ", " + bytes(now.bytesPerSecond()) + "/s";
    }

    private static String bytes(long count) {
        double shown = count;
        int unit = 0;
        while (shown >= 1024 && unit < UNITS.length - 1) {
            shown /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", shown, UNITS[unit]);
    }
}
