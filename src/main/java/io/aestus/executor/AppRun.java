package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.linux.NoticeSocket;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An app of an owned pod from its start to its end.
 *
 * <p>Start: streams, kept by the first process; the process, kept there too; its record. End: whatever is left of it is
 * killed, its last output goes to the log, only then its record says how it ended and everybody is told; then its cgroup
 * goes. A process that dies anywhere between leaves what {@link Adoption} understands.
 */
final class AppRun {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final Duration FOREVER = Duration.ofDays(365);

    private final Engine engine;
    private final Consumer<OwnedPod> onEnd;
    private final AppRelease release;
    private final AppStop stops;

    /** @param onEnd is told of the pod after the end of an app, and when its restart policy has changed */
    AppRun(Engine engine, Consumer<OwnedPod> onEnd) {
        this.engine = engine;
        this.onEnd = onEnd;
        this.release = new AppRelease(engine);
        this.stops = new AppStop(engine);
    }

    /** Whoever ends apps on purpose. */
    AppStop stops() {
        return stops;
    }

    // --- start

    void start(OwnedPod pod, AcName name) throws IOException, InterruptedException {
        try (var _ = pod.claim(name, engine.patience())) {
            AppRecord app = pod.requireApp(name);
            if (app.state() instanceof AppState.Running) {
                throw new AestusException(Problem.CONFLICT, "cannot start app " + name + ": it runs");
            }
            launch(pod, anchor(pod, name), app.nextStart());
        }
    }

    /** Starts an app because somebody has connected, unless somebody else did something about it meanwhile. */
    void activate(OwnedPod pod, AcName name) throws IOException, InterruptedException {
        try (var _ = pod.claim(name, engine.patience())) {
            AppRecord app = pod.requireApp(name);
            if (app.restarts().awaitsConnection() && pod.isRunning()) {
                launch(pod, anchor(pod, name), app.nextStart());
            }
        }
    }

    /** Starts an app again whose time has come; one that somebody started, stopped or removed meanwhile is left alone. */
    void restart(OwnedPod pod, AcName name) throws IOException, InterruptedException {
        try (var _ = pod.claim(name, engine.patience())) {
            AppRecord app = pod.requireApp(name);
            if (app.restarts().due().filter(due -> !due.isAfter(engine.now())).isPresent() && pod.isRunning()) {
                launch(pod, anchor(pod, name), app.nextRestart());
            }
        }
    }

    /**
     * Starts an app that was never started, or has it wait if it is one to start when somebody connects; one that somebody started
     * or removed meanwhile is left alone.
     */
    void begin(OwnedPod pod, AcName name) throws IOException, InterruptedException {
        try (var _ = pod.claim(name, engine.patience())) {
            AppRecord app = pod.requireApp(name);
            if (!(app.state() instanceof AppState.Created) || app.restarts().awaitsConnection()) {
                return;
            }
            OwnedPod.Anchor anchor = anchor(pod, name);
            if (Activation.ports(pod, app).isEmpty()) {
                launch(pod, anchor, app.nextStart());
            } else {
                Activation.sockets(pod, anchor, app);
                pod.write(app.awaiting());
            }
        }
    }

    private static OwnedPod.Anchor anchor(OwnedPod pod, AcName name) {
        Pauses.requireNone(pod.record(), "start app " + name);
        return pod.anchor()
                .filter(_ -> pod.isRunning())
                .orElseThrow(() -> new AestusException(
                        Problem.CONFLICT, "cannot start app " + name + ": pod " + pod.uuid() + " does not run"));
    }

