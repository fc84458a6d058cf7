package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.executor.Hook.Moment;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import io.aestus.linux.Cgroup;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.MountChange;
import io.aestus.linux.Mounts;
import io.aestus.linux.Namespace;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.ProgramRun;
import io.aestus.linux.Resctrl;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Runs the hooks of an app, each to its end. Those before the app's program run while its process stands still amid its launch: once
 * when all that it will see is attached and its root is not yet its root, once when it is. So an app without hooks has no step more.
 *
 * <p>The hooks of the container's creation need two things at once, their program on the host and the root of the app. So the
 * mount namespace of an app that has any is covered with a copy of the host's mounts for as long as it stands still, with the app's root
 * where its bundle says; the change of root takes it all away. They are the pod's root, and in its namespaces but for that of
 * processes: nobody in the pod sees them, or the host's files through them.
 */
final class AppHooks {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final int LONGEST_COMPLAINT = 1000;
    /** What else is done while an app stands still. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private static final Set<Moment> BEFORE_ROOT =
            Set.of(Moment.PRESTART, Moment.CREATE_RUNTIME, Moment.CREATE_CONTAINER);
    private static final Path HOST = Path.of("/");

    private final ProcessLauncher launcher;
    private final AppPlace place;
    private final HostEdits edits;
    private final UserRange range;
    private final HookBundle bundle;

    private AppHooks(ProcessLauncher launcher, AppPlace place, HostEdits edits, UserRange range) {
        this.launcher = launcher;
        this.place = place;
        this.edits = edits;
        this.range = range;
        this.bundle = HookBundle.of(place, range);
    }

    /** Those of an app. */
    static AppHooks of(Groundwork ground, AppPlace place, UserRange range) {
        return new AppHooks(ground.launcher(), place, place.options().edits(), range);
    }

    /** None, as for an event handler of the app. */
    AppHooks none() {
        return new AppHooks(launcher, place, HostEdits.NONE, range);
    }

    /** What is done before there is a process: whatever fails, {@link #afterEnd} takes it back. */
    void beforeStart() throws IOException {
        if (!edits.isEmpty()) {
            bundle.make();
            interfaces().take();
        }
    }

    private InterfaceMoves interfaces() {
        return new InterfaceMoves(place, bundle);
    }

    // --- what the child does

    /** Adds what happens when the app's root is attached at {@code root} and not entered yet. */
    void addBeforeRoot(
            ChildProgram child,
            AppRoot root,
            String where,
            Cgroup cgroup,
            Confinement confinement,
            List<String> command)
            throws IOException {
        if (edits.isEmpty()) {
            return;
        }
        bundle.write(
                place, OciConfig.process(confinement, command, place.options().terminal()));
        if (hasHooksBeforeRoot()) {
            attachHost(child, root, where);
        }
        if (hasHooksBeforeRoot() || edits.cacheShare().isPresent()) {
            child.pauses().add(pid -> beforeRoot(pid, cgroup), limit(BEFORE_ROOT));
        }
    }

    private void attachHost(ChildProgram child, AppRoot root, String where) throws IOException {
        Fd host = root.owns(Mounts.clone(HOST, MountChange.Depth.WHOLE_TREE));
        Mounts.change(
                host, MountChange.propagation(MountChange.Propagation.PRIVATE).throughout());
        child.mounts().attach(host, HOST.toString(), "attach the host's root");
        child.mounts().move(where, root.owns(bundle.rootIn(Directory.of(host))), "attach the root for hooks");
    }

    private boolean hasHooksBeforeRoot() {
        return edits.hooks().stream().anyMatch(hook -> BEFORE_ROOT.contains(hook.moment()));
    }

    /** Adds what happens when the app's root has become the root: of what covered the old one and went, that one itself is left. */
    void addAfterRoot(ChildProgram child) {
        if (hasHooksBeforeRoot()) {
            child.mounts().detach("/");
        }
    }

    private void beforeRoot(long pid, Cgroup cgroup) throws IOException {
        if (edits.cacheShare().isPresent()) {
            edits.cacheShare().get().give(CacheShare.ofHost(place), edits.id(), pid);
        }
        byte[] state = state("creating", OptionalLong.of(pid));
        for (Moment moment : List.of(Moment.PRESTART, Moment.CREATE_RUNTIME)) {
            for (Hook hook : edits.hooks(moment)) {
                onHost(hook, state);
            }
        }
        try (PidFd process = open(pid)) {
            for (Hook hook : edits.hooks(Moment.CREATE_CONTAINER)) {
                run(hook, state, streams -> launchBeforeRoot(hook, process, cgroup, streams));
            }
        }
    }

    /** Adds what happens when the app's root is its root. */
    void addInRoot(ChildProgram child, AppSetting setting, Cgroup cgroup, Confinement confinement) throws IOException {
        List<Hook> hooks = edits.hooks(Moment.START_CONTAINER);
        if (hooks.isEmpty()) {
            return;
        }
        child.pauses()
                .add(
                        pid -> {
                            byte[] state = state("created", OptionalLong.of(pid));
                            try (PidFd process = open(pid)) {
                                for (Hook hook : hooks) {
                                    run(
                                            hook,
                                            state,
                                            streams ->
                                                    launchInRoot(hook, setting, process, cgroup, confinement, streams));
                                }
                            }
                        },
                        limit(Set.of(Moment.START_CONTAINER)));
    }

