package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppFootprint;
import io.aestus.executor.AppLog;
import io.aestus.executor.AppProcess;
import io.aestus.executor.AppSpec;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.AppUsage;
import io.aestus.executor.CheckpointSpec;
import io.aestus.executor.ExecSpec;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.LogQuery;
import io.aestus.executor.PodEvent;
import io.aestus.executor.PodEventListener;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.executor.StopOptions;
import io.aestus.executor.Subscription;
import io.aestus.json.JsonObject;
import io.aestus.linux.CgroupStatistics;
import io.aestus.linux.ProcessFigures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Pods in memory, by the executor's promises taken to the letter: what is not promised to work fails here. */
final class FakePods implements Pods {
    private final Map<PodUuid, PodStatus> pods = new LinkedHashMap<>();
    private final List<PodEventListener> listeners = new CopyOnWriteArrayList<>();
    private long ticks;
    private final List<CheckpointSpec> checkpoints = new CopyOnWriteArrayList<>();
    private int reopened;
    private CgroupStatistics counted = FakeCounts.ofApp();
    Optional<AestusException> nextStartFails = Optional.empty();
    Function<ExecSpec, AppProcess> exec = what -> {
        throw new AssertionError("unexpected " + what);
    };

    Supplier<AppProcess> attach = () -> {
        throw new AssertionError("unexpected");
    };

    private Instant tick() {
        return Instant.parse("2026-01-01T00:00:00.000000123Z").plusSeconds(ticks++);
    }

    @Override
    public synchronized PodUuid run(PodSpec spec) {
        PodUuid uuid = PodUuid.random();
        Instant now = tick();
        boolean fails = nextStartFails.isPresent();
        PodState state = fails ? new PodState.Aborted(now, "failed") : new PodState.Running(now, 42);
        pods.put(
                uuid,
                new PodStatus(
                        uuid,
                        spec.manifest(),
                        spec.options(),
                        now,
                        state,
                        false,
                        "native",
                        List.of(),
                        List.of(),
                        List.of()));
        if (fails) {
            AestusException failure = nextStartFails.get();
            nextStartFails = Optional.empty();
            throw failure;
        }
        return uuid;
    }

    /** As if its first process had died. */
    synchronized void die(PodUuid pod) {
        change(pod, status -> with(status, new PodState.Exited(tick(), Map.of()), status.apps()));
    }

    synchronized void exit(PodUuid pod, AcName app, ExitStatus how) {
        AppState.Running running =
                (AppState.Running) status(pod).requireApp(app).state();
        changeApp(pod, app, new AppState.Exited(running.since(), tick(), how));
    }

    int reopened() {
        return reopened;
    }

    @Override
    public synchronized PodStatus status(PodUuid pod) {
        return Optional.ofNullable(pods.get(pod))
                .orElseThrow(() -> new AestusException(Problem.NOT_FOUND, "cannot find pod " + pod));
    }

    @Override
    public synchronized List<PodStatus> list() {
        return List.copyOf(pods.values());
    }

    @Override
    public synchronized void stop(PodUuid pod, StopOptions how) {
        if (status(pod).state() instanceof PodState.Running) {
            for (AppStatus app : status(pod).apps()) {
                stopApp(pod, app.name(), how);
            }
            die(pod);
        }
    }

    @Override
    public synchronized void remove(PodUuid pod) {
        if (pods.containsKey(pod) && status(pod).state() instanceof PodState.Running) {
            throw new AestusException(Problem.CONFLICT, "cannot remove pod " + pod + ": it runs");
        }
        pods.remove(pod);
    }

    @Override
    public synchronized AcName addApp(PodUuid pod, AppSpec spec) {
        PodStatus status = status(pod);
        if (!(status.state() instanceof PodState.Running)) {
            throw new AestusException(Problem.CONFLICT, "cannot add an app: the pod has ended");
        }
        AcName name = spec.app().name();
        if (status.app(name).isPresent()) {
            throw new AestusException(Problem.CONFLICT, "cannot add app " + name + ": there is one");
        }
        Path logs = status.options().logDirectory().orElse(Path.of("/pods"));
        List<AppStatus> apps = new ArrayList<>(status.apps());
        apps.add(new AppStatus(
                name,
                spec.app().image().id().orElseThrow(),
                spec.app(),
                spec.options(),
                tick(),
                new AppState.Created(),
                0,
                Optional.empty(),
                false,
                Optional.empty(),
                false,
                logs.resolve(spec.options().logPath().orElse(Path.of("log"))),
                List.of(),
                JsonObject.EMPTY));
        change(pod, old -> with(old, old.state(), apps));
        return name;
    }

    @Override
    public synchronized void startApp(PodUuid pod, AcName app) {
        Instant now = tick();
        status(pod).requireApp(app);
        if (nextStartFails.isPresent()) {
            AestusException failure = nextStartFails.get();
            nextStartFails = Optional.empty();
            changeApp(pod, app, new AppState.Exited(now, now, ExitStatus.notStarted(failure.message())));
            throw failure;
        }
        changeApp(pod, app, new AppState.Running(now, 43));
    }

    @Override
    public synchronized void stopApp(PodUuid pod, AcName app, StopOptions how) {
        if (status(pod).requireApp(app).state() instanceof AppState.Running) {
            exit(pod, app, ExitStatus.ofSignal(how.grace().isZero() ? 9 : 15));
        }
    }

