package io.aestus.network;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What plugins are told of a pod when they declare to take it.
 *
 * @see <a href="https://github.com/containernetworking/cni/blob/main/CONVENTIONS.md">CNI conventions</a>
 */
final class Capabilities {
    static final String PORTS = "portMappings";
    static final String BANDWIDTH = "bandwidth";
    static final String NAME_SERVERS = "dns";

    private static final String ADDRESSES = "ips";
    private static final String HARDWARE_ADDRESS = "mac";

    private Capabilities() {}

    /** All that can be told of one attachment. */
    static JsonObject of(
            NetworkChoice choice, List<PortMapping> ports, Optional<Bandwidth> bandwidth, NameServers names) {
        Map<String, String> arguments = choice.arguments();
        return JsonObject.builder()
                .putUnlessEmpty(PORTS, Json.array(ports, PortMapping::toJson))
                .put(BANDWIDTH, bandwidth.map(Bandwidth::toJson))
                .put(ADDRESSES, Optional.ofNullable(arguments.get("IP")).map(ip -> Json.strings(List.of(ip))))
                .put(HARDWARE_ADDRESS, Optional.ofNullable(arguments.get("MAC")))
                .put(NAME_SERVERS, names.isEmpty() ? Optional.empty() : Optional.of(names.toJson()))
                .build();
    }

    /** The part of {@code all} that a plugin takes. */
    static JsonObject taken(JsonObject all, Plugin plugin) {
        var taken = JsonObject.builder();
        all.fields().forEach((name, value) -> {
            if (plugin.takes(name)) {
                taken.put(name, value);
            }
        });
        return taken.build();
    }
}
