package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.EventHandler;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.AppStart;
import io.aestus.executor.Stage1.ExecStart;
import io.aestus.executor.Stage1.PodPlace;
import io.aestus.executor.Stage1.StartedApp;
import io.aestus.executor.Stage1.StartedProcess;
import io.aestus.executor.Stage1.Streams;
import io.aestus.json.JsonView;
import io.aestus.linux.Cgroup;
import io.aestus.linux.DeviceRule;
import io.aestus.linux.Directory;
import io.aestus.linux.PidFd;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Starts the apps of a pod that runs as containers of an {@link OciRuntime}, and their event handlers. */
final class OciLauncher implements AppStarter {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final Duration CLEANUP_LIMIT = Duration.ofSeconds(2);

    private final OciRuntime runtime;
    private final Groundwork ground;
    private final OciCalls calls;
    private final OciGuests guests;

    OciLauncher(OciRuntime runtime, Groundwork ground) {
        this.runtime = runtime;
        this.ground = ground;
        this.calls = new OciCalls(runtime, ground);
        this.guests = new OciGuests(calls);
    }

    /** The part of an app's cgroup in which something is executed by a runtime that joins cgroups itself. */
    static String part(AppPlace app, String session) {
        return AppLauncher.cgroup(app) + "/" + part(session);
    }

    /** The same below the app's. */
    static String part(String session) {
        return "_part-" + session;
    }

    @Override
    public StartedApp start(AppStart start) throws IOException {
        AppPlace place = start.place();
        try (var setting = AppLauncher.open(ground, place, start.firstProcess());
                var undo = new Cleanup()) {
            List<DeviceRule> rules = Limits.devices(place.options(), setting.devices());
            if (setting.app().handler(EventHandler.Event.PRE_START).isPresent()) {
                undo.add(() -> runHandler(setting, EventHandler.Event.POST_STOP, rules, start.handlers()));
                runHandler(setting, EventHandler.Event.PRE_START, rules, start.handlers());
            }
            undo.add(() -> delete(place));
            requireOwnProcesses(place);
            List<Cgroup.Unenforced> unenforced = makeCgroup(setting, rules, undo);
            var unknownCalls = new ArrayList<String>();
            try (var container =
                    OciContainer.assemble(setting, rules, ground.cgroups().layout(), undo)) {
                Confinement confinement = setting.equipped(container.confinement(ground.labels(), unknownCalls));
                List<IsolatorReport> report = report(setting, unenforced, unknownCalls, confinement);
                StartedProcess process = create(
                        container,
                        confinement,
                        id(place),
                        start.streams(),
                        setting.app().exec());
                undo.handOver();
                return new StartedApp(process, confinement.toJson(), report);
            }
        }
    }

    private void requireOwnProcesses(AppPlace place) {
        HostEdits.requireNone(place, runtime.program().getFileName().toString());
        if (place.options().processes() == AppOptions.Processes.OTHER_APP) {
            throw new AestusException(
                    Problem.UNSUPPORTED,
                    "cannot start app " + place.name() + " among the processes of another one: "
                            + runtime.program().getFileName() + " is not asked to do that here");
        }
    }

    private List<Cgroup.Unenforced> makeCgroup(AppSetting setting, List<DeviceRule> rules, Cleanup undo)
            throws IOException {
        String path = AppLauncher.cgroup(setting.place());
        undo.add(() -> ground.cgroups().open(path).remove(CLEANUP_LIMIT));
        return runtime.manner()
                .limit(
                        ground.cgroups().create(path),
                        Limits.of(setting.app().isolators(), setting.podIsolators(), rules));
    }

    private List<IsolatorReport> report(
            AppSetting setting,
            List<Cgroup.Unenforced> unenforced,
            List<String> unknownCalls,
            Confinement confinement) {
        AppPlace place = setting.place();
        List<IsolatorReport> all = ground.reports()
                .ofApp(
                        setting.app().isolators(),
                        setting.podIsolators(),
                        unenforced,
                        unknownCalls,
                        confinement.capabilities());
        all.addAll(IsolatorReports.ofOptions(place.options()));
        IsolatorReports.requireAll(place.pod().options(), all, "app " + place.name());
        return all;
    }

    /** No app's name has an underscore, so no other app's containers begin so. */
    private static String prefix(AppPlace place) {
        return place.name() + "_";
    }

