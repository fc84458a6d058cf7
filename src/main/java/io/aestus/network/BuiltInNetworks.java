package io.aestus.network;

import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The networks that every node has, unless a file of its administrator says something else by their names. In both each pod
 * has a link of its own to the host, which routes.
 *
 * <ul>
 *   <li>{@code default} leads out: what leaves the host bears the host's address.
 *   <li>{@code default-restricted} leads to the host and its pods alone.
 * </ul>
 *
 * <p>Their leases end with the boot, their records are written before a plugin is asked, and other nodes of this host share
 * the addresses: so GC, which would take those for leftovers, is never asked.
 */
final class BuiltInNetworks {
    static final String DEFAULT = "default";
    static final String RESTRICTED = "default-restricted";

    /** What the kernel says of the host's IPv6 addresses; the fourth column is the scope, 00 being global. */
    private static final Path HOST_ADDRESSES = Path.of("/proc/net/if_inet6");

    private final SequencedMap<String, Network> networks = new TreeMap<>();

    BuiltInNetworks(NetworkSettings settings) {
        boolean six = hasIpv6(settings.ipv6());
        add(
                DEFAULT,
                settings.leases(),
                six,
                "172.16.28.0/24",
                "fd61:6573:7475:7300::/64",
                List.of("0.0.0.0/0", "::/0"));
        add(RESTRICTED, settings.leases(), six, "172.31.0.0/16", "fd61:6573:7475:7301::/64", List.of());
    }

    Map<String, Network> all() {
        return networks;
    }

    private void add(String name, Path leases, boolean six, String subnet, String subnet6, List<String> routes) {
        var ranges = new ArrayList<Json>(List.of(range(subnet)));
        if (six) {
            ranges.add(range(subnet6));
        }
        var targets =
                routes.stream().filter(route -> six || !route.contains(":")).toList();
        var addresses = JsonObject.builder()
                .put("type", "host-local")
                .put("dataDir", leases.toString())
                .put("ranges", new JsonArray(ranges))
                .put("routes", Json.array(targets, target -> object("dst", target)))
                .build();
        var link = JsonObject.builder()
                .put("type", "ptp")
                .put("ipMasq", !routes.isEmpty())
                .put("ipam", addresses)
                .build();
        var ports = JsonObject.builder()
                .put("type", "portmap")
                .put("snat", true)
                .put(
                        "capabilities",
                        JsonObject.builder().put(Capabilities.PORTS, true).build())
                .build();
        var rates = JsonObject.builder()
                .put("type", "bandwidth")
                .put(
                        "capabilities",
                        JsonObject.builder().put(Capabilities.BANDWIDTH, true).build())
                .build();
        var list = JsonObject.builder()
                .put("name", name)
                .put("cniVersions", Json.strings(List.of("0.4.0", "1.0.0", "1.1.0")))
                .put("disableGC", true)
                .put("plugins", Json.array(link, ports, rates))
                .build();
        networks.put(name, Network.ofList(JsonView.of(list, "network " + name), Network.BUILT_IN));
    }

    private static Json range(String subnet) {
        return Json.array(object("subnet", subnet));
    }

    private static JsonObject object(String name, String value) {
        return JsonObject.builder().put(name, value).build();
    }

    private static boolean hasIpv6(NetworkSettings.Ipv6 wanted) {
        return switch (wanted) {
            case YES -> true;
            case NO -> false;
            case AS_HOST -> hostHasIpv6();
        };
    }

    private static boolean hostHasIpv6() {
        try {
            return Files.readAllLines(HOST_ADDRESSES).stream()
                    .map(line -> line.strip().split("\\s+", -1))
                    .anyMatch(columns -> columns.length == 6 && columns[3].equals("00") && !columns[5].equals("lo"));
        } catch (IOException _) {
            return false; // the kernel has none
        }
    }
}
