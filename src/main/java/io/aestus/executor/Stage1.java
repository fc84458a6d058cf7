package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.Annotations;
import io.aestus.appc.App;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.json.JsonObject;
import io.aestus.linux.Fd;
import io.aestus.linux.KeeperSocket;
import io.aestus.linux.PidFd;
import io.aestus.network.Attachment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * The seam between the life of a pod and the way its processes are isolated. {@code NativeStage1} makes namespaces and
 * cgroups itself; another one may drive an OCI runtime. Nobody but {@link Executor} calls it.
 *
 * <p>In the order in which they happen to a pod:
 *
 * <ol>
 *   <li>{@link #cgroup} says where its processes will be accounted. The executor writes that down before anything is made,
 *       so that whoever finds the pod half made knows what to kill.
 *   <li>{@link #startPod} makes what its apps share, and its first process.
 *   <li>{@link #startApp}, for each app, as often as it is started; {@link #exec}, {@link #limit}, {@link #usage} while it runs.
 *   <li>{@link #killApp} when its main process has ended or its grace is over, then {@link #releaseApp} when nothing of it is
 *       left and its last output is in the log.
 *   <li>{@link #discardApp} when it is removed.
 *   <li>{@link #releasePod} when the first process is gone, or when the start failed half-way.
 * </ol>
 *
 * <p><b>What an implementation promises.</b> A method that throws has undone what it began. What {@code kill…}, {@code
 * release…} and {@code discard…} find gone is done: they are called again after a crash, work from the records and the disk
 * alone, and never need the memory of the process that called {@code start…}. All methods are called from platform
 * threads that may block, for different apps of a pod at the same time, for one app never. No descriptor that is passed in
 * is closed or kept: all are lent for the call. No thread that entered a namespace outlives the call.
 *
 * <p><b>What the executor promises.</b> No two processes call {@code start…} or {@code release…} for one pod at the same
 * time. It reaps what was started: an implementation waits for none of the processes it hands back.
 */
public interface Stage1 {

    /** What pods that it started are marked with: another stage1 does not touch them. Such as {@code native}. */
    String name();

    /** Where the processes of a pod will be accounted, as a path below the cgroup root. Nothing is made yet. */
    String cgroup(PodUuid pod, PodOptions options);

    /**
     * What a pod that is about to be made and started shall be called: anything new, or what something fit for it was called
     * that was made ahead.
     */
    default PodUuid newPod(PodSpec spec) {
        return PodUuid.random();
    }

    /** Takes back what {@link #newPod} said: no pod of that name is made. */
    default void forgo(PodUuid pod) {}

    /**
     * Makes what the apps of a pod share: cgroup, namespaces, network; and the first process, which holds them and the
     * pod's {@linkplain StartedPod#keeper keeper socket} until it is killed.
     */
    StartedPod startPod(PodStart pod) throws IOException;

    /** What an app is to be: as its pod says, and where that says nothing as its image does. */
    Definition define(AppPlace app) throws IOException;

    /**
     * Runs the app's {@code pre-start} handler to its end, then starts its process: its cgroup, root, devices, confinement.
     * If the handler fails, takes too long, or is killed by {@link #killApp}, or what follows fails, the {@code post-stop} handler
     * takes back what it did.
     * On return the app's program runs: a program that cannot be executed is an error here, not an exit code.
     *
     * <p>A terminal is made by the implementation, since it belongs to the app's own {@code /dev/pts}; its master is given
     * to {@link Streams.Terminal#parker} before the process is there.
     */
    StartedApp startApp(AppStart app) throws IOException;

    /** Whether it can hand an app sockets that were opened for it. */
    default boolean handsOverSockets() {
        return true;
    }

    /** Starts a further process in a running app, confined as {@link StartedApp#confinement} says, in a cgroup below the app's. */
    StartedProcess exec(ExecStart exec) throws IOException;

    /**
     * Makes what can be made before a further process in a running app is asked for.
     *
     * @param session what that will be called, if it comes to that; else {@link #releaseExec} is called, or the app ends
     * @return false if nothing can be made
     */
    default boolean prepareExec(AppPlace app, String session) throws IOException {
        return false;
    }

    /**
     * Replaces the limits of a running app. All or nothing.
     *
     * @return what became of them
     */
    List<IsolatorReport> limit(AppPlace app, Isolators limits) throws IOException;

    /**
     * What an app uses; the whole pod when {@code app} is empty.
     *
     * @return empty when there is nothing to measure
     */
    Optional<AppUsage> usage(PodPlace pod, Optional<AcName> app) throws IOException;

    /**
     * Where on this host a running app's files are: its root, below {@code /proc}.
     *
     * @param process the app's own, as the host counts
     */
    default Path rootOf(AppPlace app, long process) throws IOException {
        return Path.of("/proc", Long.toString(process), "root");
    }

    /**
     * The files of an app that does not run, as it left them: what it wrote over its image, and nothing of its volumes. To be
     * read only, and closed by the caller.
     *
     * @return empty where the implementation has no way to show them
     */
    default Optional<AppFiles> stoppedFiles(AppPlace app) throws IOException {
        return Optional.empty();
    }

    /** Whether the kernel killed anything of the app for want of memory since it was started. */
    boolean wasOutOfMemory(AppPlace app) throws IOException;

    /** Every process of the app, those of exec included, as the host counts. */
    List<Long> processes(AppPlace app) throws IOException;

    /**
     * Sends SIGKILL to every process of the app, those of exec included, and forks of theirs. Does not wait for their end. Also
     * called while {@link #startApp} or {@link #releaseApp} goes on, to end a handler.
     */
    void killApp(AppPlace app) throws IOException;

    /** Sends SIGKILL to the processes of one {@link #exec}, and forks of theirs. Does not wait for their end. */
    void killExec(AppPlace app, String session) throws IOException;

    /** After the process of an {@link #exec} has ended: what it left running belongs to the app from here on. */
    void releaseExec(AppPlace app, String session) throws IOException;

    /** Sends SIGKILL to every process of every app, and of the first process, known or not. */
    void killPod(PodPlace pod) throws IOException;

    /**
     * Has every process of the pod stand still, and returns when all do.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} where it cannot
     */
    default void pausePod(PodPlace pod) throws IOException {
        throw new AestusException(Problem.UNSUPPORTED, "cannot pause pod " + pod.uuid() + ": " + name() + " cannot");
    }

    /** Has them go on; those that do are left alone. */
    default void resumePod(PodPlace pod) throws IOException {}

    /**
     * After the last process of an app: runs its {@code post-stop} handler, removes its cgroup. Its files stay. A handler that
     * fails is told in the log of this process, and keeps nothing from being released.
     */
    void releaseApp(AppPlace app, HandlerOutput output) throws IOException;

    /** Before an app's directory is removed: whatever else was made for it on the host. */
    void discardApp(AppPlace app) throws IOException;

    /** After the last process of a pod: takes back its network, removes its cgroups and all that {@link #startPod} left. */
    void releasePod(PodPlace pod) throws IOException;

    /**
     * Takes back what a {@link #releasePod} could not, or what a pod left that was removed by hand.
     *
     * @param isLive whether a pod starts or runs
     */
    void sweep(Predicate<PodUuid> isLive) throws IOException;

    /**
     * A pod, as it is on disk.
     *
     * @param directory the pod's own, below which the implementation may keep files of its own in {@code stage1/}
     * @param cgroup as {@link #cgroup} said when it was started, also after an upgrade that would say otherwise
     * @param record what {@link #startPod} returned; empty before that, and when it never got so far
     * @param metadataUrl what its apps find in {@code AC_METADATA_URL}; empty before the pod has started, and if they have
     *     no metadata service
     */
    record PodPlace(
            PodUuid uuid,
            Path directory,
            PodManifest manifest,
            PodOptions options,
            String cgroup,
            JsonObject record,
            Optional<String> metadataUrl) {
        /** Without a metadata service. */
        PodPlace(
                PodUuid uuid,
                Path directory,
                PodManifest manifest,
                PodOptions options,
                String cgroup,
                JsonObject record) {
            this(uuid, directory, manifest, options, cgroup, record, Optional.empty());
        }
    }

    /**
     * An app of a pod, as it is on disk.
     *
     * @param directory the app's own, below which the implementation keeps its root's {@code upper/} and {@code work/}
     * @param starts how often it was started, this time included
     * @param confinement what {@link #startApp} returned; empty before that, and when it never got so far
     */
    record AppPlace(
            PodPlace pod,
            AcName name,
            Path directory,
            RuntimeApp app,
            AppOptions options,
            int starts,
            JsonObject confinement) {}

    /** How an app is executed, and what is told about it to the executor. */
    record Definition(App app, Annotations annotations) {
        private static final Duration USUAL_HANDLER_LIMIT = Duration.ofMinutes(5);

        /** How long an event handler may take before it has failed. */
        Duration handlerLimit() {
            return annotations.eventHandlerTimeout().orElse(USUAL_HANDLER_LIMIT);
        }

        /** Of an app by its image. */
        static Definition of(RuntimeApp app, ImageManifest image) {
            return new Definition(app.effective(image), app.annotations().over(image.annotations()));
        }
    }

    /**
     * What the start of a pod needs.
     *
     * @param listenAt a port of 127.0.0.1 in the pod's own network at which somebody shall listen; empty if nobody need
     */
    record PodStart(PodPlace place, OptionalInt listenAt) {}

    /**
     * What the start of a pod gives.
     *
     * @param process the first process, a child of this one. Given away
     * @param keeper both ends of a socket pair, which are also descriptors 3 and 4 of the first process, which never reads
     *     from them. Given away
     * @param record what the implementation wants to find in {@link PodPlace#record} later
     * @param networks what the pod has of each network it was attached to, in order
     * @param isolators what became of the pod's own isolators
     * @param listener at {@link PodStart#listenAt}, from before anything else ran in the pod. Given away. Empty if this
     *     implementation leaves that to the executor
     */
    record StartedPod(
            StartedProcess process,
            KeeperSocket keeper,
            JsonObject record,
            List<Attachment> networks,
            List<IsolatorReport> isolators,
            Optional<Fd> listener) {
        /** The executor opens a listener itself, if it needs one. */
        StartedPod(
                StartedProcess process,
                KeeperSocket keeper,
                JsonObject record,
                List<Attachment> networks,
                List<IsolatorReport> isolators) {
            this(process, keeper, record, networks, isolators, Optional.empty());
        }
    }

    /**
     * What the start of an app needs.
     *
     * @param firstProcess the pod's first process. Lent
     * @param companion the process of the app among whose processes it shall be, if any. Lent
     * @param sockets those that its program gets as descriptors 3 and up, in the way of sd_listen_fds(3)
     * @param handlers where its event handlers write
     */
    record AppStart(
            AppPlace place,
            PidFd firstProcess,
            Optional<PidFd> companion,
            Streams streams,
            List<HandedSocket> sockets,
            HandlerOutput handlers) {
        public AppStart {
            sockets = List.copyOf(sockets);
        }

        /** Without sockets, and with nobody who reads what handlers write. */
        AppStart(AppPlace place, PidFd firstProcess, Streams streams) {
            this(place, firstProcess, Optional.empty(), streams, List.of(), HandlerOutput.NOWHERE);
        }
    }

    /**
     * What the start of an app gives.
     *
     * @param process the app's process, a child of this one. Given away
     * @param confinement all that {@link #exec} needs to confine a further process alike: users, groups, capabilities,
     *     seccomp, limits, labels. Written to the app's record
     * @param isolators what became of the app's isolators
     */
    record StartedApp(StartedProcess process, JsonObject confinement, List<IsolatorReport> isolators) {}

    /**
     * What a further process in an app needs.
     *
     * @param session what it is called among those of the app
     * @param process the app's own process. Lent
     */
    record ExecStart(AppPlace place, String session, StartedProcess process, ExecSpec spec, Streams streams) {}

    /**
     * A new process.
     *
     * @param pid as the host counts
     */
    record StartedProcess(long pid, PidFd pidfd) {}

    /** The open standard streams of a new process. Lent. */
    sealed interface Streams {
        /**
         * Pipes. The implementation gives their inodes to the user of the process, so that it can open {@code
         * /dev/stdout} again.
         *
         * @param stdin read end, or an open {@code /dev/null}
         * @param stdout write end
         * @param stderr write end
         */
        record Pipes(Fd stdin, Fd stdout, Fd stderr) implements Streams {}

        /** A terminal, that the implementation makes. */
        record Terminal(Parker parker) implements Streams {}
    }

    /** Takes the master of a new terminal, before a process has it. */
    @FunctionalInterface
    interface Parker {
        /** Takes {@code master}: it is the executor's from here on, also when this throws. */
        void park(Fd master) throws IOException;
    }
}
