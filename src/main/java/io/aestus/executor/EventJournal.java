package io.aestus.executor;

import io.aestus.json.JsonWriter;
import io.aestus.linux.FileLock;
import io.aestus.linux.NewThread;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happened to the pods of a data directory, whoever looks after them: {@code events/journal}, a line of JSON an event,
 * appended by one write. When it is a mebibyte long it becomes {@code journal.1}, and the one before is forgotten. {@link
 * PodEvents} reads it.
 *
 * <p>Nobody who publishes an event waits for the disk: a thread of its own writes, some milliseconds later, what happened in
 * that time, lest it takes the processor of those who are about it; and {@link #close} waits for that. An event that cannot be
 * written is lost to readers of the journal, and to nobody else.
 */
final class EventJournal implements AutoCloseable {
    /** How long a journal becomes: some six thousand events. */
    static final long MOST_BYTES = 1 << 20;

    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final int MOST_WAITING = 4096;
    private static final Duration GATHERING = Duration.ofMillis(10);
    private static final long PATIENCE_MILLIS = 5000;

    private final Path directory;
    private final Deque<PodEvent> waiting = new ArrayDeque<>();
    private @Nullable Thread writer;
    private boolean isClosed;

    EventJournal(Path data) {
        this.directory = directory(data);
    }

    private static Path directory(Path data) {
        return data.resolve("events");
    }

    /** Where events are written now. */
    static Path current(Path data) {
        return directory(data).resolve("journal");
    }

    /** Where those before are. */
    static Path previous(Path data) {
        return directory(data).resolve("journal.1");
    }

    synchronized void add(PodEvent event) {
        if (isClosed || waiting.size() == MOST_WAITING) {
            return;
        }
        waiting.addLast(event);
        if (writer == null) {
            startWriter();
        }
        if (waiting.size() == 1) {
            notifyAll();
        }
    }

    private void startWriter() {
        Thread thread = Thread.ofPlatform().daemon().name("aestus-journal").unstarted(this::write);
        try {
            NewThread.start(thread);
            writer = thread;
        } catch (SyscallException e) {
            LOG.log(Level.DEBUG, "the journal of events has to wait: {0}", e.getMessage());
        }
    }

    private void write() {
        try {
            for (List<PodEvent> some = take(); !some.isEmpty(); some = take()) {
                append(some);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized List<PodEvent> take() throws InterruptedException {
        while (waiting.isEmpty() && !isClosed) {
            wait();
        }
        long end = System.nanoTime() + GATHERING.toNanos();
        for (long left = end - System.nanoTime(); left > 0 && !isClosed; left = end - System.nanoTime()) {
            wait(left / 1_000_000 + 1);
        }
        var some = new ArrayList<>(waiting);
        waiting.clear();
        return some;
    }

    private void append(List<PodEvent> some) {
        var text = new StringBuilder();
        some.forEach(event ->
                text.append(JsonWriter.compactText(EventJson.of(event))).append('\n'));
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path file = directory.resolve("journal");
            long size;
            try (var channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
                channel.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
                size = channel.size();
            }
            if (size > MOST_BYTES) {
                rotate(file);
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot write the journal of events", e);
        }
    }

    /** Whoever has the lock does it; the others' lines are in either file. */
    private void rotate(Path file) throws IOException {
        Optional<FileLock> lock = FileLock.tryAcquire(directory.resolve("lock"), FileLock.Kind.EXCLUSIVE);
        if (lock.isPresent()) {
            try (var _ = lock.get()) {
                if (Files.size(file) > MOST_BYTES) { // nobody did it just now
                    Files.move(file, directory.resolve("journal.1"), StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }
    }

    /** Writes what waits. */
    @Override
    public void close() {
        Thread last;
        synchronized (this) {
            isClosed = true;
            last = writer;
            notifyAll();
        }
        try {
            if (last != null) {
                last.join(PATIENCE_MILLIS);
            } else {
                write();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
