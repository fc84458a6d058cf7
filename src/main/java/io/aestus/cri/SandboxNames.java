package io.aestus.cri;

import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.executor.PodStatus;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which pod has which name. The first question reads it off all pods; since then it is known, as sandboxes get their names here alone. A
 * pod may be gone all the same, by another front. Thread-safe.
 */
final class SandboxNames {
    private final Pods pods;
    private final Map<PodSandboxMetadata, PodUuid> known = new ConcurrentHashMap<>();
    private volatile boolean isRead;

    SandboxNames(Pods pods) {
        this.pods = pods;
    }

    Optional<PodUuid> find(PodSandboxMetadata name) {
        if (!isRead) {
            read();
            isRead = true;
        }
        return Optional.ofNullable(known.get(name));
    }

    private void read() {
        for (PodStatus pod : pods.list()) {
            if (Kept.UID.isIn(pod.options().annotations())) {
                known.putIfAbsent(Sandboxes.nameOf(pod), pod.uuid());
            }
        }
    }

    void add(PodSandboxMetadata name, PodUuid pod) {
        known.put(name, pod);
    }

    /** Looks anew: for who does not know what came of an attempt. */
    Optional<PodUuid> search(PodSandboxMetadata name) {
        known.remove(name);
        read();
        return Optional.ofNullable(known.get(name));
    }

    void forget(PodUuid pod) {
        known.values().remove(pod);
    }
}
