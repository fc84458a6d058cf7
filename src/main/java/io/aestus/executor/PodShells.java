package io.aestus.executor;

import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.appc.Volume;
import io.aestus.executor.Stage1.PodPlace;
import io.aestus.executor.Stage1.PodStart;
import io.aestus.linux.Cgroup;
import io.aestus.linux.Cgroups;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Fd;
import io.aestus.linux.KeeperSocket;
import io.aestus.linux.LaunchException;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.Namespace;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.Signal;
import io.aestus.linux.UserNamespaceException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Makes what the apps of a pod share, and the first process that holds it. */
final class PodShells {
    static final String FIRST = "_first";
    private static final Duration CLEANUP_LIMIT = Duration.ofSeconds(2);

    private final ProcessLauncher launcher;
    private final Cgroups cgroups;
    private final UserRanges userRanges;
    private final PodHolder holder = PodHolder.open();

    PodShells(Groundwork ground) throws IOException {
        this.launcher = ground.launcher();
        this.cgroups = ground.cgroups();
        this.userRanges = ground.users();
    }

    /**
     * What to make.
     *
     * @param inMemory the volumes that are kept in memory
     * @param isConfiguredLater whether what apps find in {@code /etc} is not known yet
     * @param listenAt see {@link PodStart#listenAt}
     * @param network its network namespace, if that is there already. Lent
     */
    record Plan(
            PodUuid uuid,
            PodOptions options,
            Isolators isolators,
            List<Volume.Empty> inMemory,
            String cgroup,
            boolean isConfiguredLater,
            OptionalInt listenAt,
            Optional<Fd> network) {
        /** For a pod of which all is known but what its networks will say. */
        static Plan of(PodStart start) {
            PodPlace pod = start.place();
            return new Plan(
                    pod.uuid(),
                    pod.options(),
                    pod.manifest().isolators(),
                    PodTemplate.memoryVolumes(pod.manifest()),
                    pod.cgroup(),
                    PodConnections.areWanted(pod.options()),
                    start.listenAt(),
                    Optional.empty());
        }

        /** For a pod in a network namespace that was made for it. */
        Plan in(Fd namespace) {
            return new Plan(
                    uuid, options, isolators, inMemory, cgroup, isConfiguredLater, listenAt, Optional.of(namespace));
        }

        /** For a pod of which nothing is known but this. */
        static Plan ahead(PodUuid uuid, PodOptions options, String cgroup) {
            return new Plan(
                    uuid, options, Isolators.NONE, List.of(), cgroup, true, OptionalInt.empty(), Optional.empty());
        }
    }

    PodShell make(Plan plan) throws IOException {
        try (var undo = new Cleanup();
                var _ = cgroups.keep(plan.cgroup(), FIRST)) {
            UserRange range = takeRange(plan, undo);
            var unenforced = new ArrayList<Cgroup.Unenforced>();
            Cgroup cgroup = makeCgroup(cgroups, plan.cgroup(), plan.isolators(), undo, unenforced);
            KeeperSocket keeper = undo.owns(KeeperSocket.open());
            PodTemplate template =
                    undo.owns(PodTemplate.make(plan, range, cgroups.rootSource(firstProcessCgroup(plan.cgroup()))));
            ChildProcess first = launch(plan, range, cgroup, template, keeper);
            undo.handOver();
            return new PodShell(
                    plan.uuid(),
                    range,
                    first,
                    keeper,
                    plan.listenAt().isPresent() ? OptionalInt.of(PodHolder.LISTENER) : OptionalInt.empty(),
                    List.copyOf(unenforced),
                    template,
                    undoing(plan, range, first, keeper));
        }
    }

    private Cleanup undoing(Plan plan, UserRange range, ChildProcess first, KeeperSocket keeper) {
        var undo = new Cleanup();
        if (range.isPrivate()) {
            undo.add(() -> userRanges.give(plan.uuid(), Optional.of(range)));
        }
        undo.add(() -> cgroups.open(plan.cgroup()).remove(CLEANUP_LIMIT));
        undo.owns(keeper);
        undo.add(() -> {
            try (first) {
                first.pidfd().signal(Signal.SIGKILL);
                first.pidfd().reap();
            }
        });
        return undo;
    }

