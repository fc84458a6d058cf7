package io.aestus.fetch;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far one fetch may be led. What the user names may be anywhere. But when whoever answers there first has a public address,
 * then neither a redirect nor a discovery page leads to this machine or its network: otherwise any web server could make
 * a node ask the services that only it can reach.
 *
 * <p>What counts is the address that a connection really has, not what a name stood for a moment before; and since a name may
 * stand for something else from one request to the next, a first host that turns out to be public as well is public.
 * Behind a proxy, which looks names up itself, only addresses that stand in a URL are seen. Thread-safe.
 */
final class Boundary {
    private final boolean isOpen;
    private final Map<String, Boolean> inside = new HashMap<>();
    private @Nullable String first;
    private boolean beganInside;

    Boundary(FetchPolicy policy) {
        this.isOpen = policy.allows(Insecure.PRIVATE);
    }

    /** A connection to {@code host} has, or is about to get, this address. */
    synchronized void reach(String host, InetAddress address) throws LedInsideException {
        boolean isInside = InsideAddress.isInside(address);
        if (host.equals(first) && !isInside) {
            beganInside = false;
        }
        if (isInside && isClosed()) {
            throw new LedInsideException(first, host, address);
        }
        inside.put(host, isInside);
    }

    /** {@code host} answered: the first to do so is the one that the user meant. */
    synchronized void answered(String host) {
        if (first == null) {
            first = host;
            beganInside = inside.getOrDefault(host, false);
        }
    }

    /** Whether addresses inside are refused from now on. */
    synchronized boolean isClosed() {
        return !isOpen && first != null && !beganInside;
    }

    /** A public host wanted to lead us inside. */
    static final class LedInsideException extends HttpTransport.RefusedException {
        private static final long serialVersionUID = 1L;

        LedInsideException(@Nullable String first, String host, InetAddress address) {
            super(first + " is public, but leads to " + host + " at the private address " + address.getHostAddress());
        }
    }
}
