package io.aestus.executor;

import io.aestus.appc.AcName;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** Starts of apps in pods that run, for which nobody waits: when their time has come, or somebody connects. */
final class LaterStarts implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final Duration BETWEEN_ACTIVATIONS = Duration.ofSeconds(1);

    private final Engine engine;
    private final AppRun apps;
    private final Consumer<OwnedPod> settle;
    private final RestartTimer timer;
    private final Turnstile starts = new Turnstile();

    /** @param settle does what a pod asks for after each start */
    LaterStarts(Engine engine, AppRun apps, Consumer<OwnedPod> settle) {
        this.engine = engine;
        this.apps = apps;
        this.settle = settle;
        this.timer = new RestartTimer(engine);
    }

    void restartAt(Instant due, OwnedPod pod, AcName app) {
        timer.at(due, pod.uuid(), app, () -> start(pod, app, apps::restart));
    }

    /** Has an app started when somebody connects; not sooner than a second after a start that ended at once. */
    void awaitConnection(OwnedPod pod, AppRecord app) {
        Instant soonest = app.state() instanceof AppState.Exited(Instant since, Instant _, ExitStatus _)
                ? since.plus(BETWEEN_ACTIVATIONS)
                : Instant.MIN;
        if (soonest.isAfter(engine.now())) {
            timer.at(soonest, pod.uuid(), app.name(), () -> settle.accept(pod));
            return;
        }
        try {
            Activation.await(
                    pod, app.name(), () -> engine.workers().start(() -> start(pod, app.name(), apps::activate)));
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "cannot wait for who connects to app " + app.name() + " of pod " + pod.uuid(), e);
        }
    }

    @FunctionalInterface
    private interface Start {
        void run(OwnedPod pod, AcName app) throws IOException, InterruptedException;
    }

    /** What cannot be started has its reason on record, and is tried again later. */
    private void start(OwnedPod pod, AcName app, Start how) {
        if (!starts.enter()) {
            return; // for the next owner
        }
        try {
            if (pod.anchor().isPresent()) { // this process still looks after it
                how.run(pod, app);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.INFO, "cannot start app " + app + " of pod " + pod.uuid(), e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            starts.leave();
        }
        settle.accept(pod);
    }

    /** Nothing is started from here on, and what was being started has been. */
    @Override
    public void close() {
        timer.close();
        starts.close(engine.patience());
    }
}
