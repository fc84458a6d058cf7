package io.aestus.executor;

import io.aestus.linux.ByteSearch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Reads a log from its oldest file to its newest and, when it follows, from one that was put aside on to the next. A file is
 * left only after a look that found nothing more in it, begun when the next one was there already: then nothing is added to
 * it any more.
 */
final class LogReader implements AppLog.Reader {
    private static final int CHUNK = 64 * 1024;
    private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(1).toNanos();
    private static final long LONGEST_PAUSE_NANOS = Duration.ofMillis(50).toNanos();

    private final LogFiles files;
    private final LogQuery query;
    private final BooleanSupplier isWritten;

    /** The files yet to be read, the one that is being read first; empty before there is a log. */
    private final Deque<LogFiles.Open> open;

    /** How many lines may still be given: what is written meanwhile does not make the last lines more than were asked for. */
    private long allowed;

    private byte[] buffer = new byte[CHUNK];
    private int from;
    private int to;
    private long pause = FIRST_PAUSE_NANOS;
    private boolean isLastLook;
    private boolean isAtEnd;

    /**
     * Opens a log.
     *
     * @param isWritten whether something may still be added to it
     */
    LogReader(LogFiles files, LogQuery query, BooleanSupplier isWritten) throws IOException {
        this.files = files;
        this.query = query;
        this.isWritten = isWritten;
        this.allowed = query.tail() < 0 || query.mode() == LogQuery.Mode.FOLLOW ? Long.MAX_VALUE : query.tail();
        this.open = query.tail() < 0 ? files.all() : tail(files.all(), query.tail());
    }

    private static Deque<LogFiles.Open> tail(Deque<LogFiles.Open> all, long lines) throws IOException {
        var wanted = new ArrayDeque<LogFiles.Open>();
        long missing = lines;
        while (!all.isEmpty() && (missing > 0 || wanted.isEmpty())) {
            var file = all.removeLast();
            missing -= LogFiles.seekBack(file.channel(), missing);
            wanted.addFirst(file);
        }
        all.forEach(LogFiles.Open::close);
        return wanted;
    }

    @Override
    public Optional<LogLine> next(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (!isAtEnd && allowed > 0) {
                var line = take();
                if (line.isPresent()) {
                    allowed--;
                    pause = FIRST_PAUSE_NANOS;
                    return line;
                }
                if (!fill() && !advance()) {
                    long left = deadline - System.nanoTime();
                    if (isAtEnd || left <= 0) {
                        return Optional.empty();
                    }
                    TimeUnit.NANOSECONDS.sleep(Math.min(left, pause));
                    pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
                }
            }
            isAtEnd = true;
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read a log", e);
        }
    }

    /** The next entry that is wanted of what was read. */
    private Optional<LogLine> take() {
        while (true) {
            int feed = ByteSearch.first(buffer, (byte) '\n', from, to);
            if (feed < 0) {
                return Optional.empty();
            }
            var line = LogFormat.parse(buffer, from, feed);
            from = feed + 1;
            if (line.filter(this::isWanted).isPresent()) {
                return line;
            }
        }
    }

    private boolean isWanted(LogLine line) {
        return query.since().isEmpty() || !line.at().isBefore(query.since().get());
    }

    /**
     * Reads on in the current file.
     *
     * @return false if nothing more is there now
     */
    private boolean fill() throws IOException {
        if (open.isEmpty()) {
            return false;
        }
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
        if (to == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        var channel = open.getFirst().channel();
        if (channel.size() < channel.position()) { // emptied, as only one file is kept
            channel.position(0);
        }
        int count = channel.read(ByteBuffer.wrap(buffer, to, buffer.length - to));
        to += Math.max(count, 0);
        return count > 0;
    }

    /**
     * After a look that found nothing more in the current file.
     *
     * @return whether it is worth to look again at once
     */
    private boolean advance() throws IOException {
        if (open.size() > 1) {
            open.removeFirst().close();
            to = from; // what a dead writer left without an end
            isLastLook = false;
            return true;
        }
        if (query.mode() == LogQuery.Mode.READ || isLastLook) {
            isAtEnd = true;
            return false;
        }
        boolean mayGrow = isWritten.getAsBoolean(); // asked first: what is there afterwards is all
        var newer = open.isEmpty() ? files.all() : files.after(open.getFirst());
        open.addAll(newer);
        isLastLook = newer.isEmpty() && !mayGrow;
        return isLastLook || !newer.isEmpty();
    }

    @Override
    public boolean atEnd() {
        return isAtEnd;
    }

    @Override
    public void close() {
        open.forEach(LogFiles.Open::close);
        open.clear();
        isAtEnd = true;
    }
}
