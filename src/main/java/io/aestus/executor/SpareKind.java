package io.aestus.executor;

import java.util.List;
import java.util.Optional;

/**
 * What can be made ahead of a pod.
 *
 * @param extent how much of it
 * @param networks that it is attached to
 * @param first what its first app will be, if that was made too
 */
record SpareKind(Extent extent, List<String> networks, Optional<AppOutline> first) {
    /** A whole pod, which can still be attached to whatever it asks for. */
    static final SpareKind ALONE = new SpareKind(Extent.POD, List.of());

    /** How much can be made before anything else is known. */
    enum Extent {
        /** All that a pod is before its first app. */
        POD,
        /** The same in the network of the host. */
        POD_ON_HOST,
        /** Its network namespace: users, cgroup and what else it asks for are its own. */
        NETWORK
    }

    SpareKind {
        networks = List.copyOf(networks);
    }

    /** Of which no app is known. */
    SpareKind(Extent extent, List<String> networks) {
        this(extent, networks, Optional.empty());
    }

    /** Whether what was made so far is a part of what is asked for. */
    boolean leadsTo(SpareKind asked) {
        return extent == asked.extent
                && (networks.equals(asked.networks) || (extent == Extent.POD && networks.isEmpty()));
    }

    boolean isInNetworks() {
        return !networks.isEmpty();
    }
}
