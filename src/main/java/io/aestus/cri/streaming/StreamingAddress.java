package io.aestus.cri.streaming;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Where streams are served. Only on this host: the kubelet passes them on, and speaks to us without encryption.
 *
 * @param host a loopback address, or a name of one
 * @param port 0 for one of the kernel's choice
 */
public record StreamingAddress(String host, int port) {
    public static final StreamingAddress DEFAULT = new StreamingAddress("127.0.0.1", 0);

    private static final int HIGHEST_PORT = 65535;

    /** @throws AestusException {@link Problem#INVALID} unless it is on this host alone */
    public StreamingAddress {
        if (port < 0 || port > HIGHEST_PORT) {
            throw new AestusException(Problem.INVALID, "cannot serve streams on port " + port + ": it is none");
        }
        if (!resolve(host).isLoopbackAddress()) {
            throw new AestusException(
                            Problem.INVALID,
                            "cannot serve streams on " + Quoted.of(host) + ": other hosts could listen in")
                    .withRemedy("use 127.0.0.1 or ::1; the kubelet runs on this host and passes streams on, encrypted");
        }
    }

    InetAddress address() {
        return resolve(host);
    }

    private static InetAddress resolve(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new AestusException(
                    Problem.INVALID, "cannot serve streams on " + Quoted.of(host) + ": there is no such host", e);
        }
    }
}
