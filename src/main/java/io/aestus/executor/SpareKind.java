package io.aestus.executor;

import java.util.List;

/**
 * What can be made ahead of a pod.
 *
 * @param extent how much of it
 * @param networks that it is attached to
 */
record SpareKind(Extent extent, List<String> networks) {
    /** A whole pod, which can still be attached to whatever it asks for. */
    static final SpareKind ALONE = new SpareKind(Extent.POD, List.of());

    /** How much can be made before anything else is known. */
    enum Extent {
        /** All that a pod is before its first app. */
        POD,
        /** Its network namespace: users, cgroup and what else it asks for are its own. */
        NETWORK
    }

    SpareKind {
        networks = List.copyOf(networks);
    }

    boolean isInNetworks() {
        return !networks.isEmpty();
    }
}
