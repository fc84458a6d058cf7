package io.aestus.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.network.NetworkSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The real CNI plugins, which change interfaces, routes and firewall rules of wherever they run: never of this host. */
public final class NetworkPlugins {
    private NetworkPlugins() {}

    /** Skips a test where they are missing. */
    public static void require() {
        assumeTrue(
                NetworkSettings.USUAL_PLUGINS.stream().anyMatch(dir -> Files.isExecutable(dir.resolve("ptp"))),
                "no CNI plugins on this host (containernetworking-plugins)");
        assumeTrue(
                Stream.of("/usr/sbin/iptables", "/sbin/iptables").anyMatch(file -> Files.exists(Path.of(file))),
                "no iptables on this host, which the plugins use");
    }

    /** Those of a later version, which speak CNI 1.1. Skips a test where they are missing. */
    public static List<Path> recent() {
        Path directory = TestTier.clusterTools().resolve("cni");
        assumeTrue(
                Files.isExecutable(directory.resolve("ptp")),
                "no CNI plugins of a later version in " + directory + " (scripts/cluster-tools cni)");
        return List.of(directory);
    }

    /** Runs a program of the tests in network and mount namespaces of its own, with its loopback up, to its good end. */
    public static void inNamespaceOfItsOwn(Path directory, Class<?> program, String... arguments) throws Exception {
        Apart.run(directory, List.of(), List.of("--net"), "ip link set lo up", program, arguments);
    }
}
