package io.aestus.executor;

import io.aestus.appc.PodUuid;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The {@code /dev} of the app that will be the first in a pod made ahead: making one takes a tenth of an app's start, and
 * nothing in it depends on the app. Thread-safe.
 */
final class ReadyDevices {
    private final Map<PodUuid, DeviceTree> trees = new ConcurrentHashMap<>();

    /** Keeps one for that pod, which has none yet. Takes it. */
    void put(PodUuid pod, DeviceTree tree) {
        trees.put(pod, tree);
    }

    /** Gives away the one that waits for the pod, if there is one. */
    Optional<DeviceTree> take(PodUuid pod) {
        return Optional.ofNullable(trees.remove(pod));
    }

    /** Closes it: nothing more starts in that pod. */
    void discard(PodUuid pod) {
        take(pod).ifPresent(DeviceTree::close);
    }
}
