package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.util.Optional;

/** Ends apps of owned pods because somebody asked for it: with their stop signal first, and for good when their grace is over. */
final class AppStop {
    private final Engine engine;

    AppStop(Engine engine) {
        this.engine = engine;
    }

    /**
     * Asks a running app to end, unless it was asked before; a shorter grace than then wins. Does not wait.
     *
     * @return what was asked; empty if the app does not run
     */
    Optional<OwnedApp.Run> ask(OwnedPod pod, AcName name, StopOptions how) throws IOException {
        var running = pod.run(name);
        if (running.isPresent()) {
            OwnedApp.Run run = running.get();
            if (pod.hasten(run, System.nanoTime() + how.grace().toNanos())
                    && !how.grace().isZero()) {
                run.signal(how.signal().orElseGet(() -> pod.requireApp(name).stopSignal()));
            }
        }
        return running;
    }

    /**
     * Waits for the end of an app, and kills it when its grace is over; one being started likewise. It is asked to end here, if it
     * did not run yet when all were asked.
     */
    void awaitEnd(OwnedPod pod, AcName name, StopOptions how) throws IOException, InterruptedException {
        if (pod.run(name).isEmpty()
                && !pod.awaitFor(() -> !pod.isStarting(name), how.grace())
                && pod.run(name).isEmpty()) {
            AppRun.trying("end the start of app " + name, () -> pod.stage1().killApp(pod.place(pod.requireApp(name))));
        }
        var asked = ask(pod, name, how);
        if (asked.isEmpty()) {
            return;
        }
        OwnedApp.Run run = asked.get();
        if (pod.awaitUntil(() -> !pod.isCurrent(name, run), () -> run.killAt)) {
            return;
        }
        var place = pod.place(pod.requireApp(name));
        AppRun.trying("kill app " + name, () -> pod.stage1().killApp(place)); // its end may be taken care of just now
        run.signal(Signal.SIGKILL);
        if (!pod.awaitFor(() -> !pod.isCurrent(name, run), engine.patience())) {
            throw new AestusException(
                    Problem.UNAVAILABLE,
                    "cannot stop app " + name + ": it does not end, "
                            + engine.patience().toSeconds() + " s after it was killed");
        }
    }

    /** Asks an app to end, waits until it has, and has it stay so. */
    void stop(OwnedPod pod, AcName name, StopOptions how) throws IOException, InterruptedException {
        pod.requireApp(name);
        Pauses.requireNone(pod.record(), "stop app " + name);
        do {
            awaitEnd(pod, name, how);
        } while (hold(pod, name) instanceof AppState.Running); // its time had come just now
    }

    /** Has an app wait no longer for its next start. @return its state */
    AppState hold(OwnedPod pod, AcName name) throws IOException, InterruptedException {
        try (var _ = pod.claim(name, engine.patience())) {
            AppRecord app = pod.requireApp(name);
            if (app.restarts().isWaiting()) {
                pod.write(app.held());
                pod.anchor().ifPresent(anchor -> anchor.doors().ignore(name));
            }
            return app.state();
        }
    }
}
