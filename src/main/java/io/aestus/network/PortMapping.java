package io.aestus.network;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A port of the host that leads to one of a pod.
 *
 * @param hostAddress the only address of the host that does; empty for all
 */
public record PortMapping(Optional<String> hostAddress, int hostPort, int podPort, Protocol protocol) {
    private static final int LAST_PORT = 65535;

    /** What is spoken on a port. */
    public enum Protocol {
        TCP,
        UDP,
        SCTP;

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Map<String, Protocol> PROTOCOLS =
            Map.of("tcp", Protocol.TCP, "udp", Protocol.UDP, "sctp", Protocol.SCTP);

    public PortMapping {
        if (hostPort < 1 || hostPort > LAST_PORT || podPort < 1 || podPort > LAST_PORT) {
            throw new IllegalArgumentException("not ports: " + hostPort + ", " + podPort);
        }
        hostAddress.ifPresent(InetAddress::ofLiteral);
    }

    /** The protocol of that name, whatever its case. */
    public static Optional<Protocol> protocol(String word) {
        return Optional.ofNullable(PROTOCOLS.get(word.toLowerCase(Locale.ROOT)));
    }

    /** Whether what comes to the host could go to both. */
    boolean clashesWith(PortMapping other) {
        return hostPort == other.hostPort
                && protocol == other.protocol
                && (hostAddress.isEmpty() || other.hostAddress.isEmpty() || hostAddress.equals(other.hostAddress));
    }

    /** As plugins are told it, and as it is recorded. */
    public JsonObject toJson() {
        return JsonObject.builder()
                .put("hostPort", hostPort)
                .put("containerPort", podPort)
                .put("protocol", protocol.word())
                .put("hostIP", hostAddress)
                .build();
    }

    public static PortMapping read(JsonView json) {
        return new PortMapping(
                json.optional("hostIP").map(JsonView::string),
                json.required("hostPort").wholeInt(1, LAST_PORT),
                json.required("containerPort").wholeInt(1, LAST_PORT),
                json.required("protocol").oneOf(PROTOCOLS));
    }

    /** Such as {@code 127.0.0.1:8080->80/tcp}. */
    @Override
    public String toString() {
        return hostAddress
                        .map(address -> (address.contains(":") ? "[" + address + "]" : address) + ":")
                        .orElse("") + hostPort + "->" + podPort + "/" + protocol.word();
    }
}