    private static String id(AppPlace place) {
        return prefix(place) + place.starts();
    }

    /**
     * Makes a container, hands its terminal over if it has one, and starts its program.
     */
    private StartedProcess create(
            OciContainer container, Confinement confinement, String id, Streams wanted, List<String> command)
            throws IOException {
        AppPlace place = container.setting().place();
        try (var desk = OciDesk.make();
                var streams = OciStreams.of(wanted, desk)) {
            StandardStreams.of(streams.files())
                    .giveTo(confinement, container.setting().range());
            desk.write(
                    OciDesk.CONFIG,
                    container
                            .config(confinement, runtime.manner())
                            .toJson(command, streams.terminal(), AppLauncher.cgroup(place)));
            var words = new ArrayList<>(
                    List.of("create", "--bundle", OciDesk.PLACE, "--pid-file", OciDesk.path(OciDesk.PID)));
            words.addAll(streams.words());
            words.add(id);
            calls.create(container, desk, words, streams.files());
            return handedOver(desk, () -> {
                streams.park(wanted);
                calls.start(place, id);
            });
        }
    }

    /** What is left to be done with a process that is there. */
    private interface Rest {
        void run() throws IOException;
    }

    /** The process that a run has made, which is no child of the runtime any more; killed if the rest fails. */
    private StartedProcess handedOver(OciDesk desk, Rest rest) throws IOException {
        StartedProcess process = process(desk);
        try {
            rest.run();
            return process;
        } catch (IOException | RuntimeException e) {
            process.pidfd().signal(Signal.SIGKILL);
            process.pidfd().close();
            runtime.reapStraysSoon();
            throw e;
        }
    }

    private StartedProcess process(OciDesk desk) throws IOException {
        String number = desk.read(OciDesk.PID).strip();
        if (!number.matches("\\d{1,10}")) {
            throw new IOException(runtime.program().getFileName() + " did not say which process it made");
        }
        long pid = Long.parseLong(number);
        PidFd process = PidFd.open(pid).orElseThrow(() -> new IOException("process " + pid + " is gone"));
        process.hasEnded(); // fails unless it is our child by now, whose number cannot mean another process
        return new StartedProcess(pid, process);
    }

    // --- further processes

    @Override
    public StartedProcess exec(ExecStart start) throws IOException {
        AppPlace place = start.place();
        var spec = start.spec();
        UserRange range = PodContext.read(place.pod().record()).users();
        Confinement recorded = Confinement.read(JsonView.of(place.confinement(), "the record of the app"));
        Confinement confinement = recorded.with(
                spec.workingDirectory().orElse(recorded.workingDirectory()),
                AppEnvironment.with(recorded.environment(), spec.environment()));
        try (var undo = new Cleanup();
                var desk = OciDesk.make();
                var streams = OciStreams.of(start.streams(), desk)) {
            StandardStreams.of(streams.files()).giveTo(confinement, range);
            desk.write(OciDesk.PROCESS, OciConfig.process(confinement, spec.command(), streams.terminal()));
            var words = new ArrayList<>(List.of(
                    "exec",
                    "--process",
                    OciDesk.path(OciDesk.PROCESS),
                    "--detach",
                    "--pid-file",
                    OciDesk.path(OciDesk.PID)));
            words.addAll(streams.words());
            if (runtime.manner().isKernel()) {
                words.addAll(OciGuests.words(id(place), start.session()));
            }
            calls.exec(start, desk, words, id(place), streams.files(), undo);
            StartedProcess process = handedOver(desk, () -> streams.park(start.streams()));
            if (!runtime.manner().leavesCgroups() && !runtime.executesInParts()) {
                ground.cgroups().open(part(place, start.session())).join(process.pid());
            }
            undo.handOver();
            return process;
        }
    }

    /** Ends what only the container's own kernel knows of a further process. */
    void killInside(AppPlace place, String session) {
        guests.kill(place, id(place), session);
    }

    /** After a further process has ended, of which the container's own kernel told. */
    void forgetInside(AppPlace place, String session) throws IOException {
        guests.forget(place, id(place), session);
    }

    /** Where the files of a running app are, which is a kernel of its own. */
    Path root(AppPlace place) throws IOException {
        return OciGuests.root(
                place,
                id(place),
                ground.cgroups().open(AppLauncher.cgroup(place)).processes());
    }

