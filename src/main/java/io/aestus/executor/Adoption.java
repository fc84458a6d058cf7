package io.aestus.executor;

import io.aestus.executor.LogLine.Stream;
import io.aestus.linux.Errno;
import io.aestus.linux.FileLock;
import io.aestus.linux.NoticeSocket;
import io.aestus.linux.PidFd;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Takes over a pod whose owner is gone, wherever that one was when it died.
 *
 * <ul>
 *   <li>A pod that was being started is undone.
 *   <li>A pod whose first process is gone, be it with the host, has ended; how its apps did nobody knows.
 *   <li>Else everything goes on: streams and processes are taken from the first process, which kept them. An app that ended
 *       meanwhile shows at once, by its pidfd. An app that was being started is killed: it has streams there, yet no record
 *       that it runs.
 * </ul>
 */
final class Adoption {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private final Engine engine;
    private final PodRun pods;
    private final AppRelease release;

    Adoption(Engine engine, PodRun pods) {
        this.engine = engine;
        this.pods = pods;
        this.release = new AppRelease(engine);
    }

    /** Opens a pod, of which this process is now the owner. Takes the lock. */
    OwnedPod open(PodRecord record, FileLock lock) throws IOException {
        var stage1 = engine.stage1s().of(record);
        var pod = new OwnedPod(engine.files(), lock, record, engine.files().apps(record), stage1);
        switch (record.state()) {
            case PodState.Prepared _, PodState.Exited _, PodState.Aborted _ -> {}
            case PodState.Starting _ -> undo(pod);
            case PodState.Running _ -> adopt(pod);
        }
        return pod;
    }

    private void undo(OwnedPod pod) throws IOException {
        pod.stage1().killPod(pod.place());
        for (AppRecord app : pod.records()) {
            release.of(pod, app);
        }
        pod.stage1().releasePod(pod.place());
        pod.write(
                pod.record().withState(new PodState.Aborted(engine.now(), "the process that was starting it died")),
                PodFiles.Durability.PROCESS);
    }

    private void adopt(OwnedPod pod) throws IOException {
        var identity = pod.record().process().orElseThrow(() -> new IOException("a running pod without a process"));
        var first = open(identity);
        var kept = first.isPresent() ? keeper(pod, first.get()) : Optional.<Keeper>empty();
        if (first.isEmpty() || kept.isEmpty()) {
            first.ifPresent(PidFd::close);
            close(pod);
            return;
        }
        adopt(pod, identity, first.get(), kept.get());
        LOG.log(Level.INFO, "pod {0} is looked after again", pod.uuid());
    }

