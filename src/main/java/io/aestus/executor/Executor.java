package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.linux.ProcessFigures;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The pods of one data directory: the one way in for every front. Thread-safe; every operation may be called from virtual
 * threads, blocks until it is done, and throws {@link AestusException}. Operations on one app take turns, those on
 * different apps overlap.
 *
 * <p>Any number of processes may have an executor on the same directory. Each running pod has one <em>owner</em> among
 * them, which writes its logs and records its exits: the one that started it, or, when that is gone, the first that
 * comes by. The others read its state from disk, run processes in it and attach to it; what changes it they ask the
 * owner for, which the caller does not notice.
 */
public final class Executor implements AutoCloseable {
    private final Engine engine;
    private final PodTable table;
    private final PodViews views;
    private final ForeignPods foreign;
    private final Changes changes;
    private final Sessions sessions;
    private final PodCare care;

    private Executor(Engine engine) {
        this.engine = engine;
        this.table = new PodTable(engine);
        this.views = new PodViews(engine, table);
        this.foreign = new ForeignPods(engine);
        this.changes = new Changes(engine, table, foreign);
        this.sessions = new Sessions(engine, table, views, foreign);
        this.care = new PodCare(engine, table);
    }

    /** Opens the pods of {@code config}'s directory, with {@code stage1} to isolate what runs. */
    public static Executor open(ExecutorConfig config, Stage1 stage1) {
        return open(config, Stage1s.only(stage1));
    }

    /** The same with a choice for each pod. */
    public static Executor open(ExecutorConfig config, Stage1s stage1s) {
        var executor =
                new Executor(calling("open the pods in " + config.directory(), () -> Engine.open(config, stage1s)));
        if (config.adoption() == ExecutorConfig.Adoption.ALL) {
            executor.care.start();
        }
        return executor;
    }

    // --- pods

    /**
     * Writes a pod to disk, for good: it survives the loss of power from here on. Nothing runs.
     *
     * @throws AestusException {@link Problem#INVALID} when an app has no image ID; {@link Problem#EXHAUSTED} when the disk
     *     is full
     */
    public PodUuid prepare(PodSpec spec) {
        return working("prepare a pod", () -> {
            try (var lease = care.prepare(spec)) {
                return lease.pod().uuid();
            }
        });
    }

    /**
     * Starts a prepared pod: the first process, the network, then every app of its manifest in order. When one of these
     * fails everything is undone and the pod is aborted.
     *
     * @throws AestusException {@link Problem#CONFLICT} unless it is prepared
     */
    public void start(PodUuid pod) {
        start(pod, Amendment.NONE);
    }

    /** The same with other options than it was prepared with, which count from then on. */
    public void start(PodUuid pod, Amendment amendment) {
        doing("start pod " + pod, () -> {
            try (var lease = table.lease(pod)) {
                table.pods().start(lease.pod(), amendment);
            }
        });
    }

    /** {@link #prepare} and {@link #start} in one, without the pause that outliving a loss of power takes. */
    public PodUuid run(PodSpec spec) {
        return working("run a pod", () -> {
            try (var lease = care.begin(spec)) {
                table.pods().goOn(lease.pod());
                return lease.pod().uuid();
            }
        });
    }

    /** Ends a pod with all its apps, and waits until its status says so. One that has ended is left alone. */
    public void stop(PodUuid pod, StopOptions how) {
        change(pod, new Change.StopPod(how));
    }

    /**
     * Has all processes of a running pod stand still, until it is resumed or stopped. Nothing is started in it meanwhile.
     *
     * @throws AestusException {@link Problem#CONFLICT} unless it runs
     */
    public void pause(PodUuid pod) {
        change(pod, new Change.PausePod());
    }

    /** Has the processes of a paused pod go on. One that is not paused is left alone. */
    public void resume(PodUuid pod) {
        change(pod, new Change.ResumePod());
    }

    /**
     * Removes a pod that does not run, with all its apps wrote. One that is not there is left alone.
     *
     * @throws AestusException {@link Problem#CONFLICT} when it runs
     */
    public void remove(PodUuid pod) {
        doing("remove pod " + pod, () -> care.remove(pod));
    }

    /** Removes pods that nobody needs any more, and what is left of those whose removal was cut short. */
    public List<PodUuid> gc(GcOptions options) {
        return working("collect garbage", () -> care.collect(options, views.list()));
    }

