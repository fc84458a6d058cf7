package io.aestus.executor;

import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.appc.ResourceIsolator;
import io.aestus.executor.Stage1.PodPlace;
import io.aestus.executor.Stage1.PodStart;
import io.aestus.executor.Stage1.StartedPod;
import io.aestus.executor.Stage1.StartedProcess;
import io.aestus.linux.Fd;
import io.aestus.network.Attachment;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Starts pods: in a shell that was made ahead for whoever comes, else in one of their own. */
final class PodLauncher {
    private final PodShells shells;
    private final Spares spares;
    private final PodConnections connections;
    private final IsolatorReports reports;

    /** Whoever makes pods ahead. */
    @FunctionalInterface
    interface Spares {
        /** Gives away the one that was promised under this UUID, if one was. */
        Optional<Spare> take(PodUuid pod);
    }

    PodLauncher(PodShells shells, Spares spares, Groundwork ground) {
        this.shells = shells;
        this.spares = spares;
        this.connections = ground.connections();
        this.reports = ground.reports();
    }

    StartedPod start(PodStart start) throws IOException {
        PodPlace pod = start.place();
        try (var undo = new Cleanup()) {
            undo.add(() -> connections.detach(pod.uuid(), pod.options())); // it may have been attached ahead
            try (PodShell shell = shell(start)) {
                List<IsolatorReport> isolators = report(pod, shell);
                List<Attachment> networks = connect(pod, shell);
                var started = new StartedPod(
                        new StartedProcess(shell.first().pid(), shell.first().pidfd()),
                        shell.keeper(),
                        new PodContext(shell.first().pid(), shell.users()).toJson(),
                        networks,
                        isolators,
                        shell.takeListener());
                shell.handOver();
                undo.handOver();
                return started;
            }
        }
    }

    /** One that was made ahead for it, or in the network that was, or of its own. */
    private PodShell shell(PodStart start) throws IOException {
        return switch (spares.take(start.place().uuid()).orElse(null)) {
            case null -> shells.make(PodShells.Plan.of(start));
            case Spare.Pod spare -> named(spare.shell(), start.place().options());
            case Spare.Network spare -> {
                try (Fd namespace = spare.namespace()) {
                    yield shells.make(PodShells.Plan.of(start).in(namespace));
                }
            }
        };
    }

    private static PodShell named(PodShell shell, PodOptions options) throws IOException {
        try {
            shell.setHostname(options);
            return shell;
        } catch (IOException | RuntimeException e) {
            shell.close();
            throw e;
        }
    }

    private List<IsolatorReport> report(PodPlace pod, PodShell shell) {
        Isolators isolators = pod.manifest().isolators();
        List<String> unlimited =
                isolators.find(ResourceIsolator.NetworkBandwidth.class).isPresent()
                        ? connections.withoutBandwidth(pod.options())
                        : List.of();
        List<IsolatorReport> all = reports.ofPod(isolators, pod.options(), shell.unenforced(), unlimited);
        IsolatorReports.requireAll(pod.options(), all, "pod " + pod.uuid());
        return all;
    }

    /** Attaches the pod to its networks, if it is to be in any, and writes down for its apps what they say. */
    private List<Attachment> connect(PodPlace pod, PodShell shell) throws IOException {
        if (!PodConnections.areWanted(pod.options())) {
            shell.configure(pod.options(), List.of());
            return List.of();
        }
        List<Attachment> networks = connections.attach(pod, shell.first().pid());
        shell.configure(pod.options(), networks);
        return networks;
    }
}
