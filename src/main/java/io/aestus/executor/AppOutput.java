package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.executor.LogLine.Stream;
import io.aestus.linux.Fd;
import io.aestus.linux.Pipe;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one app writes, on its way into its log. May be called from any thread. */
final class AppOutput {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    /** How long what an app wrote last is waited for while somebody still has its streams. */
    static final Duration LAST_WORDS = Duration.ofSeconds(1);

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

    /** That of an app of an owned pod. */
    static AppOutput of(Engine engine, OwnedPod pod, AppRecord app) {
        var rotation = app.options().logPath().isPresent()
                ? Optional.<LogRotation>empty()
                : Optional.of(engine.config().logs());
        var place = new Place(pod.log(app), rotation, engine.files().journal(pod.uuid(), app.name()));
        return new AppOutput(engine.logs(), place, why -> engine.events()
                .publish(new PodEvent.LogStalled(pod.uuid(), app.name(), engine.now(), why)));
    }

    /** Takes a stream: the read end of a pipe, or the master of a terminal. */
    void add(Stream stream, Fd end, AppOptions.Terminal terminal) {
        var unused = write(stream, end, terminal);
    }

    /** The same. @return completes when it has come to its end and all of it is in the log */
    private CompletableFuture<Void> write(Stream stream, Fd end, AppOptions.Terminal terminal) {
        var source = new LogSource(this, stream, end, terminal);
        pump.command(() -> {
            sources.add(source);
            pump.add(source);
            try {
                file(); // so that the log is there from the start
            } catch (IOException e) {
                stalled(e);
            }
        });
        return source.ended();
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

    /** Waits until what is being written is in the log, but not for long: it may be that nobody can write there. */
    static void await(Future<?> written, AcName app) throws InterruptedException {
        try {
            written.get(LAST_WORDS.toMillis() * 2, TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            LOG.log(Level.WARNING, "last output of app {0} is not in its log yet", app);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a log ended badly", e);
        }
    }

    /**
     * Where an event handler of the app writes: pipes of its own, so that all of it is in the log before the app writes there, or
     * after.
     */
    HandlerOutput handlers(AcName app, Parking parking) {
        return () -> {
            try (var unused = new Cleanup()) {
                Pipe stdout = Pipe.open();
                unused.owns(stdout.reader());
                unused.owns(stdout.writer());
                Pipe stderr = Pipe.open();
                unused.owns(stderr.reader());
                unused.owns(stderr.writer());
                Fd nothing = unused.owns(HandlerOutput.nullDevice());
                parking.park(List.of(stdout.reader(), stderr.reader()));
                unused.handOver();
                var written = CompletableFuture.allOf(
                        write(Stream.STDOUT, stdout.reader(), AppOptions.Terminal.NONE),
                        write(Stream.STDERR, stderr.reader(), AppOptions.Terminal.NONE));
                var streams = new Stage1.Streams.Pipes(nothing, stdout.writer(), stderr.writer());
                return new HandlerOutput.Opened(streams, () -> {
                    nothing.close();
                    stdout.writer().close();
                    stderr.writer().close();
                    awaitUninterrupted(written, app);
                });
            }
        };
    }

    /** Keeps duplicates of the ends from which output comes. */
    @FunctionalInterface
    interface Parking {
        void park(List<Fd> ends) throws IOException;
    }

    private static void awaitUninterrupted(Future<?> written, AcName app) {
        try {
            await(written, app);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
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
