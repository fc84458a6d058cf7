package io.aestus.api;

import io.aestus.executor.AppLog;
import io.aestus.executor.LogLine;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** The log of one app as whole lines, one of which can be looked at before it is taken. For one thread. */
final class AppLines implements AutoCloseable {
    /** A longer line is told as several. */
    private static final int LONGEST_LINE = 1 << 20;

    private final AppLog.Reader reader;
    private final String prefix;
    private final Map<LogLine.Stream, ByteArrayOutputStream> begun = new EnumMap<>(LogLine.Stream.class);
    private Optional<Line> next = Optional.empty();
    private boolean isEnded;

    /** @param at when its last piece was written */
    record Line(Instant at, String text) {}

    /**
     * Takes {@code reader}.
     *
     * @param prefix stands before each line
     */
    AppLines(AppLog.Reader reader, String prefix) {
        this.reader = reader;
        this.prefix = prefix;
    }

    /** The next line, if it is there within {@code limit}. */
    Optional<Line> look(Duration limit) throws InterruptedException {
        while (next.isEmpty() && !isEnded) {
            Optional<LogLine> piece = reader.next(limit);
            if (piece.isEmpty()) {
                isEnded = reader.atEnd();
                break;
            }
            next = join(piece.get());
        }
        return next;
    }

    private Optional<Line> join(LogLine piece) {
        var whole = begun.computeIfAbsent(piece.stream(), _ -> new ByteArrayOutputStream());
        whole.writeBytes(piece.text());
        if (piece.isPartial() && whole.size() < LONGEST_LINE) {
            return Optional.empty();
        }
        String text = whole.toString(StandardCharsets.UTF_8);
        whole.reset();
        return Optional.of(new Line(piece.at(), prefix + text));
    }

    /** Goes on behind the line that was looked at. */
    void take() {
        next = Optional.empty();
    }

    /** No line is wanted any more. */
    void end() {
        next = Optional.empty();
        isEnded = true;
    }

    boolean isAtEnd() {
        return isEnded && next.isEmpty();
    }

    @Override
    public void close() {
        reader.close();
    }
}
