package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.linux.PidFd;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What can be done about a pod that another process owns: its processes are sent signals, and its owner records what comes
 * of it. Each method ends early, saying so, when that owner is found to be gone: then this process may be the next.
 */
final class ForeignPods {
    private static final long BETWEEN_LOOKS_MILLIS = 20;

    private final Engine engine;

    ForeignPods(Engine engine) {
        this.engine = engine;
    }

    /** Asks an app to end and waits for its record to say so. @return false if there is no owner to write it */
    boolean stop(PodUuid uuid, AcName name, StopOptions how) throws IOException, InterruptedException {
        ask(uuid, name, how);
        if (!isOver(uuid, List.of(name), how.grace().toNanos())) {
            PodRecord pod = engine.files().read(uuid);
            engine.stage1s().of(pod).killApp(place(pod, name));
            signal(uuid, name, Signal.SIGKILL);
        }
        return isOver(uuid, List.of(name), engine.patience().toNanos()) || requireOrphaned(uuid, "stop app " + name);
    }

    /** Asks all apps to end, then kills the pod, and waits for its record to say so. */
    boolean stop(PodUuid uuid, StopOptions how) throws IOException, InterruptedException {
        var names = engine.files().apps(engine.files().read(uuid)).stream()
                .map(AppRecord::name)
                .toList();
        for (AcName name : names) {
            ask(uuid, name, how);
        }
        isOver(uuid, names, how.grace().toNanos());
        PodRecord pod = engine.files().read(uuid);
        engine.stage1s().of(pod).killPod(pod.at(engine.files().pod(uuid)));
        var first = pod.process().flatMap(ForeignPods::open);
        if (first.isPresent()) {
            try (PidFd process = first.get()) {
                process.signal(Signal.SIGKILL);
            }
        }
        long deadline = System.nanoTime() + engine.patience().toNanos();
        while (engine.files().find(uuid).filter(ForeignPods::isLive).isPresent()) {
            if (System.nanoTime() > deadline) {
                return requireOrphaned(uuid, "stop pod " + uuid);
            }
            TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
        }
        return true;
    }

    private void ask(PodUuid uuid, AcName name, StopOptions how) throws IOException {
        if (!how.grace().isZero()) {
            signal(uuid, name, how.signal().orElse(app(uuid, name).stopSignal()));
        }
    }

    /** Sends an app a signal. @return false if it does not run */
    boolean signal(PodUuid uuid, AcName name, int number) throws IOException {
        AppRecord app = app(uuid, name);
        var process = app.state() instanceof AppState.Running
                ? app.process().flatMap(ForeignPods::open)
                : Optional.<PidFd>empty();
        if (process.isEmpty()) {
            return false;
        }
        try (PidFd open = process.get()) {
            return open.signal(number);
        }
    }

    /** A handle of that very process, if it is alive. */
    static Optional<PidFd> open(ProcessIdentity identity) {
        try {
            var process = PidFd.open(identity.pid());
            if (process.isPresent() && !identity.isAlive()) {
                process.get().close();
                return Optional.empty();
            }
            return process;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private boolean isOver(PodUuid uuid, List<AcName> names, long nanos) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + nanos;
        while (true) {
            boolean over = true;
            for (AcName name : names) {
                over &= !(app(uuid, name).state() instanceof AppState.Running);
            }
            if (over || System.nanoTime() > deadline) {
                return over;
            }
            TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
        }
    }

    private boolean requireOrphaned(PodUuid uuid, String what) throws IOException {
        var lock = engine.files().tryOwn(uuid);
        if (lock.isEmpty()) {
            throw new AestusException(
                    Problem.UNAVAILABLE, "cannot " + what + ": the process that looks after it does not answer");
        }
        lock.get().close();
        return false;
    }

    private AppRecord app(PodUuid uuid, AcName name) throws IOException {
        return app(engine.files().read(uuid), name);
    }

    AppRecord app(PodRecord pod, AcName name) throws IOException {
        return engine.files().apps(pod).stream()
                .filter(app -> app.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND,
                        "cannot find app " + name + ": pod " + pod.uuid() + " has none of that name"));
    }

    private Stage1.AppPlace place(PodRecord pod, AcName name) throws IOException {
        return app(pod, name)
                .at(pod.at(engine.files().pod(pod.uuid())), engine.files().app(pod.uuid(), name));
    }

    static boolean isLive(PodRecord pod) {
        return switch (pod.state()) {
            case PodState.Starting _, PodState.Running _ -> true;
            case PodState.Prepared _, PodState.Exited _, PodState.Aborted _ -> false;
        };
    }
}
