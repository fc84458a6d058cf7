package io.aestus.appc;

import java.util.Optional;

/**
 * A port of a pod, or a range, and where the host offers it.
 *
 * @param app whose port it is, unless the pod itself named the port
 * @param hostPort the first port on the host; as many follow as {@code port} counts
 * @param hostIp the only address of the host that is used; without it, all are
 */
public record ResolvedPort(Optional<AcName> app, Port port, int hostPort, Optional<String> hostIp) {
    /** The last port on the host. */
    public int lastHostPort() {
        return hostPort + port.count() - 1;
    }

    boolean overlaps(ResolvedPort other) {
        boolean sameAddress =
                hostIp.isEmpty() || other.hostIp.isEmpty() || isAny() || other.isAny() || hostIp.equals(other.hostIp);
        return sameAddress
                && port.protocol().equalsIgnoreCase(other.port.protocol())
                && hostPort <= other.lastHostPort()
                && other.hostPort <= lastHostPort();
    }

    private boolean isAny() {
        return hostIp.equals(Optional.of("0.0.0.0"));
    }
}
