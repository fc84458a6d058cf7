package io.aestus.executor;

import io.aestus.appc.Isolators;
import io.aestus.linux.Cgroup;
import io.aestus.linux.Cgroups;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.KeeperSocket;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.ProcessLauncher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * No isolation but roots and limits of their own: for software of the node itself that comes as an image. Apps are among the
 * host's processes, on its network, with its users, devices and names; what an app's isolators say of memory, processors,
 * capabilities and system calls holds. Everything else that a pod asks for is reported as not enforced, so that a strict one
 * starts only if it asks for the host's.
 */
final class FlyStage1 extends CgroupStage1 {
    private final ProcessLauncher launcher;
    private final Cgroups cgroups;
    private final IsolatorReports reports;
    private final PodHolder holder;

    FlyStage1(Groundwork ground) throws IOException {
        super(ground, new FlyLauncher(ground));
        this.launcher = ground.launcher();
        this.cgroups = ground.cgroups();
        this.reports = ground.reports();
        this.holder = PodHolder.open();
    }

    @Override
    public String name() {
        return new Stage1Name.Fly().toString();
    }

    /** Its first process holds the keeper socket, and nothing else: the pod shares what everybody has. */
    @Override
    public StartedPod startPod(PodStart start) throws IOException {
        PodPlace place = start.place();
        try (var undo = new Cleanup();
                var _ = cgroups.keep(place.cgroup(), PodShells.FIRST)) {
            var unenforced = new ArrayList<Cgroup.Unenforced>();
            Isolators isolators = place.manifest().isolators();
            Cgroup cgroup = PodShells.makeCgroup(cgroups, place.cgroup(), isolators, undo, unenforced);
            List<IsolatorReport> report =
                    FlyReports.ofPod(place, reports.ofPod(isolators, place.options(), unenforced, List.of()));
            IsolatorReports.requireAll(place.options(), report, "pod " + place.uuid());
            KeeperSocket keeper = undo.owns(KeeperSocket.open());
            ChildProcess first = launchFirst(cgroup, keeper);
            undo.handOver();
            var context = new PodContext(first.pid(), UserRange.HOST);
            return new StartedPod(
                    new StartedProcess(first.pid(), first.pidfd()), keeper, context.toJson(), List.of(), report);
        }
    }

    /** On the host's network others may listen where the pod's would: the executor finds a port. */
    private ChildProcess launchFirst(Cgroup cgroup, KeeperSocket keeper) throws IOException {
        try (var entry = CgroupEntry.openUnlimited(cgroup);
                var child = new ChildProgram()) {
            entry.addTo(child);
            child.rights().leaveKeyring();
            child.changeDirectory("/");
            holder.become(child, keeper, OptionalInt.empty());
            return launcher.launch(child, entry.addTo(LaunchOptions.PLAIN));
        }
    }
}
