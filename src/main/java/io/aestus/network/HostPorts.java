package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Optional;

/** The ports of the host, as its own processes have them. */
final class HostPorts {
    private HostPorts() {}

    /**
     * Sees to it that nobody on the host listens where a pod shall be heard: rules of the firewall come before sockets, and
     * whoever listens would hear of nobody any more. SCTP, which many kernels lack, is not looked at.
     *
     * @throws AestusException {@link Problem#CONFLICT} when somebody does
     */
    static void requireUnused(List<PortMapping> ports) throws IOException {
        for (PortMapping port : ports) {
            Optional<InetAddress> address = port.hostAddress().map(InetAddress::ofLiteral);
            if (address.isPresent() && !isOwn(address.get())) {
                continue; // it comes later, or is another machine's that leads here
            }
            var at = address.map(own -> new InetSocketAddress(own, port.hostPort()))
                    .orElseGet(() -> new InetSocketAddress(port.hostPort()));
            try {
                take(at, port.protocol());
            } catch (BindException e) {
                throw new AestusException(
                                Problem.CONFLICT,
                                "cannot map port " + port + ": a process of the host listens there (" + e.getMessage()
                                        + ")",
                                e)
                        .withRemedy("another port of the host; ss -lp says who listens");
            }
        }
    }

    /** All of 127.0.0.0/8 is the host's, and only one of it is said to be. */
    private static boolean isOwn(InetAddress address) throws IOException {
        return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    }

    private static void take(InetSocketAddress at, PortMapping.Protocol protocol) throws IOException {
        switch (protocol) {
            case TCP -> {
                try (var socket = ServerSocketChannel.open()) {
                    socket.bind(at, 1);
                }
            }
            case UDP -> {
                try (var socket = DatagramChannel.open()) {
                    socket.bind(at);
                }
            }
            case SCTP -> {}
        }
    }
}
