package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Fd;
import io.aestus.linux.PidFd;
import io.aestus.linux.Pipe;
import io.aestus.linux.Pty;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A further process in an app, with its streams in our hands. */
final class Session implements AppProcess {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private final Optional<Fd> terminal;
    private final OutputStream stdin;
    private final InputStream stdout;
    private final InputStream stderr;
    private final PidFd process;
    private final Exits.Watch watch;
    private final Deed kill;

    /** Something done to a process. */
    @FunctionalInterface
    private interface Deed {
        void run() throws IOException;
    }

    private Session(Ends ends, PidFd process, Exits.Watch watch, Deed kill) {
        this.kill = kill;
        this.terminal = Optional.ofNullable(ends.terminal);
        this.stdin = ends.stdin;
        this.stdout = ends.stdout;
        this.stderr = ends.stderr;
        this.process = process;
        this.watch = watch;
    }

    static Session open(Engine engine, Stage1 stage1, Stage1.AppPlace app, Stage1.StartedProcess main, ExecSpec spec)
            throws IOException {
        try (var ends = new Ends(engine.readiness())) {
            var streams = spec.terminal() == AppOptions.Terminal.TTY ? ends.terminal() : ends.pipes(spec.stdin());
            String name = engine.sessionNames().next(app);
            var started = stage1.exec(new Stage1.ExecStart(app, name, main, spec, streams));
            PidFd process = started.pidfd();
            try {
                var watch = engine.exits().watch(process, ProcessIdentity.of(started.pid()));
                var unused =
                        watch.ended().thenRunAsync(() -> release(engine, stage1, app, name), engine.workers()::start);
                ends.keepOurs();
                return new Session(ends, process, watch, () -> stage1.killExec(app, name));
            } catch (IOException | RuntimeException e) {
                process.signal(Signal.SIGKILL);
                process.reap();
                process.close();
                throw e;
            }
        }
    }

    private static void release(Engine engine, Stage1 stage1, Stage1.AppPlace app, String name) {
        try {
            stage1.releaseExec(app, name);
            engine.sessionNames().prepare(stage1, app);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot release a process that was executed in app " + app.name(), e);
        }
    }

    /** The streams on their way: closing this closes what is the process's, and ours too unless it is kept. */
    private static final class Ends implements AutoCloseable {
        private final Readiness readiness;
        private final List<Fd> theirs = new ArrayList<>();
        private final List<AutoCloseable> ours = new ArrayList<>();
        private @Nullable Fd terminal;
        private OutputStream stdin = OutputStream.nullOutputStream();
        private InputStream stdout = InputStream.nullInputStream();
        private InputStream stderr = InputStream.nullInputStream();

        Ends(Readiness readiness) {
            this.readiness = readiness;
        }

        Stage1.Streams terminal() {
            return new Stage1.Streams.Terminal(master -> {
                terminal = master;
                ours.add(master);
                stdin = ours(ProcessStreams.output(readiness, master.duplicate()));
                stdout = ours(ProcessStreams.input(readiness, master.duplicate()));
            });
        }

        Stage1.Streams pipes(AppOptions.Stdin wanted) throws IOException {
            Fd from;
            if (wanted == AppOptions.Stdin.CLOSED) {
                from = theirs(HandlerOutput.nullDevice());
            } else {
                Pipe pipe = Pipe.open();
                from = theirs(pipe.reader());
                stdin = ours(ProcessStreams.output(readiness, pipe.writer()));
            }
            Pipe out = Pipe.open();
            Fd outEnd = theirs(out.writer());
            stdout = ours(ProcessStreams.input(readiness, out.reader()));
            Pipe err = Pipe.open();
            Fd errEnd = theirs(err.writer());
            stderr = ours(ProcessStreams.input(readiness, err.reader()));
            return new Stage1.Streams.Pipes(from, outEnd, errEnd);
        }

        private Fd theirs(Fd end) {
            theirs.add(end);
            return end;
        }

        private <T extends AutoCloseable> T ours(T stream) {
            ours.add(stream);
            return stream;
        }

        void keepOurs() {
            ours.clear();
        }

        @Override
        public void close() {
            theirs.forEach(Fd::close);
            ours.forEach(Session::close);
        }
    }

    private static void close(AutoCloseable stream) {
        try {
            stream.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot close a stream", e);
        }
    }

    @Override
    public OutputStream stdin() {
        return stdin;
    }

    @Override
    public InputStream stdout() {
        return stdout;
    }

    @Override
    public InputStream stderr() {
        return stderr;
    }

    @Override
    public void resize(int columns, int rows) {
        terminal.ifPresent(master -> resize(master, columns, rows));
    }

    static void resize(Fd master, int columns, int rows) {
        try {
            Pty.resize(master, new Pty.WindowSize(rows, columns));
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot resize a terminal: " + e.getMessage(), e);
        }
    }

    @Override
    public void signal(int number) {
        try {
            if (!watch.ended().isDone()) {
                process.signal(number);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<ExitStatus> waitFor(Duration limit) throws InterruptedException {
        return await(watch, limit);
    }

    static Optional<ExitStatus> await(Exits.Watch watch, Duration limit) throws InterruptedException {
        try {
            return Optional.of(watch.ended().get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException _) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a watch ended badly", e);
        }
    }

    @Override
    public void close() {
        try {
            if (!watch.ended().isDone()) {
                kill.run();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List.of(stdin, stdout, stderr).forEach(Session::close);
        terminal.ifPresent(Fd::close);
        var unused = watch.ended().thenRun(process::close);
    }
}
