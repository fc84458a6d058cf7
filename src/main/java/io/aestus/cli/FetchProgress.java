package io.aestus.cli;

import io.aestus.fetch.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far fetches are. To a person on one line that is written over and over; to a file in plain lines, and only of
 * what takes long. Thread-safe.
 */
final class FetchProgress implements Progress, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int DEFAULT_COLUMNS = 80;

    private final PrintStream err;
    private final Dialect dialect;
    private final boolean isWatched;
    private final int columns;
    private final InstantSource clock;
    private final Map<String, Instant> begun = new HashMap<>();
    private final Map<String, Instant> said = new HashMap<>();
    private @Nullable String line;

    /**
     * @param isWatched whether {@code err} is a terminal
     * @param columns of the terminal, as the environment has it, if at all
     */
    FetchProgress(PrintStream err, Dialect dialect, boolean isWatched, @Nullable String columns, InstantSource clock) {
        this.err = err;
        this.dialect = dialect;
        this.isWatched = isWatched;
        this.columns =
                columns != null && columns.matches("[1-9]\\d{1,3}") ? Integer.parseInt(columns) : DEFAULT_COLUMNS;
        this.clock = clock;
    }

    @Override
    public synchronized void update(Report now) {
        begun.putIfAbsent(now.image(), clock.instant());
        if (isWatched) {
            watched(now);
        } else {
            plain(now);
        }
    }

    @Override
    public synchronized void notice(String text) {
        clear();
        say(text);
    }

    private void say(String text) {
        err.println(dialect.program() + ": " + text);
    }

    private void watched(Report now) {
        if (now.phase() == Phase.DONE) {
            clear();
            if (now.received() > 0) {
                err.println(done(now));
            }
            return;
        }
        String text = describe(now);
        String fitting = text.length() < columns ? text : text.substring(0, columns - 1);
        if (line != null && line.length() > fitting.length()) {
            clear();
        }
        err.print('\r' + fitting);
        err.flush();
        line = fitting;
    }

    private void plain(Report now) {
        Instant last = said.getOrDefault(now.image(), begun.get(now.image()));
        Instant at = clock.instant();
        boolean wasSaid = said.containsKey(now.image());
        if (now.phase() == Phase.DONE) {
            if (wasSaid) {
                say(done(now));
            }
        } else if (last != null && Duration.between(last, at).compareTo(PATIENCE) >= 0) {
            say(describe(now));
            said.put(now.image(), at);
        }
    }

    private String done(Report now) {
        Instant from = begun.getOrDefault(now.image(), clock.instant());
        return now.image() + ": " + Figures.bytes(now.received()) + " in "
                + Figures.duration(Duration.between(from, clock.instant()));
    }

    /** Such as {@code example.com/web: 12.3 MiB of 40.0 MiB (30%), 5.2 MiB/s, 6s left}. */
    private static String describe(Report now) {
        return now.image() + ": "
                + switch (now.phase()) {
                    case DISCOVERING -> "asking where it is";
                    case WAITING -> "waiting for another process that fetches it";
                    case TRUSTING -> "fetching signature and keys";
                    case RECEIVING -> received(now);
                    case DONE -> "done";
                };
    }

    private static String received(Report now) {
        var text = new StringBuilder(Figures.bytes(now.received()));
        now.total().ifPresent(total -> {
            text.append(" of ").append(Figures.bytes(total));
            if (total > 0) {
                text.append(" (").append(100 * now.received() / total).append("%)");
            }
        });
        if (now.bytesPerSecond() > 0) {
            text.append(", ").append(Figures.bytes(now.bytesPerSecond())).append("/s");
            now.total().ifPresent(total -> text.append(", ")
                    .append(Figures.duration(
                            Duration.ofSeconds(Math.max(0, total - now.received()) / now.bytesPerSecond())))
                    .append(" left"));
        }
        return text.toString();
    }

    private void clear() {
        if (line != null) {
            err.print('\r' + " ".repeat(line.length()) + '\r');
            err.flush();
            line = null;
        }
    }

    /** Leaves the terminal's line empty for what comes next. */
    @Override
    public synchronized void close() {
        clear();
    }
}
