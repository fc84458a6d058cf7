package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.executor.StopOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The pods of this node that were made for AppPods of one source. Thread-safe. */
final class OwnedPods {
    private final NodePods pods;
    private final String source;

    /** Whose each pod is that was seen, so that an event of a pod leads to its AppPod, even when the pod is gone. */
    private final Map<PodUuid, PodKey> owners = new ConcurrentHashMap<>();

    OwnedPods(NodePods pods, String source) {
        this.pods = pods;
        this.source = source;
    }

    /** Those of an AppPod; more than one while one replaces another. */
    List<PodStatus> of(PodKey key) {
        var found = new ArrayList<PodStatus>();
        for (PodStatus pod : pods.list()) {
            if (owner(pod).filter(owner -> owner.isOf(source, key)).isPresent()) {
                owners.put(pod.uuid(), key);
                found.add(pod);
            }
        }
        return found;
    }

    static Optional<Ownership> owner(PodStatus pod) {
        return Ownership.read(pod.options().labels());
    }

    /** All AppPods that have a pod here. */
    List<PodKey> keys() {
        return pods.list().stream()
                .map(OwnedPods::owner)
                .flatMap(Optional::stream)
                .filter(owner -> owner.source().equals(source))
                .map(Ownership::key)
                .distinct()
                .toList();
    }

    /** Whose pod this is, as far as it was seen here. */
    Optional<PodKey> ownerOf(PodUuid pod) {
        return Optional.ofNullable(owners.get(pod));
    }

    /** Remembers whose a new pod is. */
    void add(PodUuid pod, PodKey key) {
        owners.put(pod, key);
    }

    /** @throws AestusException {@link Problem#NOT_FOUND} if somebody removed it */
    PodStatus require(PodUuid uuid) {
        return pods.list().stream()
                .filter(pod -> pod.uuid().equals(uuid))
                .findFirst()
                .orElseThrow(() -> new AestusException(Problem.NOT_FOUND, "cannot find pod " + uuid + ": it is gone"));
    }

    /** Stops and removes a pod. */
    void end(PodStatus pod, Duration grace) {
        if (pod.state() instanceof PodState.Running || pod.state() instanceof PodState.Starting) {
            pods.stop(pod.uuid(), StopOptions.within(grace));
        }
        pods.remove(pod.uuid());
        owners.remove(pod.uuid());
    }
}
