package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.EventHandler;
import io.aestus.appc.ImageId;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.AppStart;
import io.aestus.executor.Stage1.ExecStart;
import io.aestus.executor.Stage1.StartedApp;
import io.aestus.executor.Stage1.StartedProcess;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupLayout;
import io.aestus.linux.CgroupPart;
import io.aestus.linux.Cgroups;
import io.aestus.linux.ChildMounts;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.DeviceRule;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.Namespace;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessExit;
import io.aestus.linux.ProcessLauncher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Starts apps in a pod that runs, their event handlers, and further processes in them. What it makes them see, and what they
 * may, a subclass can decide otherwise.
 */
sealed class AppLauncher implements AppStarter permits FlyLauncher {
    private static final Duration CLEANUP_LIMIT = Duration.ofSeconds(2);
    private static final Set<MountAttribute> CGROUP_ATTRIBUTES =
            Set.of(MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC, MountAttribute.RDONLY);

    private final Groundwork ground;
    private final ProcessLauncher launcher;
    private final Cgroups cgroups;
    private final SecurityLabels labels;
    private final IsolatorReports reports;
    private final ReadConfinements confinements = new ReadConfinements();

    AppLauncher(Groundwork ground) {
        this.ground = ground;
        this.launcher = ground.launcher();
        this.cgroups = ground.cgroups();
        this.labels = ground.labels();
        this.reports = ground.reports();
    }

    static String cgroup(AppPlace place) {
        return place.pod().cgroup() + "/" + place.name();
    }

    @Override
    public StartedApp start(AppStart start) throws IOException {
        AppPlace place = start.place();
        var unknownCalls = new ArrayList<String>();
        try (var opened = open(ground, place, start.firstProcess());
                var undo = new Cleanup()) {
            AppSetting setting = opened.among(start.companion());
            AppHooks hooks = AppHooks.of(ground, place, setting.range());
            undo.add(hooks::afterEnd);
            hooks.beforeStart();
            if (setting.app().handler(EventHandler.Event.PRE_START).isPresent()) {
                undo.add(() -> runHandler(setting, EventHandler.Event.POST_STOP, start.handlers()));
                runHandler(setting, EventHandler.Event.PRE_START, start.handlers());
            }
            Cgroup cgroup = makeCgroup(place, undo);
            List<Cgroup.Unenforced> unenforced = limit(cgroup, setting);
            try (AppRoot root = assemble(setting, undo);
                    var streams = StandardStreams.open(start.streams(), root).hand(start.sockets())) {
                Confinement confinement = setting.equipped(confinement(setting, root, unknownCalls));
                List<IsolatorReport> report = report(setting, unenforced, unknownCalls, confinement);
                streams.giveTo(confinement, setting.range());
                ChildProcess process = launch(
                        setting,
                        cgroup,
                        root,
                        confinement,
                        streams,
                        setting.app().exec(),
                        hooks);
                undo.handOver();
                hooks.afterStart(process.pid());
                return new StartedApp(new StartedProcess(process.pid(), process.pidfd()), confinement.toJson(), report);
            }
        }
    }

    /** Puts together what the app will see. */
    AppRoot assemble(AppSetting setting, Cleanup undo) throws IOException {
        return setting.assemble(undo);
    }

    /** What the app may. */
    Confinement confinement(AppSetting setting, AppRoot root, List<String> unknownCalls) throws IOException {
        return setting.confinement(root, labels.of(setting.app().isolators(), setting.podIsolators()), unknownCalls);
    }

    /** The devices that it may use. */
    List<DeviceRule> devices(AppSetting setting) {
        return Limits.devices(setting.place().options(), setting.devices());
    }

    /** What apps have of their own elsewhere, and here not. */
    List<IsolatorReport> unisolated(AppPlace place) {
        return List.of();
    }

    private List<IsolatorReport> report(
            AppSetting setting,
            List<Cgroup.Unenforced> unenforced,
            List<String> unknownCalls,
            Confinement confinement) {
        AppPlace place = setting.place();
        List<IsolatorReport> all = reports.ofApp(
                setting.app().isolators(),
                setting.podIsolators(),
                unenforced,
                unknownCalls,
                confinement.capabilities());
        all.addAll(IsolatorReports.ofOptions(place.options()));
        all.addAll(unisolated(place));
        IsolatorReports.requireAll(place.pod().options(), all, "app " + place.name());
        return all;
    }

    static AppSetting open(Groundwork ground, AppPlace place, PidFd firstProcess) throws IOException {
        ImageId image = place.app().image().id().orElseThrow();
        var definition = ground.define(place);
        requireProcesses(place);
        var layers = new ArrayList<Path>();
        layers.add(ground.skeleton());
        layers.addAll(ground.images().layers(image));
        return AppSetting.open(
                place,
                definition,
                List.copyOf(layers),
                firstProcess,
                ground.cgroups().rootSource(cgroup(place)),
                ground.images(),
                ground.readyDevices());
    }