    @Override
    public synchronized void removeApp(PodUuid pod, AcName app) {
        change(
                pod,
                old -> with(
                        old,
                        old.state(),
                        old.apps().stream().filter(a -> !a.name().equals(app)).toList()));
    }

    @Override
    public synchronized void limit(PodUuid pod, AcName app, Isolators limits) {
        AppStatus old = status(pod).requireApp(app);
        Isolators all = old.app().app().orElseThrow().isolators();
        for (Isolator limit : limits.all()) {
            all = all.with(limit);
        }
        var changed = old.app()
                .withApp(
                        old.app().app().orElseThrow().toBuilder().isolators(all).build());
        var limited = new AppStatus(
                old.name(),
                old.image(),
                changed,
                old.options(),
                old.created(),
                old.state(),
                old.starts(),
                old.due(),
                old.awaitsConnection(),
                old.notice(),
                old.passesProbe(),
                old.logPath(),
                old.isolators(),
                old.confinement());
        change(
                pod,
                status -> with(
                        status,
                        status.state(),
                        status.apps().stream()
                                .map(a -> a.name().equals(app) ? limited : a)
                                .toList()));
    }

    @Override
    public AppProcess exec(PodUuid pod, AcName app, ExecSpec what) {
        if (!(status(pod).requireApp(app).state() instanceof AppState.Running)) {
            throw new AestusException(Problem.CONFLICT, "cannot run a process in " + app + ": it does not run");
        }
        return exec.apply(what);
    }

    @Override
    public AppProcess attach(PodUuid pod, AcName app) {
        if (!(status(pod).requireApp(app).state() instanceof AppState.Running)) {
            throw new AestusException(Problem.CONFLICT, "cannot attach to " + app + ": it does not run");
        }
        return attach.get();
    }

    @Override
    public SocketChannel connect(PodUuid pod, int port, Duration limit) {
        try {
            return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new AestusException(
                    Problem.UNAVAILABLE, "cannot connect to port " + port + " of the pod: refused", e);
        }
    }

    @Override
    public AppLog log(PodUuid pod, AcName app) {
        Path path = status(pod).requireApp(app).logPath();
        return new AppLog() {
            @Override
            public Path path() {
                return path;
            }

            @Override
            public Reader read(LogQuery query) {
                throw new AssertionError("the kubelet reads logs itself");
            }

            @Override
            public void reopen() {
                reopened++;
            }
        };
    }

    /** What apps are said to use from now on. */
    synchronized void count(CgroupStatistics used) {
        counted = used;
    }

    @Override
    public synchronized Optional<AppUsage> usage(PodUuid pod, AcName app) {
        return status(pod).requireApp(app).state() instanceof AppState.Running
                ? Optional.of(new AppUsage(tick(), counted))
                : Optional.empty();
    }

    @Override
    public synchronized Optional<AppUsage> usage(PodUuid pod) {
        return status(pod).state() instanceof PodState.Running
                ? Optional.of(new AppUsage(tick(), FakeCounts.ofPod()))
                : Optional.empty();
    }

    @Override
    public synchronized Optional<ProcessFigures> processes(PodUuid pod, AcName app) {
        return status(pod).requireApp(app).state() instanceof AppState.Running
                ? Optional.of(new ProcessFigures(3, 20, 5, Map.of(ProcessFigures.State.SLEEPING, 4L)))
                : Optional.empty();
    }

    @Override
    public synchronized AppFootprint footprint(PodUuid pod, AcName app) {
        status(pod).requireApp(app);
        return new AppFootprint(12_288, 3);
    }

    @Override
    public void checkpoint(PodUuid pod, AcName app, CheckpointSpec spec) throws TimeoutException {
        status(pod).requireApp(app);
        if (spec.limit().toSeconds() == 1) {
            throw new TimeoutException("too late");
        }
        checkpoints.add(spec);
    }

    List<CheckpointSpec> checkpoints() {
        return checkpoints;
    }

    @Override
    public Subscription events(PodEventListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** As the executor would, on a thread of its own. */
    void publish(PodEvent event) {
        listeners.forEach(listener -> Thread.ofVirtual().start(() -> listener.on(event)));
    }

    /** Until somebody listens. */
    boolean hasListeners() {
        return !listeners.isEmpty();
    }

    private void changeApp(PodUuid pod, AcName name, AppState state) {
        change(
                pod,
                old -> with(
                        old,
                        old.state(),
                        old.apps().stream()
                                .map(app -> app.name().equals(name) ? with(app, state) : app)
                                .toList()));
    }

    private void change(PodUuid pod, UnaryOperator<PodStatus> how) {
        pods.put(pod, how.apply(status(pod)));
    }

    private static PodStatus with(PodStatus old, PodState state, List<AppStatus> apps) {
        return new PodStatus(
                old.uuid(),
                old.manifest(),
                old.options(),
                old.created(),
                state,
                false,
                "native",
                old.networks(),
                old.isolators(),
                apps);
    }

    private static AppStatus with(AppStatus old, AppState state) {
        return new AppStatus(
                old.name(),
                old.image(),
                old.app(),
                old.options(),
                old.created(),
                state,
                old.starts(),
                old.due(),
                old.awaitsConnection(),
                old.notice(),
                old.passesProbe(),
                old.logPath(),
                old.isolators(),
                old.confinement());
    }
}