    // --- event handlers

    /**
     * Runs the app's handler of an event, if it has one, to its end: as the pod's root, within what the app may do. Nothing that
     * it started goes on after it. Its cgroup is new and goes with it: some runtimes remove it with the container.
     */
    private void runHandler(AppSetting setting, EventHandler.Event event, List<DeviceRule> rules, HandlerOutput output)
            throws IOException {
        Optional<EventHandler> handler = setting.app().handler(event);
        if (handler.isEmpty()) {
            return;
        }
        // No container's name is the beginning of another's: some runtimes take it for that one's.
        String id = prefix(setting.place()) + event + "_" + setting.place().starts();
        ground.cgroups().open(AppLauncher.cgroup(setting.place())).remove(CLEANUP_LIMIT);
        try (var opened = output.open();
                var made = new Cleanup()) {
            makeCgroup(setting, rules, made);
            made.add(() -> delete(setting.place(), id));
            runHandler(
                    setting, event, id, rules, opened.streams(), handler.get().exec());
        }
    }

    private void runHandler(
            AppSetting setting,
            EventHandler.Event event,
            String id,
            List<DeviceRule> rules,
            Streams streams,
            List<String> command)
            throws IOException {
        try (var undo = new Cleanup();
                var container =
                        OciContainer.assemble(setting, rules, ground.cgroups().layout(), undo)) {
            Confinement confinement =
                    container.confinement(ground.labels(), new ArrayList<>()).asRoot();
            StartedProcess process = create(container, confinement, id, streams, command);
            undo.handOver();
            try (PidFd pidfd = process.pidfd()) {
                var identity = ProcessIdentity.find(process.pid());
                Duration limit = setting.definition().handlerLimit();
                boolean isInTime = pidfd.awaitEnd(limit);
                ground.cgroups().open(AppLauncher.cgroup(setting.place())).kill(CLEANUP_LIMIT);
                ExitStatus exit = Exits.await(pidfd, identity);
                if (!isInTime) {
                    throw HandlerFailures.tookTooLong(event, setting.place().name(), limit);
                }
                if (exit.code() != 0) {
                    throw HandlerFailures.ended(event, setting.place().name(), exit.code());
                }
            }
        }
    }

    /** After an app's last process: its {@code post-stop} handler, as far as the pod still can. */
    @Override
    public void runPostStop(AppPlace place, HandlerOutput output) throws IOException {
        if (place.pod().record().isEmpty()) {
            return; // its start was cut short, and no app has run
        }
        Optional<PidFd> first = PidFd.open(PodContext.read(place.pod().record()).firstProcess());
        if (first.isEmpty()) {
            return;
        }
        try (PidFd process = first.get();
                var setting = AppLauncher.open(ground, place, process)) {
            if (setting.app().handler(EventHandler.Event.POST_STOP).isPresent()) {
                runHandler(
                        setting,
                        EventHandler.Event.POST_STOP,
                        Limits.devices(place.options(), setting.devices()),
                        output);
            }
        }
    }

    // --- kernels of their own

    void pause(PodPlace pod) throws IOException {
        guests.pause(pod);
    }

    void resume(PodPlace pod) throws IOException {
        guests.resume(pod);
    }

    // --- what is left

    /** Has the runtime forget all containers of an app. What it does not remember is forgotten. */
    void delete(AppPlace place) throws IOException {
        delete(place, prefix(place));
    }

    /** Those whose names begin so. A kernel of its own was ended with its cgroup, and all that is left of it are files. */
    private void delete(AppPlace place, String beginning) throws IOException {
        Path state = OciCalls.state(place.pod());
        if (!Files.isDirectory(state)) {
            return;
        }
        try (Directory containers = Directory.open(state)) {
            for (String name : containers.list()) {
                if (runtime.manner().container(name).startsWith(beginning)) {
                    if (!runtime.manner().isKernel()) {
                        ask(place, name);
                    }
                    containers.removeTree(name);
                }
            }
        }
    }

    private void ask(AppPlace place, String id) {
        try {
            calls.delete(place, id);
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "cannot have container " + id + " of pod " + place.pod().uuid() + " deleted",
                    e);
        }
    }
}