    private static void requireProcesses(AppPlace place) {
        if (place.options().processes() == AppOptions.Processes.HOST
                && PodContext.read(place.pod().record()).users().isPrivate()) {
            throw new AestusException(
                    Problem.UNSUPPORTED,
                    "cannot start app " + place.name()
                            + " among the processes of the host: its pod has users of its own");
        }
    }

    private Cgroup makeCgroup(AppPlace place, Cleanup undo) throws IOException {
        String path = cgroup(place);
        undo.add(() -> cgroups.open(path).remove(CLEANUP_LIMIT));
        return cgroups.create(path);
    }

    private List<Cgroup.Unenforced> limit(Cgroup cgroup, AppSetting setting) throws IOException {
        return cgroup.limit(Limits.of(setting.app().isolators(), setting.podIsolators(), devices(setting)));
    }

    /** An app's program, or a handler's, in a root of its own. */
    ChildProcess launch(
            AppSetting setting,
            Cgroup cgroup,
            AppRoot root,
            Confinement confinement,
            StandardStreams streams,
            List<String> command,
            AppHooks hooks)
            throws IOException {
        AppPlace place = setting.place();
        try (var entry = CgroupEntry.open(cgroup);
                var view = CgroupView.ofVersion1(cgroups.layout(), setting);
                var child = PodEntry.child(setting.range())) {
            entry.addTo(child);
            var confined = new ConfinedChild(child, confinement, place);
            confined.beforeNamespaces();
            var processes = setting.processes();
            if (child.isUnborn() && processes == AppOptions.Processes.APP) {
                child.unshare(Set.of(Namespace.PID));
                child.beBorn(); // whose proc only one of them can mount; nobody of the pod sees it
            }
            var proc = proc(setting, child);
            PodEntry.join(child, setting.firstProcess(), setting.range());
            if (child.isUnborn() && setting.seesPod()) {
                child.joinNamespaces(setting.firstProcess(), Set.of(Namespace.PID));
            }
            child.unshare(Set.of(Namespace.MOUNT, Namespace.CGROUP));
            root.addTo(child.mounts(), PodTemplate.APP, proc);
            setting.coverOwn(child.mounts());
            hooks.addBeforeRoot(child, root, PodTemplate.APP, cgroup, confinement, command);
            root.enter(child.mounts(), place.app().readOnlyRootFs());
            hooks.addAfterRoot(child);
            if (cgroups.layout().mode() == CgroupLayout.Mode.UNIFIED) {
                child.mounts().mount("cgroup2", CgroupView.PLACE, CGROUP_ATTRIBUTES, List.of());
            }
            view.addTo(child.mounts(), CgroupView.PLACE);
            hooks.addInRoot(child, setting, cgroup, confinement);
            confined.confine(streams);
            child.execute(
                    AppEnvironment.candidates(command.getFirst(), confinement.environment()),
                    command,
                    streams.told(confinement.environment()));
            LaunchOptions how = entry.addTo(LaunchOptions.PLAIN);
            return switch (processes) {
                case POD -> launch(child, how, setting.firstProcess());
                case OTHER_APP -> launch(child, how, setting.companion().orElseThrow());
                case APP -> launcher.launch(child, child.isApart() ? how : how.withNamespaces(Set.of(Namespace.PID)));
                case HOST -> launcher.launch(child, how);
            };
        }
    }

    /**
     * The app's view of processes. Of those of another app it is a copy of what that one sees: nobody can mount it anew who is not
     * among them, and who is they can look into.
     */
    private static Optional<ChildMounts.Detached> proc(AppSetting setting, ChildProgram child) {
        return switch (setting.processes()) {
            case POD -> Optional.empty();
            case APP, HOST -> Optional.of(child.mounts().make("proc", PodTemplate.KERNELS));
            case OTHER_APP -> {
                var entered = EnumSet.of(Namespace.MOUNT);
                if (child.isUnborn()) {
                    entered.add(Namespace.PID);
                }
                child.joinNamespaces(setting.companion().orElseThrow(), entered);
                yield Optional.of(child.mounts().copyOf("/proc"));
            }
        };
    }

    /** A child that is born into the PID namespace of a process. */
    private ChildProcess launch(ChildProgram child, LaunchOptions how, PidFd process) throws IOException {
        return launcher.launch(child, child.isApart() ? how : how.inPidNamespaceOf(process));
    }