    private void launch(OwnedPod pod, OwnedPod.Anchor anchor, AppRecord app) throws IOException {
        Instant since = engine.now();
        var start = new Keeper.Start(app.name(), app.starts());
        pod.setStarting(app.name());
        AppRelease.allowHandlers(pod, app);
        AppOutput output = AppOutput.of(engine, pod, app);
        try (var streams = AppStreams.open(anchor.keeper(), start, output, app.options());
                var companion = Companion.of(pod, app)) {
            var notices = NoticePlace.open(pod.stage1(), pod.place(app), anchor.keeper(), start);
            try {
                var sockets = Activation.sockets(pod, anchor, app);
                anchor.doors().ignore(app.name());
                var started = pod.stage1()
                        .startApp(new Stage1.AppStart(
                                pod.place(app),
                                anchor.first(),
                                companion.process(),
                                streams.forProcess(),
                                sockets,
                                output.handlers(app.name(), _ -> {}))); // which are killed with their app's start
                settleIn(pod, anchor, app, since, started, output, notices);
            } catch (IOException | RuntimeException e) {
                notices.ifPresent(NoticeSocket::close);
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            discard(pod, anchor, app, since, output, e);
            throw e;
        }
        engine.events().publish(new PodEvent.AppStarted(pod.uuid(), app.name(), since));
    }

    /** The process is there: it is kept, watched and recorded, or killed if that fails. */
    private void settleIn(
            OwnedPod pod,
            OwnedPod.Anchor anchor,
            AppRecord app,
            Instant since,
            Stage1.StartedApp started,
            AppOutput output,
            Optional<NoticeSocket> notices)
            throws IOException {
        PidFd process = started.process().pidfd();
        try {
            anchor.keeper()
                    .park(new Keeper.Start(app.name(), app.starts()), Keeper.Kind.PROCESS, List.of(process.fd()));
            var identity = ProcessIdentity.of(started.process().pid());
            engine.exits().remember(identity.pid(), process);
            pod.write(app.running(new AppState.Running(since, identity.pid()), identity, started, notices.isPresent()));
            watch(pod, app.name(), process, identity, output, notices);
        } catch (IOException | RuntimeException e) {
            pod.stage1().killApp(pod.place(app));
            process.reap();
            process.close();
            engine.exits().forget(started.process().pid());
            pod.stage1().releaseApp(pod.place(app), output.handlers(app.name(), _ -> {}));
            throw e;
        }
    }

    /** Looks after a running app: its exit from here on, its output already. Takes what it is given. */
    void watch(
            OwnedPod pod,
            AcName name,
            PidFd process,
            ProcessIdentity identity,
            AppOutput output,
            Optional<NoticeSocket> socket)
            throws IOException {
        var watch = engine.exits().watch(process, identity);
        var run = new OwnedApp.Run(process, output, watch);
        pod.setRun(name, run);
        if (socket.isPresent()) {
            var notices = new Notices(engine, pod, name, run, socket.get());
            run.setNotices(notices);
            notices.open();
        }
        probe(pod, name, run);
        // Never on this thread, which has claimed the app: it may have ended already.
        var unused = watch.ended().thenAcceptAsync(how -> ended(pod, name, run, how), engine.workers()::start);
    }

    /** Has a running app be asked whether it is ready, as its options say from now on. */
    private void probe(OwnedPod pod, AcName name, OwnedApp.Run run) {
        run.setProbing(
                pod.requireApp(name).options().readiness().map(probe -> new Probing(engine, pod, name, run, probe)));
    }

    /** Gives an app another readiness probe, or none. */
    void setReadiness(OwnedPod pod, AcName name, Optional<ReadinessProbe> probe)
            throws IOException, InterruptedException {
        try (var _ = pod.claim(name, engine.patience())) {
            engine.write(pod, pod.requireApp(name).withReadiness(probe));
        }
        pod.run(name).ifPresent(run -> probe(pod, name, run));
    }

    /** It could not be started: what it said goes to the log, and why not to its record. */
    private void discard(
            OwnedPod pod, OwnedPod.Anchor anchor, AppRecord app, Instant since, AppOutput output, Exception why) {
        try {
            AppOutput.await(output.finish(Duration.ZERO), app.name());
            anchor.keeper().release(app.name());
            var status = ExitStatus.notStarted(String.valueOf(why.getMessage()));
            pod.write(app.exited(
                    new AppState.Exited(since, engine.now(), status),
                    engine.config().restarts()));
            engine.events().publish(new PodEvent.AppExited(pod.uuid(), app.name(), engine.now(), status));
        } catch (IOException | InterruptedException e) {
            why.addSuppressed(e);
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // --- end

    private void ended(OwnedPod pod, AcName name, OwnedApp.Run run, ExitStatus how) {
        try (var _ = pod.claim(name, FOREVER)) {
            if (pod.run(name).filter(run::equals).isPresent()) {
                end(pod, pod.requireApp(name), run, how);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "cannot record the end of app " + name + " in pod " + pod.uuid(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the next owner will see it
            return;
        }
        onEnd.accept(pod);
    }

    private void end(OwnedPod pod, AppRecord app, OwnedApp.Run run, ExitStatus how)
            throws IOException, InterruptedException {
        var place = pod.place(app);
        var written = run.output.finish(AppOutput.LAST_WORDS);
        trying("kill what app " + app.name() + " left", () -> pod.stage1().killApp(place));
        AppOutput.await(written, app.name());
        recordEnd(pod, run.isStopping ? app.held() : app, how.withOutOfMemory(wasOutOfMemory(pod, place)));
        run.close();
        var anchor = pod.anchor();
        if (anchor.isPresent()) {
            trying("let go of app " + app.name(), () -> anchor.get().keeper().release(app.name()));
        }
        trying("release app " + app.name(), () -> release.of(pod, app));
    }

    private static boolean wasOutOfMemory(OwnedPod pod, Stage1.AppPlace place) {
        try {
            return pod.stage1().wasOutOfMemory(place);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot tell whether app " + place.name() + " lacked memory", e);
            return false;
        }
    }

    /** A step of an end that must not keep the others from being taken: whoever ends the pod takes it again. */
    static void trying(String what, Step step) {
        try {
            step.run();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot " + what, e);
        }
    }

    /** Something that may fail. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /** Records how an app ended, then tells. */
    void recordEnd(OwnedPod pod, AppRecord app, ExitStatus how) throws IOException {
        Instant since = app.state() instanceof AppState.Running running ? running.since() : engine.now();
        Instant at = engine.now();
        AppRecord ended =
                app.exited(new AppState.Exited(since, at, how), engine.config().restarts());
        AppRecord next = Activation.isReachedAgain(pod, ended, how) ? ended.awaiting() : ended;
        pod.write(next.withHandler(pod.anchor().isPresent() && hasLastHandler(pod, app)));
        pod.setRun(app.name(), null);
        engine.events().publish(new PodEvent.AppExited(pod.uuid(), app.name(), at, how));
    }

    /** An image that cannot be read any more keeps no end from being recorded: then no handler of it is run either. */
    private static boolean hasLastHandler(OwnedPod pod, AppRecord app) {
        try {
            return AppRelease.hasLastHandler(pod, app);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "cannot tell whether app " + app.name() + " has a last handler", e);
            return false;
        }
    }

    // --- remove

    /** What fails because somebody else removes the app at the same time is done. */
    void remove(OwnedPod pod, AcName name) throws IOException, InterruptedException {
        if (pod.app(name).isEmpty()) {
            return;
        }
        try {
            stops.stop(pod, name, StopOptions.NOW);
            removeStopped(pod, name);
        } catch (IOException | AestusException e) {
            if (pod.app(name).isPresent()) {
                throw e;
            }
            return;
        }
        engine.events().publish(new PodEvent.AppRemoved(pod.uuid(), name, engine.now()));
    }

    private void removeStopped(OwnedPod pod, AcName name) throws IOException, InterruptedException {
        try (var _ = pod.claim(name, engine.patience())) {
            if (pod.run(name).isPresent()) {
                throw new AestusException(Problem.CONFLICT, "cannot remove app " + name + ": it was started again");
            }
            pod.stage1().discardApp(pod.place(pod.requireApp(name)));
            var anchor = pod.anchor();
            if (anchor.isPresent()) {
                anchor.get().doors().remove(name);
            }
            engine.files().removeApp(pod.uuid(), name);
            pod.forget(name);
        }
    }

    /** Whether an app failed for good, and not because somebody asked it to end. */
    static boolean isFailure(AppRecord app) {
        return app.state() instanceof AppState.Exited exited
                && !exited.status().isSuccess()
                && !app.restarts().isHeld()
                && !app.restarts().isWaiting();
    }
}
