package io.aestus.executor;

import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.ResourceIsolator;
import io.aestus.executor.Stage1.PodPlace;
import io.aestus.executor.Stage1.PodStart;
import io.aestus.executor.Stage1.StartedPod;
import io.aestus.executor.Stage1.StartedProcess;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.Cgroup;
import io.aestus.linux.Cgroups;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Fd;
import io.aestus.linux.FirstProcess;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.Namespace;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.SeccompAction;
import io.aestus.linux.SeccompFilter;
import io.aestus.linux.SeccompPolicy;
import io.aestus.linux.Signal;
import io.aestus.linux.SyscallAbi;
import io.aestus.linux.SyscallException;
import io.aestus.network.Attachment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Starts pods: what their apps share, and the first process that holds it. */
final class PodLauncher {
    /** Where the first process finds the keeper socket. */
    private static final int FIRST_KEEPER =
            3; // behind the standard streams, which lead nowhere: a pod outlives its maker

    /** Compiled when the first pod starts: reading the table of calls takes longer than commands that start none. */
    private static final class Filter {
        /** All that {@link FirstProcess} ever calls, and what becomes of it at its start. */
        static final SeccompFilter OF_FIRST_PROCESS = SeccompFilter.compile(
                SeccompPolicy.retain(List.of("prctl", "ppoll", "execveat"), SeccompAction.KILL_PROCESS),
                SyscallAbi.ofHost());

        private Filter() {}
    }

    private static final Duration CLEANUP_LIMIT = Duration.ofSeconds(2);

    private final ProcessLauncher launcher;
    private final Cgroups cgroups;
    private final UserRanges userRanges;
    private final PodConnections connections;
    private final IsolatorReports reports;
    private final Fd firstProcess;
    private final Fd nothing;

    PodLauncher(
            ProcessLauncher launcher,
            Cgroups cgroups,
            UserRanges userRanges,
            PodConnections connections,
            IsolatorReports reports)
            throws IOException {
        this.reports = reports;
        this.launcher = launcher;
        this.cgroups = cgroups;
        this.userRanges = userRanges;
        this.connections = connections;
        try (Fd image = FirstProcess.image();
                Fd nowhere = Fd.openForWriting(Path.of("/dev/null"))) {
            this.firstProcess = image.duplicate(); // numbered clear of what the child assigns before it executes this
            this.nothing = nowhere.duplicate();
        }
    }

    StartedPod start(PodStart start) throws IOException {
        PodPlace place = start.place();
        try (var undo = new Cleanup()) {
            UserRange range = takeRange(place, undo);
            var unenforced = new ArrayList<Cgroup.Unenforced>();
            Cgroup cgroup = makeCgroup(place, undo, unenforced);
            List<IsolatorReport> reports = report(place, unenforced);
            Launched launched = launch(start, range, cgroup);
            ChildProcess first = launched.first();
            undo.handOver();
            var context = new PodContext(first.pid(), range);
            return new StartedPod(
                    new StartedProcess(first.pid(), first.pidfd()),
                    context.toJson(),
                    launched.networks(),
                    reports,
                    launched.listener());
        }
    }

    private UserRange takeRange(PodPlace place, Cleanup undo) throws IOException {
        return switch (place.options().userNamespace()) {
            case PodOptions.UserNamespace.Host _ -> UserRange.HOST;
            case PodOptions.UserNamespace.Range(long base, long count) ->
                new UserRange(Math.toIntExact(base), Math.toIntExact(count));
            case PodOptions.UserNamespace.Private _ -> {
                UserRange range = userRanges.take(place.uuid());
                undo.add(() -> userRanges.give(place.uuid(), Optional.of(range)));
                yield range;
            }
        };
    }

    private List<IsolatorReport> report(PodPlace place, List<Cgroup.Unenforced> unenforced) {
        Isolators isolators = place.manifest().isolators();
        List<String> unlimited =
                isolators.find(ResourceIsolator.NetworkBandwidth.class).isPresent()
                        ? connections.withoutBandwidth(place.options())
                        : List.of();
        List<IsolatorReport> all = reports.ofPod(isolators, place.options(), unenforced, unlimited);
        IsolatorReports.requireAll(place.options(), all, "pod " + place.uuid());
        return all;
    }

    private Cgroup makeCgroup(PodPlace place, Cleanup undo, List<Cgroup.Unenforced> unenforced) throws IOException {
        undo.add(() -> cgroups.open(place.cgroup()).remove(CLEANUP_LIMIT));
        Cgroup pod = cgroups.create(place.cgroup());
        unenforced.addAll(pod.limit(Limits.of(place.manifest().isolators())));
        return pod.startsInside() ? cgroups.create(firstProcessCgroup(place.cgroup())) : pod;
    }