    private UserRange takeRange(Plan plan, Cleanup undo) throws IOException {
        if (!OwnUsers.areHosts() && !(plan.options().userNamespace() instanceof PodOptions.UserNamespace.Range)) {
            return UserRange.HOST; // no image could be mapped into another one; it is none of the host's anyway
        }
        return switch (plan.options().userNamespace()) {
            case PodOptions.UserNamespace.Host _ -> UserRange.HOST;
            case PodOptions.UserNamespace.Range(long base, long count) -> UserRange.of(base, count);
            case PodOptions.UserNamespace.Private _ -> {
                UserRange range = userRanges.take(plan.uuid());
                undo.add(() -> userRanges.give(plan.uuid(), Optional.of(range)));
                yield range;
            }
        };
    }

    /**
     * The cgroup of a pod, with its limits.
     *
     * @param unenforced takes those that this host cannot enforce
     * @return where its first process belongs
     */
    static Cgroup makeCgroup(
            Cgroups cgroups, String path, Isolators isolators, Cleanup undo, List<Cgroup.Unenforced> unenforced)
            throws IOException {
        undo.add(() -> cgroups.open(path).remove(CLEANUP_LIMIT));
        Cgroup pod = cgroups.create(path);
        unenforced.addAll(pod.limit(Limits.of(isolators)));
        return pod.startsInside() ? cgroups.create(firstProcessCgroup(path)) : pod;
    }

    /** In version 2 only leaves have processes. No app can have this name: it is not a canonical one. */
    static String firstProcessCgroup(String pod) {
        return pod + "/" + FIRST;
    }

    private ChildProcess launch(Plan plan, UserRange range, Cgroup cgroup, PodTemplate template, KeeperSocket keeper)
            throws IOException {
        try (var entry = CgroupEntry.openUnlimited(cgroup);
                var child = new ChildProgram()) {
            compose(child, plan, range, template, entry, keeper);
            LaunchOptions how = entry.addTo(LaunchOptions.PLAIN.withNamespaces(namespaces(plan, range)));
            return launcher.launch(child, range.isPrivate() ? how.preparedBy(range.map()::write) : how);
        } catch (LaunchException e) {
            throw range.isPrivate() ? cause(e) : e;
        }
    }

    /** A kernel does not say which of the namespaces it was that it could not make. */
    private static IOException cause(LaunchException failed) throws IOException {
        Optional<UserNamespaceException> users = UserNamespaceException.probe();
        if (users.isEmpty()) {
            return failed;
        }
        users.get().initCause(failed);
        return users.get();
    }

    private static Set<Namespace> namespaces(Plan plan, UserRange range) {
        PodOptions options = plan.options();
        var namespaces = EnumSet.of(Namespace.PID, Namespace.UTS, Namespace.MOUNT, Namespace.CGROUP);
        if (range.isPrivate()) {
            namespaces.add(Namespace.USER);
        }
        if (options.network() != PodOptions.NetworkMode.HOST && plan.network().isEmpty()) {
            namespaces.add(Namespace.NETWORK);
        }
        if (options.ipc() == PodOptions.Sharing.POD) {
            namespaces.add(Namespace.IPC);
        }
        return namespaces;
    }

    /** What the first process does before it does nothing for ever. */
    private void compose(
            ChildProgram child,
            Plan plan,
            UserRange range,
            PodTemplate template,
            CgroupEntry entry,
            KeeperSocket keeper) {
        PodOptions options = plan.options();
        boolean hostNetwork = options.network() == PodOptions.NetworkMode.HOST;
        entry.addTo(child);
        plan.network().ifPresent(network -> child.enter(network, Namespace.NETWORK));
        if (range.isPrivate()) {
            child.rights().becomeRoot();
        }
        child.rights().leaveKeyring();
        child.setHostname(PodConfiguration.hostname(plan.uuid(), options));
        if (!hostNetwork) {
            child.network().raiseLoopback();
        }
        child.mounts().makeMountsPrivate();
        template.addTo(child.mounts(), hostNetwork);
        plan.isolators().find(Isolator.Sysctl.class).ifPresent(sysctls -> Sysctls.addTo(child, sysctls, options));
        holder.become(child, keeper, plan.listenAt());
    }
}
