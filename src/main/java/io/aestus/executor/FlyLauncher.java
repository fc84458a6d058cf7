package io.aestus.executor;

import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.ResolvedMount;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.linux.Cgroup;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.DeviceRule;
import io.aestus.linux.Fd;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.MountChange;
import io.aestus.linux.Mounts;
import io.aestus.linux.Namespace;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Starts apps whose root is their own, and all else the host's. */
final class FlyLauncher extends AppLauncher {
    /** What of the host's root they see in any case, with all that is mounted there or will be. */
    private static final List<String> OF_THE_HOST = List.of("proc", "sys", "dev");

    private static final Path TERMINALS = Path.of("/dev/pts");

    private final ProcessLauncher launcher;

    FlyLauncher(Groundwork ground) {
        super(ground, FlyLauncher::enter);
        this.launcher = ground.launcher();
    }

    @Override
    AppRoot assemble(AppSetting setting, Cleanup undo) throws IOException {
        AppPlace place = setting.place();
        AppRoot root = AppRoot.assemble(
                setting.layers(),
                setting.rootSource(),
                place.directory(),
                UserRange.HOST,
                Optional.empty(),
                setting.fileLabel(),
                undo);
        try {
            setting.makeWorkingDirectory(root);
            var targets = new Targets(root.directory(), UserRange.HOST);
            for (String name : OF_THE_HOST) {
                root.attach(following(Path.of("/", name)), targets.ownDirectory(name), "attach " + name);
            }
            root.setTerminals(root.owns(Mounts.clone(TERMINALS, MountChange.Depth.THIS_MOUNT)));
            List<ResolvedMount> mounts = setting.allMounts();
            addConfiguration(root, targets, mounts);
            AppVolumes.shared(setting, setting.content(root)).addTo(root, Optional.empty(), mounts);
            return root;
        } catch (IOException | RuntimeException e) {
            root.close();
            throw e;
        }
    }

    /** What the host mounts there later shows; what the app mounts stays its own. */
    private static Fd following(Path path) throws IOException {
        Fd tree = Mounts.clone(path, MountChange.Depth.WHOLE_TREE);
        try {
            Mounts.change(
                    tree, MountChange.propagation(MountChange.Propagation.SLAVE).throughout());
            return tree;
        } catch (IOException e) {
            tree.close();
            throw e;
        }
    }

    /** The host's names and name servers, but for those that a volume brings. */
    private static void addConfiguration(AppRoot root, Targets targets, List<ResolvedMount> mounts) throws IOException {
        for (String name : PodConfiguration.untaken(mounts)) {
            Path path = Path.of("/etc", name);
            if (Files.exists(path)) {
                root.attach(following(path.toRealPath()), targets.file(path.toString()), "mount " + path);
            }
        }
    }

    /** All that this process may, unless the app says how much less. */
    @Override
    Confinement confinement(AppSetting setting, AppRoot root, List<String> unknownCalls) throws IOException {
        Confinement wanted = super.confinement(setting, root, unknownCalls);
        Isolators isolators = setting.app().isolators();
        boolean namesCapabilities = isolators
                        .find(LinuxIsolator.CapabilitiesRetainSet.class)
                        .isPresent()
                || isolators.find(LinuxIsolator.CapabilitiesRemoveSet.class).isPresent();
        boolean namesCalls = setting.place().options().rights().seccomp().isPresent()
                || isolators.all().stream().anyMatch(LinuxIsolator.Seccomp.class::isInstance);
        return wanted.with(
                namesCapabilities ? wanted.capabilities() : HostProcess.capabilities(),
                namesCalls ? wanted.seccomp() : new SeccompChoice.Unfiltered());
    }

    @Override
    List<DeviceRule> devices(AppSetting setting) {
        return DeviceRule.EVERYTHING;
    }

    @Override
    List<IsolatorReport> unisolated(AppPlace place) {
        return FlyReports.ofApp(place);
    }

    @Override
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
        HostEdits.requireNone(place, "fly");
        try (var entry = CgroupEntry.open(cgroup);
                var child = PodEntry.child(UserRange.HOST)) {
            entry.addTo(child);
            var confined = new ConfinedChild(child, confinement, place);
            confined.beforeNamespaces();
            child.rights().leaveKeyring();
            child.unshare(Set.of(Namespace.MOUNT));
            child.mounts().makeMountsFollow();
            root.addTo(child.mounts(), place.directory().toString(), Optional.empty());
            root.enter(child.mounts(), place.app().readOnlyRootFs());
            confined.confine(streams);
            child.execute(
                    AppEnvironment.candidates(command.getFirst(), confinement.environment()),
                    command,
                    streams.told(confinement.environment()));
            return launcher.launch(child, entry.addTo(LaunchOptions.PLAIN));
        }
    }

    private static void enter(ChildProgram child, PidFd app, UserRange range) {
        child.rights().leaveKeyring();
        child.joinNamespaces(app, Set.of(Namespace.MOUNT));
    }
}
