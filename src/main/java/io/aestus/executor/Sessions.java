package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.PidFd;
import io.aestus.linux.SyscallException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Ways into a running app, whoever owns its pod: further processes, attachments, its log. */
final class Sessions {
    private final Engine engine;
    private final PodTable table;
    private final PodViews views;
    private final ForeignPods pods;

    Sessions(Engine engine, PodTable table, PodViews views, ForeignPods pods) {
        this.engine = engine;
        this.table = table;
        this.views = views;
        this.pods = pods;
    }

    AppProcess exec(PodUuid uuid, AcName name, ExecSpec spec) throws IOException {
        PodRecord pod = pod(uuid);
        AppRecord app = app(pod, name);
        Pauses.requireNone(pod, "enter app " + name);
        var place = app.at(pod.at(engine.files().pod(uuid)), engine.files().app(uuid, name));
        try (PidFd main = process(pod, app)) {
            long pid = app.process().orElseThrow().pid();
            return Session.open(engine, engine.stage1s().of(pod), place, new Stage1.StartedProcess(pid, main), spec);
        }
    }

    /** From memory if this process looks after it: the disk says the same, and takes longer. */
    private PodRecord pod(PodUuid uuid) throws IOException {
        var owned = table.peek(uuid);
        return owned.isPresent() ? owned.get().record() : engine.files().read(uuid);
    }

    private AppRecord app(PodRecord pod, AcName name) throws IOException {
        var owned = table.peek(pod.uuid()).flatMap(known -> known.app(name));
        return owned.isPresent() ? owned.get() : pods.app(pod, name);
    }

    private PidFd process(PodRecord pod, AppRecord app) throws IOException {
        var run = table.peek(pod.uuid()).flatMap(owned -> owned.run(app.name()));
        Optional<PidFd> process = run.isPresent()
                ? run.get().duplicate()
                : app.process()
                        .filter(_ -> app.state() instanceof AppState.Running)
                        .flatMap(ForeignPods::open);
        return process.orElseThrow(() -> new AestusException(
                Problem.CONFLICT, "cannot enter app " + app.name() + " of pod " + pod.uuid() + ": it does not run"));
    }

    private static PidFd first(PodRecord pod) {
        return pod.process()
                .flatMap(ForeignPods::open)
                .orElseThrow(() ->
                        new AestusException(Problem.CONFLICT, "cannot enter pod " + pod.uuid() + ": it does not run"));
    }

    // --- connections

    SocketChannel connect(PodUuid uuid, int port, Duration limit) throws IOException {
        try (PidFd first = first(pod(uuid))) {
            return PodSockets.connect(first, port, limit);
        }
    }

    // --- attachments

    /**
     * Attaches to an app.
     *
     * @param history what of that it wrote before is shown first: all or nothing. With all, it may have ended
     */
    AppProcess attach(PodUuid uuid, AcName name, Executor.History history) throws IOException {
        takeOver(uuid); // what nobody takes out of its pipes nobody sees
        PodRecord pod = pod(uuid);
        AppRecord app = app(pod, name);
        try (PidFd process = process(pod, app);
                PidFd first = first(pod)) { // it runs
            return attach(uuid, app, first, history);
        } catch (IOException | AestusException e) {
            boolean hasRun = !(app.state() instanceof AppState.Created);
            if (history == Executor.History.NONE || !hasRun || isAlive(uuid, name)) {
                throw e;
            }
            var rest = new LogFeed(read(log(uuid, name), LogQuery.all().following(), uuid, name));
            return new Attachment(target(uuid, name), Optional.empty(), OutputStream.nullOutputStream(), rest);
        }
    }

    private boolean isAlive(PodUuid uuid, AcName name) throws IOException {
        var main = app(pod(uuid), name).process().flatMap(ForeignPods::open);
        main.ifPresent(PidFd::close);
        return main.isPresent();
    }

    private AppProcess attach(PodUuid uuid, AppRecord app, PidFd first, Executor.History history) throws IOException {
        AcName name = app.name();
        Optional<Fd> terminal = Optional.empty();
        OutputStream stdin = OutputStream.nullOutputStream();
        try (Keeper keeper = Keeper.of(first, engine.files().keeper(uuid))) {
            for (var kept : keeper.parked()) {
                if (kept.start().app().equals(name) && kept.kind() == Keeper.Kind.TERMINAL) {
                    terminal = Optional.of(kept.descriptors().getFirst());
                    stdin = ProcessStreams.output(
                            engine.readiness(), terminal.get().duplicate());
                } else if (kept.start().app().equals(name) && kept.kind() == Keeper.Kind.INPUT) {
                    stdin = ProcessStreams.output(
                            engine.readiness(), kept.descriptors().getFirst());
                } else {
                    kept.close();
                }
            }
        }
        var input = app.options().stdin() == AppOptions.Stdin.ONCE ? endingWithItself(stdin, uuid, name) : stdin;
        return new Attachment(target(uuid, name), terminal, input, feed(uuid, app, history));
    }

