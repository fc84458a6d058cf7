package io.aestus.network;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.List;

/**
 * What a pod has of one network.
 *
 * @param network its name
 * @param interfaceName as it is called in the pod
 * @param addresses of that interface, the primary one first
 * @param names what the network says of name servers
 */
public record Attachment(String network, String interfaceName, List<String> addresses, NameServers names) {
    public Attachment {
        addresses = List.copyOf(addresses);
    }

    public Attachment(String network, String interfaceName, List<String> addresses) {
        this(network, interfaceName, addresses, NameServers.NONE);
    }

    /** Such as {@code default:ip4=172.16.28.3}. */
    @Override
    public String toString() {
        var text = new StringBuilder(network);
        for (String address : addresses) {
            text.append(text.length() == network.length() ? ':' : ';')
                    .append(address.contains(":") ? "ip6=" : "ip4=")
                    .append(address);
        }
        return text.toString();
    }

    /** As it is recorded with the pod; name servers are in its {@code resolv.conf}. */
    public JsonObject toJson() {
        return JsonObject.builder()
                .put("network", network)
                .put("interface", interfaceName)
                .put("addresses", Json.strings(addresses))
                .build();
    }

    /** As {@link #toJson} wrote it. */
    public static Attachment read(JsonView json) {
        return new Attachment(
                json.required("network").string(), json.required("interface").string(), json.strings("addresses"));
    }
}
