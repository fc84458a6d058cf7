package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.linux.ProcessFigures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What is known of pods: of owned ones from memory, of others from disk. What the disk says of processes is checked; when it
 * is out of date and the owner is gone, this process becomes the owner and finds out.
 */
final class PodViews {
    private static final long BETWEEN_LOOKS_MILLIS = 20;
    private static final Duration SETTLING = Duration.ofSeconds(5);
    private static final Duration BETWEEN_GLANCES = Duration.ofMillis(20);
    /** A pod ends right after its last app. */
    private static final Duration ENDING = Duration.ofSeconds(1);

    /** Threads and descriptors of an app. */
    private static final int MOST_LOOKED_AT = 10_000;

    private final Engine engine;
    private final PodTable table;
    private final PodNames names;

    PodViews(Engine engine, PodTable table) {
        this.engine = engine;
        this.table = table;
        this.names = new PodNames(engine.config().directory(), engine.files(), engine.patience());
    }

    PodUuid find(String word) throws IOException {
        var named = names.find(word);
        if (named.isPresent()) {
            return named.get();
        }
        String prefix = word.toLowerCase(Locale.ROOT);
        var found = new ArrayList<PodUuid>();
        for (PodUuid pod : engine.files().list()) {
            if (pod.toString().startsWith(prefix)) {
                found.add(pod);
            }
        }
        if (found.isEmpty() || prefix.isEmpty()) {
            throw new AestusException(Problem.NOT_FOUND, "cannot find pod " + Quoted.of(word) + ": there is none");
        }
        if (found.size() > 1) {
            throw new AestusException(
                    Problem.INVALID, "cannot tell pod " + Quoted.of(word) + ": " + found.size() + " begin so");
        }
        return found.getFirst();
    }

    PodStatus status(PodUuid uuid) throws IOException, InterruptedException {
        var owned = table.peek(uuid);
        if (owned.isPresent()) {
            return owned.get().status();
        }
        PodRecord pod = engine.files().read(uuid);
        var apps = engine.files().apps(pod);
        if (isCurrent(pod, apps)) {
            return pod.status(engine.files(), apps);
        }
        try (var lease = table.tryLease(uuid).orElse(null)) {
            if (lease != null) {
                settle(lease.pod());
                return lease.pod().status();
            }
        }
        PodRecord again = engine.files().read(uuid); // its owner is about to write it, or has
        return again.status(engine.files(), engine.files().apps(again));
    }

    /** Whether this process starts, ends or removes an app just now. */
    boolean isClaimed(PodUuid pod, AcName app) {
        return table.peek(pod).filter(owned -> owned.isClaimed(app)).isPresent();
    }

    /** Whoever became the owner to find out waits until it knows: what has ended is recorded by other threads. */
    private static void settle(OwnedPod pod) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + SETTLING.toNanos();
        List<AppRecord> seen = pod.records();
        while (!isCurrent(pod.record(), seen) && System.nanoTime() < deadline) {
            List<AppRecord> before = seen;
            pod.awaitFor(() -> !pod.records().equals(before) || !pod.isLive(), BETWEEN_GLANCES);
            seen = pod.records();
        }
        if (!pod.hasRunningApp() && pod.record().isOver(pod.records())) {
            pod.awaitFor(() -> !pod.isLive() || pod.hasRunningApp(), ENDING);
        }
    }

    /** Whether nothing has ended since the records were written. */
    static boolean isCurrent(PodRecord pod, List<AppRecord> apps) throws IOException {
        boolean current = !(pod.state() instanceof PodState.Starting);
        if (pod.state() instanceof PodState.Running) {
            current = pod.process().isPresent() && pod.process().get().isAlive() && !pod.isOver(apps);
        }
        for (AppRecord app : apps) {
            if (app.state() instanceof AppState.Running) {
                current &= app.process().isPresent() && app.process().get().isAlive();
            }
        }
        return current;
    }

    List<PodStatus> list() throws IOException, InterruptedException {
        var all = new ArrayList<PodStatus>();
        for (PodUuid uuid : engine.files().list(pod -> table.peek(pod).isPresent())) {
            try {
                all.add(status(uuid));
            } catch (AestusException e) {
                if (e.problem() != Problem.NOT_FOUND) { // removed meanwhile
                    throw e;
                }
            }
        }
        all.sort(Comparator.comparing(PodStatus::created).thenComparing(PodStatus::uuid));
        return all;
    }

    /** Waits until a status has what is asked for. */
    <T> Optional<T> waitFor(PodUuid uuid, Function<PodStatus, Optional<T>> wanted, Duration limit)
            throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            var found = wanted.apply(look(uuid));
            long left = deadline - System.nanoTime();
            if (found.isPresent() || left <= 0) {
                return found;
            }
            var owned = table.peek(uuid);
            if (owned.isPresent()) {
                OwnedPod pod = owned.get();
                pod.awaitFor(() -> wanted.apply(pod.status()).isPresent(), Duration.ofNanos(left));
            } else {
                TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(BETWEEN_LOOKS_MILLIS)));
            }
        }
    }

    /** Whether a pod is ready; empty while that may still change. */
    static Optional<Boolean> readiness(PodStatus pod) {
        return switch (pod.state()) {
            case PodState.Prepared _, PodState.Starting _ -> Optional.empty();
            case PodState.Running _ -> Optional.of(true).filter(_ -> pod.isReady());
            case PodState.Exited _, PodState.Aborted _ -> Optional.of(false);
        };
    }

    /** A look that takes over the pod if nobody looks after it: else nobody would see its end. */
    private PodStatus look(PodUuid uuid) throws InterruptedException {
        try {
            return engine.workers().run(() -> {
                if (table.peek(uuid).isEmpty()) {
                    table.tryLease(uuid).ifPresent(PodTable.Lease::close);
                }
                return status(uuid);
            });
        } catch (IOException e) {
            throw Failures.of("wait for pod " + uuid, e);
        }
    }

    Optional<AppUsage> usage(PodUuid uuid, Optional<AcName> app) throws IOException, InterruptedException {
        PodStatus status = status(uuid);
        if (app.isPresent()) {
            status.requireApp(app.get());
        }
        boolean runs = app.isEmpty()
                ? status.state() instanceof PodState.Running
                : status.requireApp(app.get()).state() instanceof AppState.Running;
        if (!runs) {
            return Optional.empty();
        }
        var owned = table.peek(uuid);
        if (owned.isPresent()) {
            return owned.get().stage1().usage(owned.get().place(), app);
        }
        PodRecord pod = engine.files().read(uuid);
        return engine.stage1s().of(pod).usage(pod.at(engine.files().pod(uuid)), app);
    }

    Optional<ProcessFigures> processes(PodUuid uuid, AcName name) throws IOException, InterruptedException {
        AppStatus app = status(uuid).requireApp(name);
        if (!(app.state() instanceof AppState.Running)) {
            return Optional.empty();
        }
        PodRecord pod = engine.files().read(uuid);
        for (AppRecord record : engine.files().apps(pod)) {
            if (record.name().equals(name)) {
                var place = record.at(
                        pod.at(engine.files().pod(uuid)), engine.files().app(uuid, name));
                return ProcessFigures.of(engine.stage1s().of(pod).processes(place), MOST_LOOKED_AT);
            }
        }
        return Optional.empty(); // removed meanwhile
    }

    AppFootprint footprint(PodUuid uuid, AcName app) throws IOException, InterruptedException {
        status(uuid).requireApp(app);
        return AppFootprint.of(engine.files().app(uuid, app).resolve("upper"));
    }
}
