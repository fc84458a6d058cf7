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
import io.aestus.linux.Cgroup;
import io.aestus.linux.Cgroups;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.DeviceRule;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessExit;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.WaitingChild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Starts apps in a pod that runs, and their event handlers. What it makes them see, and what they may, a subclass can decide
 * otherwise.
 */
sealed class AppLauncher implements AppStarter permits FlyLauncher {
    private static final Duration CLEANUP_LIMIT = Duration.ofSeconds(2);
    private final Groundwork ground;
    private final ProcessLauncher launcher;
    private final Cgroups cgroups;
    private final SecurityLabels labels;
    private final IsolatorReports reports;
    private final SessionLauncher sessions;

    AppLauncher(Groundwork ground) {
        this(ground, SessionLauncher::join);
    }

    /** @param way how further processes get to where an app is */
    AppLauncher(Groundwork ground, SessionLauncher.Way way) {
        this.sessions = new SessionLauncher(ground, way);
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
        Optional<ReadyApp> ready = ground.readyApps().take(start.place().pod().uuid());
        Optional<StartedApp> started = ready.isPresent() ? start(ready.get(), start) : Optional.empty();
        return started.isPresent() ? started.get() : startNew(start);
    }

    /** Has one that was made ahead become the app. Takes it. @return empty if it cannot, and then nothing is left of it */
    private Optional<StartedApp> start(ReadyApp ready, AppStart start) throws IOException {
        AppPlace place = start.place();
        var unknownCalls = new ArrayList<String>();
        try (ready) {
            var definition = ground.define(place);
            if (!ready.fits(place, definition)) {
                return Optional.empty();
            }
            AppSetting setting = ready.setting().of(place, definition);
            Confinement confinement = confinement(setting, ready.root(), unknownCalls);
            if (!ready.canBe(setting, confinement) || !ready.settle(place.directory())) {
                return Optional.empty();
            }
            List<IsolatorReport> report = report(setting, ready.unenforced(), unknownCalls, confinement);
            try (var streams =
                    StandardStreams.open(start.streams(), ready.root()).hand(start.sockets())) {
                streams.giveTo(confinement, setting.range());
                ChildProcess process = ready.become(setting, confinement, streams);
                return Optional.of(new StartedApp(
                        new StartedProcess(process.pid(), process.pidfd()), confinement.toJson(), report));
            }
        }
    }

    /**
     * Makes an app ahead, as far as its outline says what it will be.
     *
     * @param place a place with just that outline
     * @param firstProcess of its pod, in which nobody is who could look at the child: it shares our memory as long as it waits.
     *     Lent as long as the app is ready
     */
    ReadyApp ready(AppOutline outline, AppPlace place, PidFd firstProcess) throws IOException {
        if (!AppOutline.of(place.app(), place.options(), ground.define(place)).equals(Optional.of(outline))) {
            throw new IOException("cannot make app " + place.name() + " ahead: its image alone does not say enough");
        }
        try (var undo = new Cleanup();
                var owned = new Cleanup()) {
            Path directory = Files.createDirectories(place.directory());
            undo.add(() -> Files.delete(directory));
            AppSetting setting = owned.owns(open(ground, place, firstProcess));
            if (!setting.range().isPrivate()) {
                throw new IOException("cannot make app " + place.name() + " ahead: its child would have to be apart");
            }
            Cgroup cgroup = makeCgroup(place, undo);
            List<Cgroup.Unenforced> unenforced = limit(cgroup, setting);
            AppRoot root = owned.owns(assemble(setting, undo));
            List<ReadyApp.Layer> layers = ReadyApp.Layer.all(setting.layers());
            Confinement confinement = confinement(setting, root, new ArrayList<>());
            var child = AppChild.entering(
                    setting,
                    ChildProgram.ahead(),
                    cgroup,
                    cgroups.layout(),
                    root,
                    confinement,
                    List.of(),
                    AppHooks.of(ground, place, setting.range()).none());
            WaitingChild waiting = child.launchAhead(launcher);
            return new ReadyApp(
                    outline,
                    setting,
                    unenforced,
                    root,
                    child.confined(),
                    waiting,
                    layers,
                    directory,
                    owned.handedOver(),
                    undo.handedOver());
        }
    }

    private StartedApp startNew(AppStart start) throws IOException {
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
        var program = PodEntry.child(setting.range());
        try (var child =
                AppChild.entering(setting, program, cgroup, cgroups.layout(), root, confinement, command, hooks)) {
            child.confined().confine(streams);
            program.execute(
                    AppEnvironment.candidates(command.getFirst(), confinement.environment()),
                    command,
                    streams.told(confinement.environment()));
            return child.launch(launcher);
        }
    }

    @Override
    public StartedProcess exec(ExecStart start) throws IOException {
        return sessions.start(start);
    }

    /** Starts further processes in apps. */
    SessionLauncher sessions() {
        return sessions;
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
