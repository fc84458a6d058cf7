package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.PodSandbox;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxFilter;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.executor.StopOptions;
import io.aestus.linux.CgroupDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The life of sandboxes. Thread-safe. */
final class SandboxCalls {
    private static final int WHOLE_ID = 36;

    private final Pods pods;
    private final Overview overview;
    private final SandboxNetwork network;
    private final CgroupDriver cgroups;
    private final String nodeName;
    private final SandboxNames names;
    private final NameLocks beingMade = new NameLocks();

    SandboxCalls(Pods pods, Overview overview, SandboxNetwork network, CgroupDriver cgroups) {
        this.pods = pods;
        this.overview = overview;
        this.names = new SandboxNames(pods);
        this.network = network;
        this.cgroups = cgroups;
        this.nodeName = nodeName();
    }

    private static String nodeName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot read this host's name: " + e.getMessage(), e);
        }
    }

    /**
     * Runs a sandbox, or finds the one that an earlier attempt at the same call has made.
     *
     * @throws AestusException {@link Problem#CONFLICT} if one of that name has ended
     */
    PodUuid run(PodSandboxConfig config, String handler) throws InterruptedException {
        PodSandboxMetadata name = requireName(config);
        NodeCalls.requireHandler(handler);
        try (var _ = beingMade.hold(name)) {
            Optional<PodStatus> earlier = names.find(name).flatMap(pods::find);
            if (earlier.isEmpty()) {
                return runNew(config, handler, name);
            }
            return switch (earlier.get().state()) {
                case PodState.Running _ -> earlier.get().uuid();
                case PodState.Exited _ ->
                    throw new AestusException(
                            Problem.CONFLICT,
                            "cannot run sandbox " + Quoted.of(name.getName()) + ": attempt "
                                    + Integer.toUnsignedString(name.getAttempt())
                                    + " has ended, and is still here as "
                                    + earlier.get().uuid());
                // Left by an agent that died over it: nobody was told its ID.
                case PodState.Prepared _, PodState.Starting _, PodState.Aborted _ -> {
                    end(earlier.get().uuid());
                    yield runNew(config, handler, name);
                }
            };
        }
    }

    private static PodSandboxMetadata requireName(PodSandboxConfig config) {
        PodSandboxMetadata name = config.getMetadata();
        if (name.getName().isEmpty()
                || name.getUid().isEmpty()
                || name.getNamespace().isEmpty()) {
            throw new AestusException(
                    Problem.INVALID, "cannot run sandbox: its metadata lacks a name, a namespace or a uid");
        }
        if (config.hasWindows()) {
            throw new AestusException(Problem.INVALID, "cannot run sandbox: field windows: this is Linux");
        }
        return name;
    }

    private PodUuid runNew(PodSandboxConfig config, String handler, PodSandboxMetadata name) {
        try {
            PodUuid pod = pods.run(Sandboxes.in(cgroups, Sandboxes.toPod(config, handler, nodeName, network)));
            names.add(name, pod);
            return pod;
        } catch (AestusException e) {
            forgetFailed(name, e);
            throw e;
        }
    }

    /** The kubelet never learns the ID of what did not start, and so could not remove it. */
    private void forgetFailed(PodSandboxMetadata name, AestusException failure) {
        try {
            names.search(name).ifPresent(this::forget);
        } catch (AestusException e) {
            failure.addSuppressed(e);
        }
    }

    private void end(PodUuid pod) {
        pods.stop(pod, StopOptions.NOW);
        forget(pod);
    }

    private void forget(PodUuid pod) {
        pods.remove(pod);
        names.forget(pod);
    }

    /** Ends everything in the sandbox at once. One that is not there has been stopped. */
    void stop(String id) {
        find(id).ifPresent(pod -> pods.stop(pod.uuid(), StopOptions.NOW));
    }

    /** Stops the sandbox and removes it with its containers. One that is not there has been removed. */
    void remove(String id) {
        find(id).ifPresent(pod -> end(pod.uuid()));
    }

    List<PodSandbox> list(PodSandboxFilter filter) {
        return matching(filter).map(Overview.Sandbox::told).toList();
    }

    /** Those that a filter lets through. */
    Stream<Overview.Sandbox> matching(PodSandboxFilter filter) {
        return overview.sandboxes().stream()
                .filter(sandbox -> sandbox.told().getId().startsWith(filter.getId()))
                .filter(sandbox -> !filter.hasState()
                        || filter.getState().getState() == sandbox.told().getState())
                .filter(sandbox -> matches(sandbox.pod().options().labels(), filter.getLabelSelectorMap()));
    }

    static boolean matches(Map<String, String> labels, Map<String, String> selector) {
        return labels.entrySet().containsAll(selector.entrySet());
    }

    /** @throws AestusException {@link Problem#NOT_FOUND} */
    PodStatus require(String id) {
        return find(id).orElseThrow(() ->
                new AestusException(Problem.NOT_FOUND, "cannot find sandbox " + Quoted.of(id) + ": there is none"));
    }

    /** The sandbox of this ID or the only one whose ID begins so. */
    Optional<PodStatus> find(String id) {
        if (id.length() == WHOLE_ID) {
            return pods.find(PodUuid.parse(id)).filter(Sandboxes::isSandbox);
        }
        List<PodStatus> found = overview.sandboxes().stream()
                .filter(sandbox -> !id.isEmpty() && sandbox.told().getId().startsWith(id))
                .map(Overview.Sandbox::pod)
                .toList();
        if (found.size() > 1) {
            throw new AestusException(
                    Problem.INVALID, "cannot find sandbox " + Quoted.of(id) + ": " + found.size() + " begin so");
        }
        return found.stream().findFirst();
    }
}
