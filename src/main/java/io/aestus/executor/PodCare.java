package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Pods before they start and after they end; and the thread of an agent that looks for pods nobody looks after. */
final class PodCare {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final long BETWEEN_ROUNDS_MILLIS = 2000;

    private final Engine engine;
    private final PodTable table;
    private final PodNames names;
    private final Revival revival;
    private final Thread rounds;
    private final CountDownLatch closing = new CountDownLatch(1);

    PodCare(Engine engine, PodTable table) {
        this.engine = engine;
        this.table = table;
        this.names = new PodNames(engine.config().directory(), engine.files(), engine.patience());
        this.revival = new Revival(engine, table);
        this.rounds = Thread.ofPlatform().daemon().name("aestus-adoption").unstarted(this::goRound);
    }

    // --- before

    /** Writes a new pod with the apps of its manifest, for good. */
    PodTable.Lease prepare(PodSpec spec) throws IOException {
        Instant now = engine.now();
        var stage1 = engine.stage1s().choose(spec.stage1());
        var pod = PodRecord.of(PodUuid.random(), spec, now, new PodState.Prepared(now), stage1);
        return make(spec, pod, stage1, PodFiles.Durability.HOST);
    }

    /** Writes one that is started at once, and begins with that. */
    PodTable.Lease begin(PodSpec spec) throws IOException {
        Instant now = engine.now();
        var stage1 = engine.stage1s().choose(spec.stage1());
        var uuid = stage1.newPod(spec);
        var pod = PodRecord.of(uuid, spec, now, new PodState.Starting(now), stage1);
        try {
            return make(spec, pod, stage1, PodFiles.Durability.PROCESS);
        } catch (IOException | RuntimeException e) {
            stage1.forgo(uuid);
            throw e;
        }
    }

    /** It exists when its record does, which is written last. */
    private PodTable.Lease make(PodSpec spec, PodRecord pod, Stage1 stage1, PodFiles.Durability durability)
            throws IOException {
        spec.manifest().requireReified();
        PodUuid uuid = pod.uuid();
        Instant now = pod.created();
        var lock = engine.files().make(uuid);
        try {
            if (spec.options().name().isPresent()) {
                names.take(spec.options().name().get(), uuid);
            }
            var apps = new ArrayList<AppRecord>();
            for (RuntimeApp app : spec.manifest().apps()) {
                var options = spec.apps().getOrDefault(app.name(), AppOptions.DEFAULT);
                apps.add(AppRecord.created(new AppSpec(app, options), apps.size(), now));
            }
            engine.files().create(pod, apps, durability);
            engine.events().publish(new PodEvent.PodPrepared(uuid, now));
            return table.admit(new OwnedPod(engine.files(), lock, pod, apps, stage1));
        } catch (IOException | RuntimeException e) {
            engine.files().remove(uuid);
            giveName(uuid, spec.options());
            lock.close();
            throw e;
        }
    }

    private void giveName(PodUuid uuid, PodOptions options) throws IOException {
        if (options.name().isPresent()) {
            names.give(options.name().get(), uuid);
        }
    }

    // --- after

    /** What fails because somebody else removes the pod at the same time is done. */
    void remove(PodUuid uuid) throws IOException, InterruptedException {
        if (!isThere(uuid)) {
            return;
        }
        try (var lease = table.lease(uuid)) {
            removeOwned(lease.pod());
        } catch (IOException | AestusException e) {
            if (isThere(uuid)) {
                throw e;
            }
        }
    }

    private void removeOwned(OwnedPod pod) throws IOException, InterruptedException {
        try (var _ = pod.claim(engine.patience())) {
            if (pod.isLive()) {
                throw new AestusException(Problem.CONFLICT, "cannot remove pod " + pod.uuid() + ": it runs");
            }
            if (!isThere(pod.uuid())) {
                return;
            }
            discard(pod);
        }
        engine.events().publish(new PodEvent.PodRemoved(pod.uuid(), engine.now()));
    }

    private boolean isThere(PodUuid uuid) throws IOException {
        return engine.files().find(uuid).isPresent();
    }

    /** Whatever an ending that was cut short may have left is released once more. */
    private void discard(OwnedPod pod) throws IOException {
        var place = pod.place();
        if (!(pod.record().state() instanceof PodState.Prepared)) {
            pod.stage1().killPod(place);
        }
        for (AcName app : pod.appNames()) {
            pod.stage1().discardApp(pod.place(pod.requireApp(app)));
        }
        pod.stage1().releasePod(place);
        engine.files().remove(pod.uuid());
        giveName(pod.uuid(), pod.record().options());
    }

    List<PodUuid> collect(GcOptions options, List<PodStatus> pods) throws IOException, InterruptedException {
        var removed = new ArrayList<PodUuid>();
        for (PodStatus pod : pods) {
            if (isGarbage(pod, options, engine.now())) {
                try {
                    remove(pod.uuid());
                    removed.add(pod.uuid());
                } catch (IOException | AestusException e) {
                    LOG.log(Level.WARNING, "cannot remove pod " + pod.uuid(), e);
                }
            }
        }
        engine.files().sweep();
        names.sweep();
        engine.stage1s().sweep(this::isLive);
        engine.exits().retain(this::runningApps);
        return removed;
    }

    private boolean isLive(PodUuid pod) {
        try {
            return engine.files()
                    .find(pod)
                    .map(record -> switch (record.state()) {
                        case PodState.Starting _, PodState.Running _ -> true;
                        case PodState.Prepared _, PodState.Exited _, PodState.Aborted _ -> false;
                    })
                    .orElse(false);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot read pod " + pod, e);
            return true; // who does not know leaves it alone
        }
    }

    private Set<Long> runningApps() throws IOException {
        var processes = new HashSet<Long>();
        for (PodUuid uuid : engine.files().list()) {
            var pod = engine.files().find(uuid);
            if (pod.isPresent()) {
                for (AppRecord app : engine.files().apps(pod.get())) {
                    app.process()
                            .filter(_ -> app.state() instanceof AppState.Running)
                            .ifPresent(process -> processes.add(process.pid()));
                }
            }
        }
        return processes;
    }

    private static boolean isGarbage(PodStatus pod, GcOptions options, Instant now) {
        return switch (pod.state()) {
            case PodState.Prepared(var at) -> isOver(at, options.expirePrepared(), now);
            case PodState.Starting _, PodState.Running _ -> false;
            case PodState.Exited exited -> isOver(exited.at(), options.grace(), now);
            case PodState.Aborted _ -> true;
        };
    }

    private static boolean isOver(Instant begin, Duration time, Instant now) {
        return !begin.plus(time).isAfter(now);
    }

    // --- meanwhile

    void start() {
        rounds.start();
    }

    private void goRound() {
        try {
            do {
                adopt();
            } while (!closing.await(BETWEEN_ROUNDS_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void adopt() throws InterruptedException {
        try {
            table.adoptAll();
            revival.look();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "cannot look for pods", e);
        }
    }

    void close() throws InterruptedException {
        closing.countDown();
        if (rounds.isAlive()) {
            rounds.join(engine.patience());
        }
    }
}
