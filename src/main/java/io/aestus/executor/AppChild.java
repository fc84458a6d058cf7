package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupLayout;
import io.aestus.linux.ChildMounts;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.Namespace;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.WaitingChild;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The child that becomes an app or one of its handlers: first it gets to where the app is, its root, then it is confined. */
final class AppChild implements AutoCloseable {
    private static final Set<MountAttribute> CGROUP_ATTRIBUTES =
            Set.of(MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC, MountAttribute.RDONLY);

    private final AppSetting setting;
    private final ChildProgram child;
    private final CgroupEntry entry;
    private final CgroupView view;
    private final ConfinedChild confined;

    private AppChild(
            AppSetting setting, ChildProgram child, CgroupEntry entry, CgroupView view, ConfinedChild confined) {
        this.setting = setting;
        this.child = child;
        this.entry = entry;
        this.view = view;
        this.confined = confined;
    }

    /**
     * A child whose steps lead it into the root.
     *
     * @param child without any steps yet. Taken
     * @param command what it will execute
     */
    static AppChild entering(
            AppSetting setting,
            ChildProgram child,
            Cgroup cgroup,
            CgroupLayout layout,
            AppRoot root,
            Confinement confinement,
            List<String> command,
            AppHooks hooks)
            throws IOException {
        var undo = new Cleanup();
        undo.owns(child);
        try {
            var entry = undo.owns(CgroupEntry.open(cgroup));
            var view = undo.owns(CgroupView.ofVersion1(layout, setting));
            AppPlace place = setting.place();
            entry.addTo(child);
            var confined = new ConfinedChild(child, confinement, place);
            confined.beforeNamespaces();
            if (child.isUnborn() && setting.processes() == AppOptions.Processes.APP) {
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
            if (layout.mode() == CgroupLayout.Mode.UNIFIED) {
                child.mounts().mount("cgroup2", CgroupView.PLACE, CGROUP_ATTRIBUTES, List.of());
            }
            view.addTo(child.mounts(), CgroupView.PLACE);
            hooks.addInRoot(child, setting, cgroup, confinement);
            return new AppChild(setting, child, entry, view, confined);
        } catch (IOException | RuntimeException e) {
            undo.close();
            throw e;
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

    /** What confines it, for the steps that follow. */
    ConfinedChild confined() {
        return confined;
    }

    /** Launches it, with all steps to its program. */
    ChildProcess launch(ProcessLauncher launcher) throws IOException {
        LaunchOptions how = entry.addTo(LaunchOptions.PLAIN);
        return switch (setting.processes()) {
            case POD -> launcher.launch(child, bornAmong(setting.firstProcess(), how));
            case OTHER_APP ->
                launcher.launch(child, bornAmong(setting.companion().orElseThrow(), how));
            case APP -> launcher.launch(child, child.isApart() ? how : how.withNamespaces(Set.of(Namespace.PID)));
            case HOST -> launcher.launch(child, how);
        };
    }

    /** Launches one ahead, which stands still in its root. Closes this. */
    WaitingChild launchAhead(ProcessLauncher launcher) throws IOException {
        try {
            confined.standStill();
            var waiting =
                    launcher.launchAhead(child, bornAmong(setting.firstProcess(), entry.addTo(LaunchOptions.PLAIN)));
            closeEntry();
            return waiting;
        } catch (IOException | RuntimeException e) {
            try (this) {
                throw e;
            }
        }
    }

    /** One apart goes there by its own steps. */
    private LaunchOptions bornAmong(PidFd process, LaunchOptions how) {
        return child.isApart() ? how : how.inPidNamespaceOf(process);
    }

    private void closeEntry() throws IOException {
        try (view) {
            entry.close();
        }
    }

    @Override
    public void close() throws IOException {
        try (child) {
            closeEntry();
        }
    }
}