    /** Whoever is at a terminal sees each byte at once, if this process reads it; else, and for the rest, the log has it soon. */
    private Feed feed(PodUuid uuid, AppRecord app, Executor.History history) throws IOException {
        Path log = log(uuid, app.name());
        if (app.options().terminal() == AppOptions.Terminal.TTY) {
            var live = table.peek(uuid).flatMap(pod -> pod.run(app.name())).flatMap(run -> LiveFeed.of(run.output));
            if (live.isPresent()) {
                return switch (history) {
                    case NONE -> live.get();
                    case ALL -> live.get().after(read(log, LogQuery.all(), uuid, app.name()));
                };
            }
        }
        LogQuery from =
                switch (history) {
                    case NONE -> LogQuery.all().last(0);
                    case ALL -> LogQuery.all();
                };
        return new LogFeed(read(log, from.following(), uuid, app.name()));
    }

    private OutputStream endingWithItself(OutputStream stdin, PodUuid uuid, AcName name) {
        return new FilterOutputStream(stdin) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                super.close();
                var identity = engine.files().find(uuid).flatMap(PodRecord::process);
                var first = identity.flatMap(ForeignPods::open);
                if (first.isPresent()) {
                    try (PidFd process = first.get();
                            Keeper keeper = Keeper.of(process, engine.files().keeper(uuid))) {
                        keeper.releaseInput(name);
                    } catch (SyscallException e) {
                        if (e.errno() != Errno.ESRCH) { // the pod has ended, and its input with it
                            throw e;
                        }
                    }
                }
            }
        };
    }

    private Attachment.Target target(PodUuid uuid, AcName name) {
        return new Attachment.Target() {
            @Override
            public void signal(int number) {
                try {
                    pods.signal(uuid, name, number);
                } catch (IOException e) {
                    throw Failures.of("signal app " + name, e);
                }
            }

            @Override
            public Optional<ExitStatus> waitFor(Duration limit) throws InterruptedException {
                return views.waitFor(
                        uuid,
                        status -> status.requireApp(name).state() instanceof AppState.Exited exited
                                ? Optional.of(exited.status())
                                : Optional.empty(),
                        limit);
            }
        };
    }

    // --- logs

    private Path log(PodUuid uuid, AcName name) throws IOException {
        PodRecord pod = pod(uuid);
        return engine.files().log(pod, app(pod, name));
    }

    private AppLog.Reader read(Path path, LogQuery query, PodUuid uuid, AcName name) throws IOException {
        return new LogReader(new LogFiles(path), query, () -> isRunning(uuid, name));
    }

    private boolean isRunning(PodUuid uuid, AcName name) {
        try {
            return engine.workers()
                    .run(() -> engine.files().find(uuid).isPresent()
                            && (runs(views.status(uuid), name)
                                    || views.isClaimed(uuid, name) // its handler may write
                                    || awaitsHandler(uuid, name)));
        } catch (IOException e) {
            throw Failures.of("follow the log of app " + name, e);
        } catch (AestusException e) {
            if (e.problem() == Problem.NOT_FOUND) {
                return false; // it, or its pod, was removed meanwhile
            }
            throw e;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether an app has ended in a pod that runs, and somebody has its last handler run: this process if nobody else does. */
    private boolean awaitsHandler(PodUuid uuid, AcName name) throws IOException {
        PodRecord pod = pod(uuid);
        if (!(pod.state() instanceof PodState.Running) || !app(pod, name).awaitsHandler()) {
            return false;
        }
        takeOver(uuid);
        return true;
    }

    /** Whether an app runs, or waits for its next start in a pod that does. */
    private static boolean runs(PodStatus pod, AcName name) {
        return pod.app(name)
                .filter(app -> app.state() instanceof AppState.Running
                        || ((app.due().isPresent() || app.awaitsConnection())
                                && pod.state() instanceof PodState.Running))
                .isPresent();
    }

    AppLog openLog(PodUuid uuid, AcName name) throws IOException {
        Path path = log(uuid, name);
        return new AppLog() {
            @Override
            public Path path() {
                return path;
            }

            @Override
            public Reader read(LogQuery query) {
                try {
                    takeOver(uuid);
                    table.peek(uuid)
                            .flatMap(pod -> pod.run(name))
                            .ifPresent(run -> run.output.catchUp().join());
                    return Sessions.this.read(path, query, uuid, name);
                } catch (IOException e) {
                    throw Failures.of("read the log of app " + name, e);
                }
            }

            @Override
            public void reopen() {
                var run = table.peek(uuid)
                        .flatMap(pod -> pod.run(name))
                        .orElseThrow(() -> new AestusException(
                                Problem.CONFLICT, "cannot reopen the log of app " + name + ": it is not written here"));
                run.output.reopen().join();
            }
        };
    }

    /** What was written while nobody looked after the pod belongs to its log, and so does what comes while it is followed. */
    private void takeOver(PodUuid uuid) throws IOException {
        try {
            engine.workers().run(() -> {
                table.tryLease(uuid).ifPresent(PodTable.Lease::close);
                return true;
            });
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
