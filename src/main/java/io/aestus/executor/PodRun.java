package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.linux.PidFd;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** An owned pod from its start to its end. */
final class PodRun {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private final Engine engine;
    private final AppRun apps;
    private final AppChanges changes;
    private final LaterStarts later;
    private final Pauses pauses;
    private final Consumer<PodUuid> onEnd;

    /** @param onEnd is told when nothing of a pod runs any more */
    PodRun(Engine engine, Consumer<PodUuid> onEnd) {
        this.engine = engine;
        this.apps = new AppRun(engine, this::settle);
        this.changes = new AppChanges(engine, this::settle);
        this.later = new LaterStarts(engine, apps, this::settle);
        this.pauses = new Pauses(engine);
        this.onEnd = onEnd;
    }

    AppRun apps() {
        return apps;
    }

    AppChanges changes() {
        return changes;
    }

    // --- start

    void start(OwnedPod pod, Amendment amendment) throws IOException, InterruptedException {
        try (var _ = pod.claim(engine.patience())) {
            if (!(pod.record().state() instanceof PodState.Prepared)) {
                throw new AestusException(
                        Problem.CONFLICT, "cannot start pod " + pod.uuid() + ": it was started before");
            }
            PodRecord record = pod.record();
            pod.write(
                    record.withOptions(amendment.pod().apply(record.options()))
                            .withState(new PodState.Starting(engine.now())),
                    PodFiles.Durability.PROCESS);
            launch(pod, amendment);
        }
        tellStarted(pod);
    }

    /** Starts a pod that was written down as one that starts. */
    void goOn(OwnedPod pod) throws IOException, InterruptedException {
        try (var _ = pod.claim(engine.patience())) {
            launch(pod, Amendment.NONE);
        }
        tellStarted(pod);
    }