    /** What a first process keeps: nothing any more when it is on its way out. */
    private Optional<Keeper> keeper(OwnedPod pod, PidFd first) throws IOException {
        try {
            return Optional.of(Keeper.of(first, engine.files().keeper(pod.uuid())));
        } catch (SyscallException e) {
            if (e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void adopt(OwnedPod pod, ProcessIdentity identity, PidFd first, Keeper keeper) throws IOException {
        pods.watch(pod, first, identity, keeper);
        var kept = new HashMap<Keeper.Start, Map<Keeper.Kind, Keeper.Kept>>();
        for (var one : keeper.parked()) {
            kept.computeIfAbsent(one.start(), _ -> new EnumMap<>(Keeper.Kind.class))
                    .put(one.kind(), one);
        }
        for (AppRecord app : pod.records()) {
            var start = new Keeper.Start(app.name(), app.starts());
            if (app.state() instanceof AppState.Running) {
                resume(pod, app, Optional.ofNullable(kept.remove(start)).orElse(Map.of()));
            }
        }
        for (var entry : kept.entrySet()) {
            dismiss(pod, keeper, entry.getKey(), entry.getValue());
        }
        for (AppRecord app : pod.records()) {
            if (app.awaitsHandler()) { // its owner died before it had begun
                release.of(pod, app);
            }
        }
        if (engine.receptions().isPresent() && pod.record().metadata().isPresent()) {
            engine.receptions().get().resume(pod, pod.record().metadata().get(), keeper);
        }
        if (pod.record().isOver(pod.records())) { // whoever saw its last app end did not live to end the pod
            pods.settle(pod);
        }
    }

    /** The process of that identity, if it is there; ended ones that nobody reaped count. */
    private static Optional<PidFd> open(ProcessIdentity identity) throws IOException {
        if (!identity.boot().equals(ProcessIdentity.Boot.id())) {
            return Optional.empty();
        }
        var process = PidFd.open(identity.pid());
        if (process.isPresent() && !identity.isThere()) { // another process has its number now
            process.get().close();
            return Optional.empty();
        }
        return process;
    }

    /** Nothing of the pod runs any more. */
    private void close(OwnedPod pod) throws IOException {
        boolean sameBoot = pod.record()
                .process()
                .filter(first -> first.boot().equals(ProcessIdentity.Boot.id()))
                .isPresent();
        String why = sameBoot ? "its pod was killed while nobody watched" : "the host was restarted";
        pod.stage1().killPod(pod.place());
        for (AppRecord app : pod.records()) {
            if (app.state() instanceof AppState.Running) {
                pods.apps().recordEnd(pod, app, ExitStatus.unknown(why));
                release.of(pod, app);
            }
        }
        pod.stage1().releasePod(pod.place());
        pods.recordEnd(pod);
    }

    /** Goes on with a running app, which may have ended meanwhile. */
    private void resume(OwnedPod pod, AppRecord app, Map<Keeper.Kind, Keeper.Kept> kept) throws IOException {
        AppOutput output = AppOutput.of(engine, pod, app);
        pump(output, kept);
        var identity = app.process().orElseThrow(() -> new IOException("a running app without a process"));
        var process = Optional.ofNullable(kept.get(Keeper.Kind.PROCESS))
                .map(one -> PidFd.of(one.descriptors().getFirst()));
        if (process.isEmpty()) {
            process = open(identity);
        }
        var notices = Optional.ofNullable(kept.get(Keeper.Kind.NOTICES))
                .map(one -> NoticeSocket.of(one.descriptors().getFirst()));
        if (process.isPresent()) {
            engine.exits().remember(identity.pid(), process.get());
            pods.apps().watch(pod, app.name(), process.get(), identity, output, notices);
        } else {
            notices.ifPresent(NoticeSocket::close);
            output.finish(Duration.ZERO).join();
            pods.apps().recordEnd(pod, app, ExitStatus.unknown("it ended while nobody watched"));
        }
    }

    /** Has what an app wrote go to its log. */
    private static void pump(AppOutput output, Map<Keeper.Kind, Keeper.Kept> kept) {
        for (var one : kept.values()) {
            var descriptors = one.descriptors();
            switch (one.kind()) {
                case PROCESS, NOTICES -> {}
                case INPUT -> one.close();
                case OUTPUT -> {
                    output.add(Stream.STDOUT, descriptors.get(0), AppOptions.Terminal.NONE);
                    output.add(Stream.STDERR, descriptors.get(1), AppOptions.Terminal.NONE);
                }
                case TERMINAL -> output.add(Stream.STDOUT, descriptors.getFirst(), AppOptions.Terminal.TTY);
            }
        }
    }

    /**
     * What is kept of a start that no record knows of; or of an end that was recorded, but whose handler was not run, or not to its
     * end: it is run again.
     */
    private void dismiss(OwnedPod pod, Keeper keeper, Keeper.Start start, Map<Keeper.Kind, Keeper.Kept> kept)
            throws IOException {
        Optional<AppRecord> app = pod.app(start.app());
        if (app.isPresent() && start.number() == app.get().starts() + 1) {
            AppRecord started = again(app.get());
            clear(pod, started, kept);
            var status = ExitStatus.notStarted("the process that was starting app " + start.app() + " died");
            pods.apps().recordEnd(pod, started, status);
            release.of(pod, started);
        } else if (app.isPresent() && start.number() == app.get().starts()) {
            clear(pod, app.get(), kept);
            keeper.release(start.app());
            release.of(pod, app.get());
        } else {
            kept.values().forEach(Keeper.Kept::close);
        }
        if (pod.run(start.app()).isEmpty()) {
            keeper.release(start.app());
        }
    }

    private static AppRecord again(AppRecord app) {
        return app.restarts().due().isPresent() ? app.nextRestart() : app.nextStart();
    }

    /** Ends what is left of a start, with all that it wrote in the log. */
    private void clear(OwnedPod pod, AppRecord app, Map<Keeper.Kind, Keeper.Kept> kept) throws IOException {
        pod.stage1().killApp(pod.place(app));
        AppOutput output = AppOutput.of(engine, pod, app);
        pump(output, kept);
        output.finish(Duration.ofMillis(100)).join();
        Optional.ofNullable(kept.get(Keeper.Kind.PROCESS)).ifPresent(Keeper.Kept::close);
        Optional.ofNullable(kept.get(Keeper.Kind.NOTICES)).ifPresent(Keeper.Kept::close);
    }
}
