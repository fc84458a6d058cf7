package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.json.JsonReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads what happened to the pods of a data directory, whichever processes look after them, the oldest event first. What is
 * older than the last mebibyte or two is forgotten. Not thread-safe.
 */
public final class PodEvents implements AutoCloseable {
    private static final long BETWEEN_LOOKS_MILLIS = 50;
    private static final int CHUNK = 1 << 16;

    private final Path data;
    private final Instant since;
    private final Deque<PodEvent> ready = new ArrayDeque<>();
    private byte[] rest = new byte[0];
    private @Nullable FileChannel file;
    private @Nullable Object fileKey;

    private PodEvents(Path data, Instant since) {
        this.data = data;
        this.since = since;
    }

    /**
     * Begins to read.
     *
     * @param data the data directory; nothing need be there yet
     * @param since earlier events are left out
     */
    public static PodEvents open(Path data, Instant since) {
        var events = new PodEvents(data, since);
        try {
            events.open(EventJournal.previous(data));
            if (events.file == null) {
                events.open(EventJournal.current(data));
            }
            return events;
        } catch (IOException e) {
            throw Failures.of("read the journal of events", e);
        }
    }

    /**
     * The next event.
     *
     * @param limit how long to wait for it
     * @return empty if there is none by then
     */
    public Optional<PodEvent> next(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                boolean isMore = ready.isEmpty();
                while (isMore && ready.isEmpty()) {
                    isMore = read() || turn();
                }
            } catch (IOException e) {
                throw Failures.of("read the journal of events", e);
            }
            long left = deadline - System.nanoTime();
            if (!ready.isEmpty() || left <= 0) {
                return Optional.ofNullable(ready.pollFirst());
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(BETWEEN_LOOKS_MILLIS)));
        }
    }

    private void open(Path path) throws IOException {
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
            fileKey = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException _) {
            file = null;
        }
    }

    /** Reads on in the open file. @return false at its end */
    private boolean read() throws IOException {
        if (file == null) {
            return false;
        }
        var buffer = ByteBuffer.allocate(CHUNK);
        int count = file.read(buffer);
        if (count <= 0) {
            return false;
        }
        byte[] text = Arrays.copyOf(rest, rest.length + count);
        buffer.flip().get(text, rest.length, count);
        int from = 0;
        for (int i = rest.length; i < text.length; i++) {
            if (text[i] == '\n') {
                take(Arrays.copyOfRange(text, from, i));
                from = i + 1;
            }
        }
        rest = Arrays.copyOfRange(text, from, text.length);
        return true;
    }

    private void take(byte[] line) {
        PodEvent event;
        try {
            event = EventJson.read(JsonReader.readOwn(line, "the journal of events"));
        } catch (AestusException _) {
            return; // torn by a full disk, or written by a later version: the others are as good as ever
        }
        if (!event.at().isBefore(since)) {
            ready.addLast(event);
        }
    }

    /** Goes to the current file, once the one that is read is not that any more. @return whether it did */
    private boolean turn() throws IOException {
        Object current;
        try {
            current = Files.readAttributes(EventJournal.current(data), BasicFileAttributes.class)
                    .fileKey();
        } catch (NoSuchFileException _) {
            return false;
        }
        if (file != null && Objects.equals(current, fileKey)) {
            return false;
        }
        if (file != null) {
            file.close();
        }
        rest = new byte[0];
        open(EventJournal.current(data));
        return file != null;
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw Failures.of("close the journal of events", e);
        }
    }
}