    private void launch(OwnedPod pod, Amendment amendment) throws IOException, InterruptedException {
        try {
            amend(pod, amendment);
            makeFirst(pod);
            for (AcName app : pod.appNames()) {
                apps.begin(pod, app);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            abort(pod, e);
            throw e;
        }
    }

    private void tellStarted(OwnedPod pod) {
        engine.events().publish(new PodEvent.PodStarted(pod.uuid(), engine.now()));
        settle(pod);
    }

    private static void amend(OwnedPod pod, Amendment amendment) throws IOException {
        for (AppRecord app : pod.records()) {
            AppOptions options = amendment.apps().apply(app.options());
            if (!options.equals(app.options())) {
                pod.write(app.withOptions(options));
            }
        }
    }

    /**
     * Starts a pod again that was lost under its apps, and those apps whose time has come, each with a fresh root. When that
     * fails it has ended as before, and its apps wait longer.
     */
    void revive(OwnedPod pod) throws IOException, InterruptedException {
        try (var _ = pod.claim(engine.patience())) {
            if (!(pod.record().state() instanceof PodState.Exited before)) {
                return;
            }
            pod.permitStarts();
            pod.write(pod.record().withState(new PodState.Starting(engine.now())), PodFiles.Durability.PROCESS);
            try {
                for (AppRecord app : pod.records()) {
                    pod.stage1().discardApp(pod.place(app));
                    engine.files().removeRoot(pod.uuid(), app.name());
                }
                makeFirst(pod);
            } catch (IOException | RuntimeException e) {
                postpone(pod, before, e);
                throw e;
            }
        }
        tellStarted(pod);
    }

    private void postpone(OwnedPod pod, PodState.Exited before, Exception why)
            throws IOException, InterruptedException {
        tearDown(pod);
        Instant now = engine.now();
        var status = ExitStatus.notStarted(String.valueOf(why.getMessage()));
        for (AppRecord app : pod.records()) {
            if (app.restarts().due().isPresent()) {
                pod.write(app.nextRestart()
                        .exited(
                                new AppState.Exited(now, now, status),
                                engine.config().restarts()));
            }
        }
        pod.write(pod.record().withState(new PodState.Exited(now, before.exits())), PodFiles.Durability.PROCESS);
    }

    private void makeFirst(OwnedPod pod) throws IOException {
        var port =
                engine.receptions().isPresent() ? Receptions.portOf(pod.record().options()) : OptionalInt.empty();
        var started = pod.stage1().startPod(new Stage1.PodStart(pod.place(), port));
        var keeper = Keeper.of(started.keeper(), engine.files().keeper(pod.uuid()));
        try {
            var identity = ProcessIdentity.of(started.process().pid());
            watch(pod, started.process().pidfd(), identity, keeper);
            var metadata = engine.receptions().isPresent()
                    ? engine.receptions().get().open(pod, identity.pid(), keeper, started.listener())
                    : Optional.<MetadataAddress>empty();
            pod.write(
                    pod.record()
                            .running(new PodState.Running(engine.now(), identity.pid()), identity, started, metadata),
                    PodFiles.Durability.PROCESS);
        } catch (IOException | RuntimeException e) {
            if (pod.anchor().isEmpty()) {
                keeper.close();
            }
            throw e;
        }
    }

    /** Looks after the first process of a pod. Takes both. */
    void watch(OwnedPod pod, PidFd first, ProcessIdentity identity, Keeper keeper) throws IOException {
        var watch = engine.exits().watch(first, identity);
        pod.setAnchor(new OwnedPod.Anchor(first, keeper, watch, new Doors(engine.readiness(), keeper, identity.pid())));
        var unused = watch.ended().thenRunAsync(() -> attempt(pod, () -> end(pod)), engine.workers()::start);
    }

    /** A pod half made is undone; its record says why. */
    private void abort(OwnedPod pod, Exception why) {
        try {
            tearDown(pod);
            pod.write(
                    pod.record().withState(new PodState.Aborted(engine.now(), String.valueOf(why.getMessage()))),
                    PodFiles.Durability.PROCESS);
        } catch (IOException | RuntimeException e) {
            why.addSuppressed(e);
        } catch (InterruptedException e) {
            why.addSuppressed(e);
            Thread.currentThread().interrupt();
        }
        engine.events().publish(new PodEvent.PodExited(pod.uuid(), engine.now()));
        onEnd.accept(pod.uuid());
    }

    Pauses pauses() {
        return pauses;
    }

    // --- end

    /**
     * Does what the pod's life and the restart policies of its apps ask for: after its start, after the end of each of its apps,
     * and when this process has become its owner. Waits for none of it.
     */
    void settle(OwnedPod pod) {
        if (!pod.isRunning() || !pod.isUnclaimed()) {
            return;
        }
        var apps = pod.records();
        apps.forEach(app -> app.restarts().due().ifPresent(due -> later.restartAt(due, pod, app.name())));
        List<AcName> missed = missed(pod);
        missed.forEach(app -> attempt(pod, () -> begin(pod, app)));
        apps.stream().filter(app -> app.restarts().awaitsConnection()).forEach(app -> later.awaitConnection(pod, app));
        boolean goesOn = pod.hasRunningApp()
                || !missed.isEmpty()
                || apps.stream().anyMatch(app -> app.restarts().isWaiting());
        switch (pod.record().options().life()) {
            case UNTIL_STOPPED -> {}
            case UNTIL_ALL_APPS_END -> stopUnless(goesOn, pod);
            case UNTIL_APPS_END -> {
                if (goesOn && apps.stream().anyMatch(AppRun::isFailure)) {
                    attempt(pod, () -> stop(pod, StopOptions.DEFAULT));
                } else {
                    stopUnless(goesOn, pod);
                }
            }
        }
    }

    /**
     * The apps whose pod was started by a process that died before their turn came. Only who looks after pods for good starts
     * them: another one may be gone the next moment.
     */
    private List<AcName> missed(OwnedPod pod) {
        if (engine.config().adoption() != ExecutorConfig.Adoption.ALL) {
            return List.of();
        }
        return pod.records().stream()
                .filter(app -> app.state() instanceof AppState.Created
                        && !app.restarts().awaitsConnection()
                        && pod.record().startsWithIt(app))
                .map(AppRecord::name)
                .toList();
    }

    private void begin(OwnedPod pod, AcName app) throws IOException, InterruptedException {
        try {
            if (pod.isRunning()) {
                apps.begin(pod, app);
            }
        } finally {
            settle(pod);
        }
    }

    private void stopUnless(boolean goesOn, OwnedPod pod) {
        if (!goesOn) {
            attempt(pod, () -> stop(pod, StopOptions.NOW));
        }
    }

    /** Nothing is started again from here on, and what was being started has been. */
    void beginClosing() {
        later.close();
    }

    /** Something that nobody waits for. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void attempt(OwnedPod pod, Step step) {
        engine.workers().start(() -> {
            try {
                step.run();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.ERROR, "cannot end pod " + pod.uuid(), e);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    void stop(OwnedPod pod, StopOptions how) throws IOException, InterruptedException {
        pod.refuseStarts();
        for (AcName app : pod.appNames()) {
            apps.stops().ask(pod, app, how);
        }
        pauses.resume(pod);
        for (AcName app : pod.appNames()) {
            apps.stops().awaitEnd(pod, app, how);
            if (pod.app(app).isPresent()) { // nobody removed it meanwhile
                apps.stops().hold(pod, app);
            }
        }
        end(pod);
    }

    private void end(OwnedPod pod) throws IOException, InterruptedException {
        try (var _ = pod.claim(engine.patience())) {
            if (!pod.isLive()) {
                return;
            }
            tearDown(pod);
            recordEnd(pod);
        }
        onEnd.accept(pod.uuid());
    }

    /** Records that nothing of a pod runs any more, then tells. */
    void recordEnd(OwnedPod pod) throws IOException {
        Instant at = engine.now();
        pod.write(pod.record().withState(new PodState.Exited(at, exits(pod))), PodFiles.Durability.PROCESS);
        engine.events().publish(new PodEvent.PodExited(pod.uuid(), at));
    }

    private static Map<AcName, ExitStatus> exits(OwnedPod pod) {
        var exits = new HashMap<AcName, ExitStatus>();
        for (AppRecord app : pod.records()) {
            if (app.state() instanceof AppState.Exited exited) {
                exits.put(app.name(), exited.status());
            }
        }
        return exits;
    }

    /**
     * Ends whatever runs of a pod. The first process is killed first and waited for last: it does not become waitable before
     * all processes of its namespace are reaped.
     */
    private void tearDown(OwnedPod pod) throws IOException, InterruptedException {
        pod.beginEnding(engine.patience());
        var anchor = pod.anchor();
        if (anchor.isPresent()) {
            anchor.get().first().signal(Signal.SIGKILL);
        }
        pod.stage1().killPod(pod.place());
        if (!pod.awaitFor(() -> !pod.hasRunningApp(), engine.patience())) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot end pod " + pod.uuid() + ": its apps do not end");
        }
        pod.beginEnding(engine.patience());
        if (anchor.isPresent()) {
            awaitFirst(pod, anchor.get());
        }
        pod.stage1().releasePod(pod.place());
        pod.dropAnchor();
    }

    private void awaitFirst(OwnedPod pod, OwnedPod.Anchor anchor) throws InterruptedException {
        try {
            anchor.watch().ended().get(engine.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw new AestusException(
                    Problem.UNAVAILABLE, "cannot end pod " + pod.uuid() + ": its first process does not end");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a watch ended badly", e);
        }
    }
}
