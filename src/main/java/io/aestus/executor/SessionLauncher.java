package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.ExecStart;
import io.aestus.executor.Stage1.StartedProcess;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupPart;
import io.aestus.linux.Cgroups;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.Namespace;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessLauncher;
import java.io.IOException;
import java.util.Set;

/** Starts further processes in running apps: in the app's root and namespaces, confined as the app's record says. */
final class SessionLauncher {
    private final ProcessLauncher launcher;
    private final Cgroups cgroups;
    private final Way way;
    private final ReadRecords records = new ReadRecords();

    SessionLauncher(Groundwork ground, Way way) {
        this.launcher = ground.launcher();
        this.cgroups = ground.cgroups();
        this.way = way;
    }

    /** How such a process gets to where the app is. */
    @FunctionalInterface
    interface Way {
        /** Adds the steps. */
        void addTo(ChildProgram child, PidFd app, UserRange range) throws IOException;
    }

    /** Into all namespaces of an app, and a view of cgroups of its own. */
    static void join(ChildProgram child, PidFd app, UserRange range) throws IOException {
        PodEntry.join(child, app, range);
        if (child.isUnborn()) {
            child.joinNamespaces(app, Set.of(Namespace.PID));
        }
        child.unshare(Set.of(Namespace.CGROUP)); // whose root is its part of the app's
    }

    StartedProcess start(ExecStart start) throws IOException {
        AppPlace place = start.place();
        var spec = start.spec();
        PidFd app = start.process().pidfd();
        ReadRecords.Known known = records.of(place);
        PodContext pod = known.pod();
        Confinement recorded = known.confinement();
        if (spec.privilege() == AppOptions.Privilege.PRIVILEGED) {
            recorded = recorded.asPrivileged(pod.users().isPrivate() ? CapabilitySet.ALL : HostProcess.capabilities());
        }
        Confinement confinement = recorded.with(
                spec.workingDirectory().orElse(recorded.workingDirectory()),
                AppEnvironment.with(recorded.environment(), spec.environment()));
        try (var undo = new Cleanup();
                var entry = enterPart(start, undo);
                var streams = StandardStreams.openIn(start.streams(), app);
                var child = PodEntry.child(pod.users())) {
            streams.giveTo(confinement, pod.users());
            entry.addTo(child);
            var confined = new ConfinedChild(child, confinement, place);
            confined.beforeNamespaces();
            way.addTo(child, app, pod.users());
            confined.confine(streams);
            child.execute(
                    AppEnvironment.candidates(spec.command().getFirst(), confinement.environment()),
                    spec.command(),
                    confinement.environment());
            LaunchOptions how = entry.addTo(LaunchOptions.PLAIN);
            ChildProcess process = launcher.launch(child, child.isApart() ? how : how.inPidNamespaceOf(app));
            cgroups.open(AppLauncher.cgroup(place)).part(start.session()).begin(process.pid());
            undo.handOver();
            return new StartedProcess(process.pid(), process.pidfd());
        }
    }

    private CgroupEntry enterPart(ExecStart start, Cleanup undo) throws IOException {
        Cgroup app = cgroups.open(AppLauncher.cgroup(start.place()));
        CgroupPart part = app.part(start.session());
        part.create();
        undo.add(part::removeIfEmpty);
        return CgroupEntry.open(app, part, start.process().pid());
    }

    /** Makes the part of an app's cgroup where a further process will be. @return false if the app has none any more */
    boolean prepare(AppPlace place, String session) throws IOException {
        Cgroup app = cgroups.open(AppLauncher.cgroup(place));
        if (!app.exists()) {
            return false;
        }
        app.part(session).create();
        return true;
    }
}
