package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
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
 * comes by. The others read its state from disk; they may stop it, run processes in it and attach to it, and are told
 * {@link Problem#CONFLICT} when they ask for more.
 */
@SuppressWarnings("DoNotCallSuggester") // bodies follow
public final class Executor implements AutoCloseable {
    private Executor() {}

    /** Opens the pods of {@code config}'s directory, with {@code stage1} to isolate what runs. */
    public static Executor open(ExecutorConfig config, Stage1 stage1) {
        throw new UnsupportedOperationException("open");
    }

    /**
     * Writes a pod to disk, for good: it survives the loss of power from here on. Nothing runs.
     *
     * @throws AestusException {@link Problem#INVALID} when an app has no image ID; {@link Problem#EXHAUSTED} when the disk
     *     is full
     */
    public PodUuid prepare(PodSpec spec) {
        throw new UnsupportedOperationException("prepare");
    }

    /**
     * Starts a prepared pod: the first process, the network, then every app of its manifest in order. When one of these
     * fails everything is undone and the pod is aborted.
     *
     * @throws AestusException {@link Problem#CONFLICT} unless it is prepared
     */
    public void start(PodUuid pod) {
        throw new UnsupportedOperationException("start");
    }

    /** {@link #prepare} and {@link #start} in one, without the pause that outliving a loss of power takes. */
    public PodUuid run(PodSpec spec) {
        throw new UnsupportedOperationException("run");
    }

    /**
     * Adds an app to a pod that runs or is prepared. It is created, not started.
     *
     * @return its name
     * @throws AestusException {@link Problem#CONFLICT} when the pod has one of that name, or has ended
     */
    public AcName addApp(PodUuid pod, AppSpec app) {
        throw new UnsupportedOperationException("addApp");
    }

    /**
     * Starts an app of a running pod that is created or has exited. A start that fails leaves it exited, with {@link
     * ExitStatus.Ending.NotStarted}.
     */
    public void startApp(PodUuid pod, AcName app) {
        throw new UnsupportedOperationException("startApp");
    }

    /** Ends an app and waits until its status says so. One that does not run is left alone. */
    public void stopApp(PodUuid pod, AcName app, StopOptions how) {
        throw new UnsupportedOperationException("stopApp");
    }

    /** Kills an app if it runs, and removes it with all it wrote. One that is not there is left alone. */
    public void removeApp(PodUuid pod, AcName app) {
        throw new UnsupportedOperationException("removeApp");
    }

    /**
     * Sends a signal to an app's own process.
     *
     * @throws AestusException {@link Problem#CONFLICT} unless it runs
     */
    public void signal(PodUuid pod, AcName app, int number) {
        throw new UnsupportedOperationException("signal");
    }

    /** Gives an app other limits: those isolators replace the ones of the same name. All or nothing. */
    public void limit(PodUuid pod, AcName app, Isolators limits) {
        throw new UnsupportedOperationException("limit");
    }

    /**
     * Runs a further process in a running app. The caller closes it; it ends at the latest with the app.
     *
     * @throws AestusException {@link Problem#CONFLICT} unless the app runs
     */
    public AppProcess exec(PodUuid pod, AcName app, ExecSpec what) {
        throw new UnsupportedOperationException("exec");
    }

    /** The streams of a running app from now on. Any number of attachments may exist; each sees all output. */
    public AppProcess attach(PodUuid pod, AcName app) {
        throw new UnsupportedOperationException("attach");
    }

    /** Ends a pod with all its apps, and waits until its status says so. One that has ended is left alone. */
    public void stop(PodUuid pod, StopOptions how) {
        throw new UnsupportedOperationException("stop");
    }

    /**
     * Removes a pod that does not run, with all its apps wrote. One that is not there is left alone.
     *
     * @throws AestusException {@link Problem#CONFLICT} when it runs
     */
    public void remove(PodUuid pod) {
        throw new UnsupportedOperationException("remove");
    }

    /**
     * What is known of a pod now.
     *
     * @throws AestusException {@link Problem#NOT_FOUND}
     */
    public PodStatus status(PodUuid pod) {
        throw new UnsupportedOperationException("status");
    }

    /** All pods, the oldest first. */
    public List<PodStatus> list() {
        throw new UnsupportedOperationException("list");
    }

    /**
     * The one pod whose UUID begins with {@code prefix}.
     *
     * @throws AestusException {@link Problem#NOT_FOUND}; {@link Problem#INVALID} when there are several
     */
    public PodUuid find(String prefix) {
        throw new UnsupportedOperationException("find");
    }

    /** Tells {@code listener} of everything that happens from now on to pods that this process looks after. */
    public Subscription events(PodEventListener listener) {
        throw new UnsupportedOperationException("events");
    }

    /** The log of an app. */
    public AppLog log(PodUuid pod, AcName app) {
        throw new UnsupportedOperationException("log");
    }

    /**
     * What an app uses.
     *
     * @return empty unless it runs
     */
    public Optional<AppUsage> usage(PodUuid pod, AcName app) {
        throw new UnsupportedOperationException("usage");
    }

    /**
     * What a pod uses with all its apps.
     *
     * @return empty unless it runs
     */
    public Optional<AppUsage> usage(PodUuid pod) {
        throw new UnsupportedOperationException("usage");
    }

    /**
     * Waits for the end of an app.
     *
     * @return how it ended, its last output being in the log; empty if it goes on after {@code limit}
     * @throws AestusException {@link Problem#CONFLICT} when it was never started
     */
    public Optional<ExitStatus> waitFor(PodUuid pod, AcName app, Duration limit) throws InterruptedException {
        throw new UnsupportedOperationException("waitFor");
    }

    /**
     * Waits for the end of a pod.
     *
     * @return empty if it goes on after {@code limit}
     */
    public Optional<PodState.Exited> waitFor(PodUuid pod, Duration limit) throws InterruptedException {
        throw new UnsupportedOperationException("waitFor");
    }

    /** Removes pods that nobody needs any more, and what is left of those whose removal was cut short. */
    public List<PodUuid> gc(GcOptions options) {
        throw new UnsupportedOperationException("gc");
    }

    /** Lets go of everything: pods run on, with their output kept in their pipes until the next owner comes by. */
    @Override
    public void close() {}
}
