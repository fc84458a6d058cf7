package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Fd;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;

/** Connections that are made inside a pod's network, and go on to speak there, whichever thread uses them. */
final class PodSockets {
    private static final List<InetAddress> LOOPBACK = List.of(address(127, 0, 0, 1), loopback6());

    private PodSockets() {}

    private static InetAddress address(int... bytes) {
        try {
            byte[] address = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                address[i] = (byte) bytes[i];
            }
            return InetAddress.getByAddress(address);
        } catch (IOException e) {
            throw new IllegalStateException("of a legal length", e);
        }
    }

    private static InetAddress loopback6() {
        return address(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    }

    /**
     * Connects over the loopback of a pod, as its own processes would.
     *
     * @param first the pod's first process, be it our child or not
     * @throws AestusException {@link Problem#CONFLICT} if it has ended; {@link Problem#UNAVAILABLE} if nobody answers
     */
    static SocketChannel connect(PidFd first, int port, Duration limit) throws IOException {
        try (Fd network = Namespaces.of(first.pid(), Namespace.NETWORK)) {
            if (!first.signal(0)) { // its number may be somebody else's by now
                throw new AestusException(
                        Problem.CONFLICT, "cannot connect to port " + port + " of the pod: it does not run");
            }
            return connect(network, port, limit);
        }
    }

    /** Connects over loopback: IPv4, else IPv6. */
    private static SocketChannel connect(Fd network, int port, Duration limit) throws IOException {
        SocketChannel.open().close(); // whatever a first socket starts in this process must start out here
        return Namespaces.inside(network, Namespace.NETWORK, () -> {
            IOException refused = new IOException("no address");
            for (InetAddress address : LOOPBACK) {
                SocketChannel socket = SocketChannel.open(family(address));
                try {
                    socket.socket().connect(new InetSocketAddress(address, port), (int) limit.toMillis());
                    return socket;
                } catch (IOException e) {
                    socket.close();
                    refused = e;
                }
            }
            throw new AestusException(
                    Problem.UNAVAILABLE,
                    "cannot connect to port " + port + " of the pod: " + refused.getMessage(),
                    refused);
        });
    }

    private static ProtocolFamily family(InetAddress address) {
        return address instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }
}