    // --- apps

    /**
     * Adds an app to a pod that runs or is prepared. It is created, not started.
     *
     * @return its name
     * @throws AestusException {@link Problem#CONFLICT} when the pod has one of that name, or has ended
     */
    public AcName addApp(PodUuid pod, AppSpec app) {
        change(pod, new Change.AddApp(app));
        return app.app().name();
    }

    /**
     * Starts an app of a running pod that is created or has exited. A start that fails leaves it exited, with {@link
     * ExitStatus.Ending.NotStarted}.
     */
    public void startApp(PodUuid pod, AcName app) {
        change(pod, new Change.StartApp(app));
    }

    /** Ends an app and waits until its status says so. One that does not run is left alone. */
    public void stopApp(PodUuid pod, AcName app, StopOptions how) {
        change(pod, new Change.StopApp(app, how));
    }

    /** Kills an app if it runs, and removes it with all it wrote. One that is not there is left alone. */
    public void removeApp(PodUuid pod, AcName app) {
        change(pod, new Change.RemoveApp(app));
    }

    /**
     * Sends a signal to an app's own process.
     *
     * @throws AestusException {@link Problem#CONFLICT} unless it runs
     */
    public void signal(PodUuid pod, AcName app, int number) {
        doing("signal app " + app, () -> {
            if (!foreign.signal(pod, app, number)) {
                throw new AestusException(Problem.CONFLICT, "cannot signal app " + app + ": it does not run");
            }
        });
    }

    /** Gives an app other limits: those isolators replace the ones of the same name. All or nothing. */
    public void limit(PodUuid pod, AcName app, Isolators limits) {
        change(pod, new Change.LimitApp(app, limits));
    }

    /** Gives an app another restart policy, by which one that has ended is judged anew. */
    public void setRestartPolicy(PodUuid pod, AcName app, RestartPolicy policy) {
        change(pod, new Change.SetPolicy(app, policy));
    }

    /** Gives an app another readiness probe, or none. */
    public void setReadiness(PodUuid pod, AcName app, Optional<ReadinessProbe> probe) {
        change(pod, new Change.SetReadiness(app, probe));
    }

    /**
     * Runs a further process in a running app. The caller closes it; it ends at the latest with the app.
     *
     * @throws AestusException {@link Problem#CONFLICT} unless the app runs
     */
    public AppProcess exec(PodUuid pod, AcName app, ExecSpec what) {
        return working(
                "run " + Quoted.of(what.command().getFirst()) + " in app " + app, () -> sessions.exec(pod, app, what));
    }

    /** What of an app's output from before an attachment is shown first. */
    public enum History {
        NONE,
        /** All that its log still has. */
        ALL
    }

    /** The streams of a running app from now on. Any number of attachments may exist; each sees all output. */
    public AppProcess attach(PodUuid pod, AcName app) {
        return attach(pod, app, History.NONE);
    }

    /** The same with what it wrote before; with all of that, one that has ended can be attached to as well. */
    public AppProcess attach(PodUuid pod, AcName app, History history) {
        return working("attach to app " + app, () -> sessions.attach(pod, app, history));
    }

    /**
     * The files of an app: as it sees them if it runs, else as it left them. Nothing is run in the pod. The caller closes it.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} if it does not run and its stage1 cannot show what it left
     */
    public AppFiles files(PodUuid pod, AcName app) {
        return working("open the files of app " + app, () -> AppFiles.open(engine, pod, app));
    }

    /**
     * Connects to a port of a running pod, as its own processes would over loopback: IPv4, else IPv6. The connection blocks;
     * the caller closes it.
     *
     * @throws AestusException {@link Problem#CONFLICT} unless the pod runs; {@link Problem#UNAVAILABLE} if nobody answers
     */
    public SocketChannel connect(PodUuid pod, int port, Duration limit) {
        return working("connect to port " + port + " of pod " + pod, () -> sessions.connect(pod, port, limit));
    }

    // --- what is known

    /** What is known of a pod now. @throws AestusException {@link Problem#NOT_FOUND} */
    public PodStatus status(PodUuid pod) {
        return working("read pod " + pod, () -> views.status(pod));
    }

    /**
     * Where a pod is accounted: the path of its cgroup below the root of the hierarchy.
     *
     * @throws AestusException {@link Problem#NOT_FOUND}
     */
    public String cgroup(PodUuid pod) {
        return working("read pod " + pod, () -> engine.files().read(pod).cgroup());
    }