    private Duration limit(Set<Moment> moments) {
        return edits.hooks().stream()
                .filter(hook -> moments.contains(hook.moment()))
                .map(Hook::patience)
                .reduce(SLACK, Duration::plus);
    }

    private PidFd open(long pid) throws IOException {
        return PidFd.open(pid)
                .orElseThrow(() -> new IOException("cannot start app " + place.name() + ": it ended meanwhile"));
    }

    // --- after that

    /** When the app's program runs. What fails is told, and changes nothing. */
    void afterStart(long pid) {
        trying(Moment.POSTSTART, "running", OptionalLong.of(pid));
    }

    /** After the end of the app, or of a start that failed. Takes away what hooks found of it. */
    void afterEnd() throws IOException {
        if (edits.isEmpty()) {
            return;
        }
        interfaces().giveBack();
        if (edits.cacheShare().isPresent() && Resctrl.ofHost().isPresent()) {
            edits.cacheShare().get().takeBack(Resctrl.ofHost().get(), edits.id());
        }
        if (!bundle.exists()) { // the host was started anew meanwhile
            bundle.make();
            bundle.write(place, JsonObject.EMPTY);
        }
        trying(Moment.POSTSTOP, "stopped", OptionalLong.empty());
        bundle.remove();
    }

    private void trying(Moment moment, String status, OptionalLong pid) {
        for (Hook hook : edits.hooks(moment)) {
            try {
                onHost(hook, state(status, pid));
            } catch (AestusException e) {
                LOG.log(Level.WARNING, "pod {0}: {1}", place.pod().uuid(), e.message());
            }
        }
    }

    // --- one hook

    private byte[] state(String status, OptionalLong pid) {
        return JsonWriter.compact(OciState.of(place, status, pid));
    }

    private void onHost(Hook hook, byte[] state) {
        run(hook, state, streams -> {
            try (var child = new ChildProgram()) {
                execute(child, hook, streams);
                return launcher.launch(child, LaunchOptions.PLAIN);
            }
        });
    }

    private ChildProcess launchBeforeRoot(Hook hook, PidFd app, Cgroup cgroup, List<Fd> streams) throws IOException {
        try (var entry = CgroupEntry.open(cgroup);
                var child = new ChildProgram()) { // in the host's PID namespace, where nobody else sees it
            entry.addTo(child);
            PodEntry.join(child, app, range);
            execute(child, hook, streams);
            return launcher.launch(child, entry.addTo(LaunchOptions.PLAIN));
        }
    }

    private void execute(ChildProgram child, Hook hook, List<Fd> streams) {
        String program = hook.path().toString();
        ProgramRun.addTo(child, streams, bundle.path().toString(), program, hook.command(), hook.environment());
    }

    /** Like a further process in an app that runs. */
    private ChildProcess launchInRoot(
            Hook hook, AppSetting setting, PidFd app, Cgroup cgroup, Confinement confinement, List<Fd> streams)
            throws IOException {
        PidFd processes =
                switch (setting.processes()) {
                    case POD -> setting.firstProcess();
                    case OTHER_APP -> setting.companion().orElseThrow();
                    case APP, HOST -> app;
                };
        try (var standard = StandardStreams.of(streams);
                var entry = CgroupEntry.open(cgroup);
                var child = PodEntry.child(range)) {
            standard.giveTo(confinement, range);
            entry.addTo(child);
            var confined = new ConfinedChild(child, confinement, place);
            confined.beforeNamespaces();
            PodEntry.join(child, app, range);
            if (child.isUnborn()) {
                child.joinNamespaces(processes, Set.of(Namespace.PID));
            }
            child.unshare(Set.of(Namespace.CGROUP));
            confined.confine(standard);
            child.execute(List.of(hook.path().toString()), hook.command(), hook.environment());
            LaunchOptions how = entry.addTo(LaunchOptions.PLAIN);
            return launcher.launch(child, child.isApart() ? how : how.inPidNamespaceOf(processes));
        }
    }

    /** @throws AestusException {@link Problem#CONFLICT} if it fails, {@link Problem#UNAVAILABLE} if it cannot be run to its end */
    private void run(Hook hook, byte[] state, ProgramRun.Start start) {
        String name = "hook " + hook.moment() + " " + hook.path() + " of app " + place.name();
        var output = ProgramRun.run(name, state, hook.patience(), start);
        if (output.code() != 0) {
            throw new AestusException(
                    Problem.CONFLICT, "cannot run " + name + ": it ended with " + output.code() + said(output));
        }
    }

    private static String said(ProgramRun.Output output) {
        return Optional.of(output.complaint().strip())
                .filter(said -> !said.isEmpty())
                .map(said -> ": " + Quoted.of(said, LONGEST_COMPLAINT))
                .orElse("");
    }
}
