package io.aestus.network;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a node finds networks and plugins.
 *
 * @param configurations directories of network configurations, which rise in priority and need not exist
 * @param plugins directories of plugin programs, the first of priority
 * @param records where is written which pods are attached to what
 * @param run where what ends with the boot is, as pods do: their network namespaces, and the leases of the built-in
 *     networks. One place for the whole host, as the addresses are
 * @param limit how long one plugin may take
 * @param ipv6 whether the built-in networks have IPv6 addresses
 */
public record NetworkSettings(
        List<Path> configurations, List<Path> plugins, Path records, Path run, Duration limit, Ipv6 ipv6) {
    /** Where everything else on a host, too, looks for networks. */
    public static final Path SHARED_CONFIGURATIONS = Path.of("/etc/cni/net.d");

    /** Where plugins are unless the administrator says otherwise. */
    public static final List<Path> USUAL_PLUGINS = List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));

    private static final Path RUN = Path.of("/run/aestus/networks");

    /** Whether the built-in networks have IPv6 addresses. */
    public enum Ipv6 {
        YES,
        NO,
        /** If the host itself has one by which it can be reached. */
        AS_HOST
    }

    public NetworkSettings {
        configurations = List.copyOf(configurations);
        plugins = List.copyOf(plugins);
    }

    /**
     * The settings of a node of which nothing was said.
     *
     * @param data its data directory
     * @param configDirs directories of configuration, rising in priority, each with a {@code net.d}
     */
    public static NetworkSettings of(Path data, List<Path> configDirs) {
        var configurations = new ArrayList<Path>();
        configurations.add(SHARED_CONFIGURATIONS);
        configDirs.forEach(dir -> configurations.add(dir.resolve("net.d")));
        return new NetworkSettings(
                configurations, USUAL_PLUGINS, data.resolve("networks"), RUN, Duration.ofSeconds(60), Ipv6.AS_HOST);
    }

    /** Where the built-in networks keep which addresses are taken. */
    Path leases() {
        return run.resolve("leases");
    }

    /** Where the network namespace of a pod is pinned. */
    Path namespace(String pod) {
        return run.resolve("pods").resolve(pod);
    }

    public NetworkSettings withPlugins(List<Path> newPlugins) {
        return new NetworkSettings(configurations, newPlugins, records, run, limit, ipv6);
    }

    public NetworkSettings withConfigurations(List<Path> newConfigurations) {
        return new NetworkSettings(newConfigurations, plugins, records, run, limit, ipv6);
    }

    public NetworkSettings withRun(Path newRun) {
        return new NetworkSettings(configurations, plugins, records, newRun, limit, ipv6);
    }

    public NetworkSettings withLimit(Duration newLimit) {
        return new NetworkSettings(configurations, plugins, records, run, newLimit, ipv6);
    }

    public NetworkSettings withIpv6(Ipv6 newIpv6) {
        return new NetworkSettings(configurations, plugins, records, run, limit, newIpv6);
    }
}
