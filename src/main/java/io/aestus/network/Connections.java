package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What a pod asks of networks.
 *
 * @param networks in the order of its interfaces {@code eth0}, {@code eth1}…; each at most once
 * @param ports of the host that lead into the pod
 * @param bandwidth of each interface, as far as its network can limit it
 */
public record Connections(List<NetworkChoice> networks, List<PortMapping> ports, Optional<Bandwidth> bandwidth) {
    /** No network and no ports. */
    public static final Connections NONE = new Connections(List.of(), List.of());

    /** Each becomes a handful of firewall rules. */
    public static final int MOST_PORTS = 1024;

    private static final int MOST_NETWORKS = 16;

    public Connections {
        networks = List.copyOf(networks);
        ports = List.copyOf(ports);
        if (networks.size() > MOST_NETWORKS) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot attach a pod to " + networks.size() + " networks: at most " + MOST_NETWORKS);
        }
        if (ports.size() > MOST_PORTS) {
            throw new AestusException(
                    Problem.EXHAUSTED,
                    "cannot map " + ports.size() + " ports of the host into a pod: at most " + MOST_PORTS);
        }
        var names = new HashSet<String>();
        for (NetworkChoice choice : networks) {
            if (!names.add(choice.network())) {
                throw new AestusException(
                        Problem.INVALID, "cannot attach a pod to network " + choice.network() + " twice");
            }
        }
        var taken = new HashSet<String>();
        for (PortMapping port : ports) {
            if (!taken.add(port.hostAddress().orElse("") + " " + port.hostPort() + port.protocol())) {
                throw new AestusException(
                        Problem.INVALID, "cannot map host port " + port.hostPort() + " twice in one pod");
            }
        }
    }

    /** Without a limit. */
    public Connections(List<NetworkChoice> networks, List<PortMapping> ports) {
        this(networks, ports, Optional.empty());
    }

    /** Attached to one network, no ports. */
    public static Connections to(String network) {
        return new Connections(List.of(NetworkChoice.of(network)), List.of());
    }

    public Connections withPorts(List<PortMapping> newPorts) {
        return new Connections(networks, newPorts, bandwidth);
    }

    public Connections withNetworks(List<NetworkChoice> newNetworks) {
        return new Connections(newNetworks, ports, bandwidth);
    }

    public Connections withBandwidth(Bandwidth newBandwidth) {
        return new Connections(networks, ports, Optional.of(newBandwidth));
    }

    /** As it is recorded with the pod. */
    public JsonObject toJson() {
        return JsonObject.builder()
                .putUnlessEmpty("networks", Json.array(networks, NetworkChoice::toJson))
                .putUnlessEmpty("ports", Json.array(ports, PortMapping::toJson))
                .put("bandwidth", bandwidth.map(Bandwidth::toJson))
                .build();
    }

    /** As {@link #toJson} wrote it. */
    public static Connections read(JsonView json) {
        return new Connections(
                json.list("networks", NetworkChoice::read),
                json.list("ports", PortMapping::read),
                json.optional("bandwidth").map(Bandwidth::read));
    }
}
