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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The life of sandboxes. Thread-safe. */
final class SandboxCalls {
    private static final int WHOLE_ID = 36;

    private final Pods pods;
    private final SandboxNetwork network;
    private final String nodeName;
    private final NameLocks names = new NameLocks();

    SandboxCalls(Pods pods, SandboxNetwork network) {
        this.pods = pods;
        this.network = network;
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
        try (var _ = names.hold(name)) {
            Optional<PodStatus> earlier = made(name);
            if (earlier.isEmpty()) {
                return runNew(config, handler, name);
            }
            return switch (earlier.get().state()) {
                case PodState.Running _ -> earlier.get().uuid();
                case PodState.Exited _ ->
                    throw new AestusException(
                            Problem.CONFLICT,
                            "cannot run sandbox " + Quoted.of(name.getName()) + ": attempt " + name.getAttempt()
                                    + " has ended, and is still here as "
                                    + earlier.get().uuid());
                // Left by an agent that died over it: nobody was told its ID.
                case PodState.Prepared _, PodState.Starting _, PodState.Aborted _ -> {
                    pods.stop(earlier.get().uuid(), StopOptions.NOW);
                    pods.remove(earlier.get().uuid());
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
            return pods.run(Sandboxes.toPod(config, handler, nodeName, network));
        } catch (AestusException e) {
            forgetFailed(name, e);
            throw e;
        }
    }

    /** The kubelet never learns the ID of what did not start, and so could not remove it. */
    private void forgetFailed(PodSandboxMetadata name, AestusException failure) {
        try {
            made(name).ifPresent(pod -> pods.remove(pod.uuid()));
        } catch (AestusException e) {
            failure.addSuppressed(e);
        }
    }

    private Optional<PodStatus> made(PodSandboxMetadata name) {
        return pods.list().stream()
                .filter(pod -> Kept.UID.isIn(pod.options().annotations()))
                .filter(pod -> Sandboxes.nameOf(pod).equals(name))
                .findFirst();
    }

    /** Ends everything in the sandbox at once. One that is not there has been stopped. */
    void stop(String id) {
        find(id).ifPresent(pod -> pods.stop(pod.uuid(), StopOptions.NOW));
    }

    /** Stops the sandbox and removes it with its containers. One that is not there has been removed. */
    void remove(String id) {
        find(id).ifPresent(pod -> {
            pods.stop(pod.uuid(), StopOptions.NOW);
            pods.remove(pod.uuid());
        });
    }

    List<PodSandbox> list(PodSandboxFilter filter) {
        return pods.list().stream()
                .filter(Sandboxes::isSandbox)
                .filter(pod -> pod.uuid().toString().startsWith(filter.getId()))
                .filter(pod -> !filter.hasState() || filter.getState().getState() == Sandboxes.stateOf(pod))
                .filter(pod -> matches(pod.options().labels(), filter.getLabelSelectorMap()))
                .map(Sandboxes::fromPod)
                .toList();
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
            return whole(PodUuid.parse(id)).filter(Sandboxes::isSandbox);
        }
        List<PodStatus> found = pods.list().stream()
                .filter(Sandboxes::isSandbox)
                .filter(pod -> !id.isEmpty() && pod.uuid().toString().startsWith(id))
                .toList();
        if (found.size() > 1) {
            throw new AestusException(
                    Problem.INVALID, "cannot find sandbox " + Quoted.of(id) + ": " + found.size() + " begin so");
        }
        return found.stream().findFirst();
    }

    private Optional<PodStatus> whole(PodUuid pod) {
        try {
            return Optional.of(pods.status(pod));
        } catch (AestusException e) {
            if (e.problem() == Problem.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