    /** In version 2 only leaves have processes. No app can have this name: it is not a canonical one. */
    static String firstProcessCgroup(String pod) {
        return pod + "/_first";
    }

    /** The first process, the networks in which the pod is, and who listens there. */
    private record Launched(ChildProcess first, List<Attachment> networks, Optional<Fd> listener) {}

    private Launched launch(PodStart start, UserRange range, Cgroup cgroup) throws IOException {
        PodOptions options = start.place().options();
        try (var template = PodTemplate.make(start.place().uuid(), options, range);
                var entry = CgroupEntry.openUnlimited(cgroup);
                var child = new ChildProgram()) {
            compose(child, start, range, template, entry);
            LaunchOptions how = entry.addTo(LaunchOptions.PLAIN.withNamespaces(namespaces(options, range)));
            ChildProcess first = launcher.launch(child, range.isPrivate() ? how.preparedBy(range.map()::write) : how);
            return finish(start, first, template, range);
        }
    }

    /** What is done to a pod that is there. */
    private Launched finish(PodStart start, ChildProcess first, PodTemplate template, UserRange range)
            throws IOException {
        PodPlace place = start.place();
        try {
            List<Attachment> networks = List.of();
            if (PodConnections.areWanted(place.options())) {
                networks = connections.attach(place, first.pid());
                template.configure(place.uuid(), place.options(), range, networks);
            }
            return new Launched(first, networks, takeListener(start, first));
        } catch (IOException | RuntimeException e) {
            try (first) {
                connections.detach(place.uuid(), place.options());
                first.pidfd().signal(Signal.SIGKILL);
                first.pidfd().reap();
            } catch (IOException | RuntimeException undoing) {
                e.addSuppressed(undoing);
            }
            throw e;
        }
    }

    private static Optional<Fd> takeListener(PodStart start, ChildProcess first) throws SyscallException {
        return start.listenAt().isEmpty()
                ? Optional.empty()
                : Optional.of(first.pidfd()
                        .takeDescriptor(FIRST_KEEPER + start.keeper().size()));
    }

    private static Set<Namespace> namespaces(PodOptions options, UserRange range) {
        var namespaces = EnumSet.of(Namespace.PID, Namespace.UTS, Namespace.MOUNT, Namespace.CGROUP);
        if (range.isPrivate()) {
            namespaces.add(Namespace.USER);
        }
        if (options.network() != PodOptions.NetworkMode.HOST) {
            namespaces.add(Namespace.NETWORK);
        }
        if (options.ipc() == PodOptions.Sharing.POD) {
            namespaces.add(Namespace.IPC);
        }
        return namespaces;
    }

    /** What the first process does before it does nothing for ever. */
    private void compose(ChildProgram child, PodStart start, UserRange range, PodTemplate template, CgroupEntry entry) {
        PodOptions options = start.place().options();
        boolean hostNetwork = options.network() == PodOptions.NetworkMode.HOST;
        entry.addTo(child);
        if (range.isPrivate()) {
            child.becomeRoot();
        }
        child.leaveKeyring();
        child.setHostname(PodConfiguration.hostname(start.place().uuid(), options));
        if (!hostNetwork) {
            child.raiseLoopback();
        }
        child.mounts().makeMountsPrivate();
        template.addTo(child.mounts(), hostNetwork);
        start.place()
                .manifest()
                .isolators()
                .find(Isolator.Sysctl.class)
                .ifPresent(sysctls -> Sysctls.addTo(child, sysctls, options));
        child.startSession();
        child.ignoreChildren();
        child.rights().setCapabilities(CapabilitySet.NONE, CapabilitySet.NONE);
        child.rights().setNoNewPrivileges(); // so the bounding set does not matter
        child.unblockSignals();
        child.assign(
                Stream.concat(Stream.of(nothing, nothing, nothing), start.keeper().stream())
                        .toList(),
                0);
        int free = FIRST_KEEPER + start.keeper().size();
        if (start.listenAt().isPresent()) {
            child.listen(start.listenAt().getAsInt(), Receptions.BACKLOG, free++);
        }
        child.closeOnExecFrom(free);
        child.rights().filterSyscalls(Filter.OF_FIRST_PROCESS);
        child.execute(firstProcess, List.of("aestus-pod"), List.of());
    }
}