    /** All pods, the oldest first. */
    public List<PodStatus> list() {
        return working("list pods", views::list);
    }

    /**
     * The pod of that name, else the one whose UUID begins so.
     *
     * @throws AestusException {@link Problem#NOT_FOUND}; {@link Problem#INVALID} when there are several
     */
    public PodUuid find(String word) {
        return working("list pods", () -> views.find(word));
    }

    /** Tells {@code listener} of everything that happens from now on to pods that this process looks after. */
    public Subscription events(PodEventListener listener) {
        return engine.events().subscribe(listener);
    }

    /** The log of an app. */
    public AppLog log(PodUuid pod, AcName app) {
        return working("find the log of app " + app, () -> sessions.openLog(pod, app));
    }

    /** What an app uses; empty unless it runs. */
    public Optional<AppUsage> usage(PodUuid pod, AcName app) {
        return working("measure app " + app, () -> views.usage(pod, Optional.of(app)));
    }

    /** What writes down what apps are just now. */
    public Checkpoints checkpoints() {
        return new Checkpoints(engine, Criu.places());
    }

    /** What an app has written over its image, counted anew: that may take a while. */
    public AppFootprint footprint(PodUuid pod, AcName app) {
        return working("count files of app " + app, () -> views.footprint(pod, app));
    }

    /** What the processes of an app hold and do; empty unless it runs, and where it is too much to be counted. */
    public Optional<ProcessFigures> processes(PodUuid pod, AcName app) {
        return working("look at the processes of app " + app, () -> views.processes(pod, app));
    }

    /** What a pod uses with all its apps; empty unless it runs. */
    public Optional<AppUsage> usage(PodUuid pod) {
        return working("measure pod " + pod, () -> views.usage(pod, Optional.empty()));
    }

    /**
     * Waits for the end of an app.
     *
     * @return how it ended, its last output being in the log; empty if it goes on after {@code limit}
     * @throws AestusException {@link Problem#CONFLICT} when it was never started
     */
    public Optional<ExitStatus> waitFor(PodUuid pod, AcName app, Duration limit) throws InterruptedException {
        return views.waitFor(pod, status -> exit(status.requireApp(app)), limit);
    }

    private static Optional<ExitStatus> exit(AppStatus app) {
        return switch (app.state()) {
            case AppState.Created _ ->
                throw new AestusException(
                        Problem.CONFLICT, "cannot wait for app " + app.name() + ": it was never started");
            case AppState.Running _ -> Optional.empty();
            case AppState.Exited exited -> Optional.of(exited.status());
        };
    }

    /**
     * Waits for the end of a pod.
     *
     * @return empty if it goes on after {@code limit}
     */
    public Optional<PodState.Exited> waitFor(PodUuid pod, Duration limit) throws InterruptedException {
        return views.waitFor(
                pod,
                status -> status.state() instanceof PodState.Exited exited ? Optional.of(exited) : Optional.empty(),
                limit);
    }

    /**
     * Waits until a pod is ready, see {@link PodStatus#isReady}.
     *
     * @return false if it has ended, or is not ready after {@code limit}
     */
    public boolean waitReady(PodUuid pod, Duration limit) throws InterruptedException {
        return views.waitFor(pod, PodViews::readiness, limit).orElse(false);
    }

    /** Lets go of everything: pods run on, with their output kept in their pipes until the next owner comes by. */
    @Override
    public void close() {
        doing("let go of all pods", () -> {
            care.close();
            table.beginClosing();
            engine.beginClosing();
            table.close();
            engine.close();
        });
    }

    // --- the edge: threads and errors

    /** Something that gives nothing. */
    @FunctionalInterface
    private interface Deed {
        void run() throws IOException, InterruptedException;
    }

    private void change(PodUuid pod, Change change) {
        doing(change.what(pod), () -> changes.make(pod, change));
    }

    private void doing(String what, Deed deed) {
        working(what, () -> {
            deed.run();
            return true;
        });
    }

    private <T> T working(String what, Workers.Work<T> work) {
        return calling(what, () -> engine.workers().run(work));
    }

    private static <T> T calling(String what, Workers.Work<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw Failures.of(what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AestusException(Problem.UNAVAILABLE, "cannot " + what + ": interrupted", e);
        }
    }
}
