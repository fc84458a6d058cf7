package io.aestus.executor;

import io.aestus.executor.LogLine.Stream;
import io.aestus.linux.Fd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one app writes, on its way into its log. May be called from any thread. */
final class AppOutput {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private final LogPump pump;
    private final Place place;
    private final Consumer<String> onStall;

    // what follows belongs to the pump's thread
    private final List<LogSource> sources = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();
    private @Nullable LogFile file;
    private boolean isStalled;
    private boolean isOver;
    private long written;

    /**
     * Where a log is and who rotates it.
     *
     * @param rotation empty when somebody else does
     * @param journal where the writer keeps what it is about
     */
    record Place(Path path, Optional<LogRotation> rotation, Path journal) {}

    /** Somebody who sees what an app writes as it is written. Called on the pump's thread: must not block. */
    interface Listener {
        /**
         * So much was written.
         *
         * @param bytes the listener's own
         */
        void wrote(byte[] bytes);

        /** Nothing more comes. */
        void ended();
    }

    /** @param onStall is told why, once each time the log ceases to be writable; must not block */
    AppOutput(LogPump pump, Place place, Consumer<String> onStall) {
        this.pump = pump;
        this.place = place;
        this.onStall = onStall;
    }

    /** Takes a stream: the read end of a pipe, or the master of a terminal. */
    void add(Stream stream, Fd end, AppOptions.Terminal terminal) {
        pump.command(() -> {
            var source = new LogSource(this, stream, end, terminal);
            sources.add(source);
            pump.add(source);
            try {
                file(); // so that the log is there from the start
            } catch (IOException e) {
                stalled(e);
            }
        });
    }

    /** The log, opened when it is first needed. On the pump's thread. */
    LogFile file() throws IOException {
        LogFile opened = file;
        if (opened == null) {
            var journal = LogJournal.open(place.journal());
            try {
                opened = new LogFile(place.path(), place.rotation(), journal, pump.clock(), pump.entries());
            } catch (IOException e) {
                journal.close();
                throw e;
            }
            file = opened;
        }
        if (isStalled) {
            isStalled = false;
            LOG.log(Level.INFO, "log {0} is tried again", place.path());
        }
        return opened;
    }

    /** On the pump's thread. */
    void stalled(IOException why) {
        if (!isStalled) {
            isStalled = true;
            LOG.log(Level.WARNING, "cannot write log {0}: {1}", place.path(), why.getMessage());
            onStall.accept(String.valueOf(why.getMessage()));
        }
    }

    /**
     * Tells {@code listener} of all that is written from now on.
     *
     * @return how many bytes went into the log since this process writes it; empty if the output has ended
     */
    CompletableFuture<Optional<Long>> listen(Listener listener) {
        var listening = new CompletableFuture<Optional<Long>>();
        pump.command(() -> {
            if (!isOver) {
                listeners.add(listener);
            }
            listening.complete(isOver ? Optional.empty() : Optional.of(written));
        });
        return listening;
    }

    /** Tells it no more. */
    void ignore(Listener listener) {
        pump.command(() -> listeners.remove(listener));
    }

    /** So many bytes of {@code chunk} are in the log now. On the pump's thread. */
    void wrote(byte[] chunk, int count) {
        written += count;
        for (Listener listener : listeners) {
            listener.wrote(Arrays.copyOf(chunk, count));
        }
    }

    /**
     * Writes what is there, and ends.
     *
     * @param limit how long to wait for those that still hold the streams open
     * @return completes when everything is in the log; not as long as it cannot be written
     */
    CompletableFuture<Void> finish(Duration limit) {
        var finished = new CompletableFuture<Void>();
        pump.command(() -> {
            var open = List.copyOf(sources);
            open.forEach(source -> pump.finish(source, limit));
            CompletableFuture<?>[] ends = open.stream().map(LogSource::ended).toArray(CompletableFuture[]::new);
            var unused = CompletableFuture.allOf(ends).thenRun(() -> {
                finished.complete(null);
                closeFile();
            });
        });
        return finished;
    }

    /** Completes when all that is there now is in the log, or it cannot be written. */
    CompletableFuture<Void> catchUp() {
        var caughtUp = new CompletableFuture<Void>();
        pump.command(() -> {
            List.copyOf(sources).forEach(pump::catchUp);
            caughtUp.complete(null);
        });
        return caughtUp;
    }

    /** Goes on in a new file at the same path; on an error, in the old one. */
    CompletableFuture<Void> reopen() {
        var reopened = new CompletableFuture<Void>();
        pump.command(() -> {
            try {
                file().reopen();
                reopened.complete(null);
            } catch (IOException e) {
                reopened.completeExceptionally(e);
            }
        });
        return reopened;
    }

    /** Ends at once; what is not in the log yet stays in the pipes. */
    CompletableFuture<Void> drop() {
        var dropped = new CompletableFuture<Void>();
        pump.command(() -> {
            sources.forEach(pump::drop);
            closeFile();
            dropped.complete(null);
        });
        return dropped;
    }

    private void closeFile() {
        isOver = true;
        listeners.forEach(Listener::ended);
        listeners.clear();
        sources.clear();
        LogFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }
}
