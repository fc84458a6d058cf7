package io.aestus.executor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.aestus.linux.Directory;
import io.aestus.linux.Epoll;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.NewThread;
import io.aestus.linux.Pipe;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The one thread that writes the logs of all apps.
 *
 * <p>Bytes leave an app's pipe only when they are in its log: a copy is made by tee(2) into a scratch pipe and written; then the
 * same count is spliced away. So a process that dies here loses nothing, as long as somebody else holds the pipe too: the
 * pod's first process does. When a log cannot be written its bytes stay in the pipe, and the app blocks when that is full;
 * nobody else does.
 */
final class LogPump implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final int CHUNK = 64 * 1024;
    private static final int LAST_CHUNKS = 16; // as much as the largest pipe holds
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final Epoll epoll;
    private final Pipe scratch;
    private final Fd nowhere;
    private final Clock clock;
    private final Thread thread;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    // what follows belongs to the thread
    private final MemorySegment arrived =
            Arena.ofAuto().allocate(CHUNK); // for each read anew it would be cleared first
    private final byte[] chunk = new byte[CHUNK];
    private final byte[] entries = LogFile.newBuffer();
    private final Map<Long, LogSource> sources = new HashMap<>();
    private final Set<LogSource> timed = new HashSet<>();
    private long lastToken;

    private LogPump(Epoll epoll, Pipe scratch, Fd nowhere, Clock clock) {
        this.epoll = epoll;
        this.scratch = scratch;
        this.nowhere = nowhere;
        this.clock = clock;
        this.thread = Thread.ofPlatform().daemon().name("aestus-logs").unstarted(this::run);
    }

    static LogPump open(Clock clock) throws IOException {
        Epoll epoll = Epoll.open();
        try (Directory devices = Directory.open(Path.of("/dev"))) {
            Pipe scratch = Pipe.open();
            Pipe.resize(scratch.writer(), CHUNK);
            var pump = new LogPump(epoll, scratch, devices.openForWriting("null"), clock);
            NewThread.start(pump.thread);
            return pump;
        } catch (IOException e) {
            epoll.close();
            throw e;
        }
    }

    Clock clock() {
        return clock;
    }

    byte[] entries() {
        return entries;
    }

    /** Does something on the thread, in the order of asking. */
    void command(Runnable command) {
        commands.add(command);
        wake();
    }

    private void wake() {
        try {
            epoll.wake();
        } catch (SyscallException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run() {
        while (!closed) {
            try {
                var ready = epoll.await(timed.isEmpty() ? IDLE : nextDeadline());
                for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
                    command.run();
                }
                for (var event : ready) {
                    LogSource source = sources.get(event.token());
                    if (source != null) {
                        pump(source, event.has(Epoll.HUP));
                    }
                }
                Set.copyOf(timed).forEach(this::visit);
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.ERROR, "internal error while writing logs", e);
            }
        }
    }

    private Duration nextDeadline() {
        long now = System.nanoTime();
        long soonest =
                timed.stream().mapToLong(source -> source.visitAt() - now).min().orElse(0);
        return Duration.ofNanos(Math.max(soonest, 0));
    }

    /** Begins to read. On the thread. */
    void add(LogSource source) {
        source.token = ++lastToken;
        sources.put(source.token, source);
        watch(source);
    }

    private void watch(LogSource source) {
        try {
            Pipe.setNonBlocking(source.end());
            epoll.add(source.end(), Epoll.IN, source.token);
        } catch (SyscallException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void unwatch(LogSource source) {
        try {
            epoll.remove(source.end());
        } catch (SyscallException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the source at its end, or at the latest after {@code limit} when there is nothing more to read. On the thread. */
    void finish(LogSource source, Duration limit) {
        if (sources.containsKey(source.token)) {
            source.finishBy(System.nanoTime() + limit.toNanos());
            timed.add(source);
            pump(source, false);
        }
    }

    /** Reads what is there now. On the thread. */
    void catchUp(LogSource source) {
        for (int i = 0; i < LAST_CHUNKS && sources.containsKey(source.token) && !source.isStalled(); i++) {
            pump(source, false);
        }
    }

    /** Stops reading and leaves in the pipe what is there. On the thread. */
    void drop(LogSource source) {
        if (sources.remove(source.token) != null) {
            timed.remove(source);
            if (!source.isStalled()) {
                unwatch(source);
            }
            source.close();
        }
    }

    private void visit(LogSource source) {
        long now = System.nanoTime();
        if (source.visitAt() > now) {
            return;
        }
        if (source.isStalled()) {
            source.resume();
            watch(source);
        }
        catchUp(source);
        if (sources.containsKey(source.token) && source.isOverdue(now) && !source.isStalled()) {
            end(source);
        }
        if (!source.isTimed()) {
            timed.remove(source);
        }
    }

    private void pump(LogSource source, boolean hungUp) {
        try {
            boolean isOver = source.isTerminal() ? pumpTerminal(source) : pumpPipe(source, hungUp);
            if (isOver) {
                source.log().end(source.stream());
                end(source);
            }
        } catch (IOException e) {
            stall(source, e);
        }
    }

    /** @return whether the pipe has come to its end */
    private boolean pumpPipe(LogSource source, boolean hungUp) throws IOException {
        long copied = Pipe.tee(source.end(), scratch.writer(), CHUNK);
        if (copied <= 0) {
            return copied == 0;
        }
        int count = 0;
        while (count < copied) {
            count += scratch.reader().read(arrived.asSlice(count, copied - count));
        }
        MemorySegment.copy(arrived, JAVA_BYTE, 0, chunk, 0, count);
        boolean last = hungUp && Pipe.available(source.end()) == count;
        int written = source.log().append(source.stream(), chunk, count, last);
        source.wrote(chunk, written);
        long taken = written;
        while (taken > 0) {
            taken -= Math.max(0, Pipe.splice(source.end(), nowhere, taken));
        }
        return false;
    }

    /**
     * A terminal cannot be copied from: what is read and not written when the process dies is lost.
     *
     * @return whether nobody has the other side open any more
     */
    private boolean pumpTerminal(LogSource source) throws IOException {
        byte[] text = source.unwritten();
        if (text.length == 0) {
            try {
                int count = source.end().read(chunk, 0, CHUNK);
                text = Arrays.copyOf(chunk, Math.max(count, 0));
            } catch (SyscallException e) {
                if (e.errno() == Errno.EIO || e.errno() == Errno.EAGAIN) {
                    return e.errno() == Errno.EIO;
                }
                throw e;
            }
        }
        while (text.length > 0) {
            source.keep(text);
            int done = source.log().append(source.stream(), text, text.length, false);
            source.wrote(text, done);
            text = Arrays.copyOfRange(text, done, text.length);
        }
        source.keep(text);
        return false;
    }

    private void stall(LogSource source, IOException why) {
        if (!source.isStalled()) {
            unwatch(source);
        }
        source.stall(why, System.nanoTime() + RETRY.toNanos());
        timed.add(source);
        if (source.isFinishing() && why instanceof SyscallException gone && gone.errno() == Errno.ENOENT) {
            end(source); // the log's directory was removed: nobody will read it, and nobody need wait for it
        }
    }

    private void end(LogSource source) {
        drop(source);
        source.ended().complete(null);
    }

    /** Stops; what is in pipes stays there. */
    @Override
    public void close() {
        var dropped = new CompletableFuture<Void>();
        command(() -> {
            Set.copyOf(sources.values()).forEach(this::drop);
            closed = true;
            dropped.complete(null);
        });
        dropped.join();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        scratch.close();
        nowhere.close();
        epoll.close();
    }
}
