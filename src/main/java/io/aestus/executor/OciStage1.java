package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupLimits;
import io.aestus.linux.Cgroups;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Pods like the built-in ones, whose apps an OCI runtime starts: each app is a container in the namespaces that the pod's first
 * process holds. So networks, the keeper socket, adoption and limits are the same; only how an app's processes come to be, and
 * are confined, is the runtime's. Start at {@link OciLauncher}.
 *
 * <p>What {@code create} and {@code exec} make is orphaned when they end. We are who adopts it, so that its exit code is ours as
 * if we had made it, be it gone before we look.
 */
final class OciStage1 extends CgroupStage1 {
    private final String name;
    private final OciRuntime runtime;
    private final Cgroups cgroups;
    private final PodLauncher pods;
    private final OciLauncher apps;

    private OciStage1(Path program, OciRuntime runtime, OciLauncher apps, Groundwork ground) throws IOException {
        super(ground, apps);
        this.name = new Stage1Name.Oci(program).toString();
        this.runtime = runtime;
        this.cgroups = ground.cgroups();
        var shells = new PodShells(ground);
        this.pods = new PodLauncher(shells, _ -> Optional.empty(), ground);
        this.apps = apps;
    }

    /**
     * Asks {@code program} what it can.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} if it is no OCI runtime
     */
    static OciStage1 open(Path program, Groundwork ground) throws IOException {
        OciDesk.makePlace();
        OciRuntime runtime = OciRuntime.open(program, ground.launcher(), ground.cgroups());
        return new OciStage1(program, runtime, new OciLauncher(runtime, ground), ground);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public StartedPod startPod(PodStart pod) throws IOException {
        return pods.start(pod);
    }

    /** A runtime says nothing of the number that the app's process will have in its pod. */
    @Override
    public boolean handsOverSockets() {
        return false;
    }

    @Override
    List<Cgroup.Unenforced> limit(Cgroup cgroup, CgroupLimits limits) throws IOException {
        return runtime.manner().limit(cgroup, limits);
    }

    @Override
    public Path rootOf(AppPlace app, long process) throws IOException {
        return runtime.manner().isKernel() ? apps.root(app) : super.rootOf(app, process);
    }

    @Override
    public void killExec(AppPlace app, String session) throws IOException {
        if (runtime.manner().isKernel()) {
            apps.killInside(app, session);
        }
        if (runtime.manner().leavesCgroups()) {
            super.killExec(app, session);
        } else {
            cgroups.open(OciLauncher.part(app, session)).kill(KILL_LIMIT);
        }
    }

    @Override
    public void releaseExec(AppPlace app, String session) throws IOException {
        if (runtime.manner().isKernel()) {
            apps.forgetInside(app, session);
        }
        if (runtime.manner().leavesCgroups()) {
            super.releaseExec(app, session);
        } else if (cgroups.open(OciLauncher.part(app, session)).processes().isEmpty()) {
            cgroups.open(OciLauncher.part(app, session)).remove(REMOVE_LIMIT);
        }
    }

    @Override
    public void pausePod(PodPlace pod) throws IOException {
        if (!runtime.manner().isKernel()) {
            super.pausePod(pod);
            return;
        }
        try (var undo = new Cleanup()) {
            undo.add(() -> resumePod(pod));
            apps.pause(pod);
            undo.handOver();
        }
    }

    @Override
    public void resumePod(PodPlace pod) throws IOException {
        if (runtime.manner().isKernel()) {
            apps.resume(pod);
        } else {
            super.resumePod(pod);
        }
    }

    @Override
    public void releaseApp(AppPlace app, HandlerOutput output) throws IOException {
        try {
            super.releaseApp(app, output);
        } finally {
            apps.delete(app);
            if (runtime.manner().isKernel()) {
                runtime.reapStraysSoon(); // what opened its files ends a moment after it
            }
        }
    }
}