    /** A further process in the app's root and namespaces, confined as the app's record says. */
    @Override
    public StartedProcess exec(ExecStart start) throws IOException {
        AppPlace place = start.place();
        var spec = start.spec();
        PodContext pod = PodContext.read(place.pod().record());
        Confinement recorded = confinements.of(place);
        if (spec.privilege() == AppOptions.Privilege.PRIVILEGED) {
            recorded = recorded.asPrivileged(pod.users().isPrivate() ? CapabilitySet.ALL : HostProcess.capabilities());
        }
        Confinement confinement = recorded.with(
                spec.workingDirectory().orElse(recorded.workingDirectory()),
                AppEnvironment.with(recorded.environment(), spec.environment()));
        try (var undo = new Cleanup();
                var entry = enterPart(place, start.session(), undo);
                var streams = StandardStreams.openIn(start.streams(), start.process());
                var child = PodEntry.child(pod.users())) {
            streams.giveTo(confinement, pod.users());
            entry.addTo(child);
            var confined = new ConfinedChild(child, confinement, place);
            confined.beforeNamespaces();
            enter(child, start.process(), pod.users());
            confined.confine(streams);
            child.execute(
                    AppEnvironment.candidates(spec.command().getFirst(), confinement.environment()),
                    spec.command(),
                    confinement.environment());
            ChildProcess process = launch(child, entry.addTo(LaunchOptions.PLAIN), start.process());
            cgroups.open(cgroup(place)).part(start.session()).begin(process.pid());
            undo.handOver();
            return new StartedProcess(process.pid(), process.pidfd());
        }
    }

    /** Adds the steps by which a further process gets to where the app is. */
    void enter(ChildProgram child, PidFd app, UserRange range) throws IOException {
        PodEntry.join(child, app, range);
        if (child.isUnborn()) {
            child.joinNamespaces(app, Set.of(Namespace.PID));
        }
        child.unshare(Set.of(Namespace.CGROUP)); // whose root is its part of the app's
    }

    private CgroupEntry enterPart(AppPlace place, String session, Cleanup undo) throws IOException {
        Cgroup app = cgroups.open(cgroup(place));
        CgroupPart part = app.part(session);
        part.create();
        undo.add(part::removeIfEmpty);
        return CgroupEntry.open(app, part);
    }

    /**
     * Runs the app's handler of an event, if it has one, to its end: as the pod's root, within what the app may do. Nothing that
     * it started goes on after it. Its cgroup is new and goes with it: Linux 6.18 kills what is born into one that was killed.
     */
    private void runHandler(AppSetting setting, EventHandler.Event event, HandlerOutput output) throws IOException {
        Optional<EventHandler> handler = setting.app().handler(event);
        if (handler.isEmpty()) {
            return;
        }
        cgroups.open(cgroup(setting.place())).remove(CLEANUP_LIMIT);
        try (var opened = output.open();
                var made = new Cleanup();
                var undo = new Cleanup();
                AppRoot root = assemble(setting, undo);
                var streams = StandardStreams.open(opened.streams(), root)) {
            Cgroup cgroup = makeCgroup(setting.place(), made);
            limit(cgroup, setting);
            Confinement confinement =
                    confinement(setting, root, new ArrayList<>()).asRoot();
            streams.giveTo(confinement, setting.range());
            try (ChildProcess process = launch(
                    setting,
                    cgroup,
                    root,
                    confinement,
                    streams,
                    handler.get().exec(),
                    AppHooks.of(ground, setting.place(), setting.range()).none())) {
                undo.handOver();
                Duration limit = setting.definition().handlerLimit();
                boolean isInTime = process.pidfd().awaitEnd(limit);
                cgroup.kill(CLEANUP_LIMIT);
                ProcessExit exit = process.pidfd().reap();
                if (!isInTime) {
                    throw HandlerFailures.tookTooLong(event, setting.place().name(), limit);
                }
                if (exit.shellCode() != 0) {
                    throw HandlerFailures.ended(event, setting.place().name(), exit.shellCode());
                }
            }
        }
    }

    /** After an app's last process: its {@code post-stop} handler, as far as the pod still can, then its hooks. */
    @Override
    public void runPostStop(AppPlace place, HandlerOutput output) throws IOException {
        if (place.pod().record().isEmpty()) { // its start was cut short, and no app has run
            return;
        }
        try {
            if (ground.define(place).app().handler(EventHandler.Event.POST_STOP).isPresent()) {
                runPostStopHandler(place, output);
            }
        } finally {
            if (!place.options().edits().isEmpty()) {
                UserRange range = PodContext.read(place.pod().record()).users();
                AppHooks.of(ground, place, range).afterEnd();
            }
        }
    }

    private void runPostStopHandler(AppPlace place, HandlerOutput output) throws IOException {
        Optional<PidFd> firstProcess =
                PidFd.open(PodContext.read(place.pod().record()).firstProcess());
        if (firstProcess.isEmpty()) {
            return;
        }
        try (PidFd process = firstProcess.get();
                var setting = open(ground, place, process)) {
            runHandler(setting, EventHandler.Event.POST_STOP, output);
        }
    }
}
