package io.aestus.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.linux.Fd;
import io.aestus.linux.Namespaces;
import io.aestus.network.NetworkSettings.Ipv6;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What real plugins of CNI 1.1 are asked. A program for a network namespace of its own, see {@link RecentPluginsTest}. */
enum PluginScenario {
    ASKED_FOR_THEIR_VERSIONS {
        @Override
        void play(Node node) throws Exception {
            node.network("\"cniVersions\": [\"0.4.0\", \"1.0.0\", \"1.1.0\"]");
            var web = node.networks().list().stream()
                    .filter(network -> network.name().equals("web"))
                    .findFirst()
                    .orElseThrow();
            assertEquals("1.1.0", node.chain(node.recent).version(web).toString());
            assertEquals(
                    "1.0.0",
                    node.chain(NetworkSettings.USUAL_PLUGINS).version(web).toString());
            // the one that makes links is young, the one that gives addresses is not
            Path mixed = Files.createDirectory(node.directory.resolve("mixed"));
            for (String young : List.of("bridge", "portmap")) {
                Files.copy(node.recent.getFirst().resolve(young), mixed.resolve(young));
            }
            var both = Stream.concat(Stream.of(mixed), NetworkSettings.USUAL_PLUGINS.stream())
                    .toList();
            assertEquals("1.0.0", node.chain(both).version(web).toString());
            try (Fd namespace = Namespaces.newNetwork()) {
                node.attach(PodNetworks.of(node.settings.withPlugins(both)), "pod-1", namespace);
                PodNetworks.of(node.settings.withPlugins(both)).detach("pod-1");
            }
            node.assertNoLease();
        }
    },

    ASKED_WHETHER_A_POD_IS_STILL_ATTACHED {
        @Override
        void play(Node node) throws Exception {
            node.network("\"cniVersion\": \"1.1.0\"");
            try (Fd namespace = Namespaces.newNetwork()) {
                node.attach("pod-1", namespace);
                node.networks().check("pod-1");
                String chain = tool("iptables", "-t", "nat", "-S")
                        .lines()
                        .filter(line -> line.startsWith("-A CNI-DN-") && line.contains("DNAT"))
                        .map(line -> line.split(" ", -1)[1])
                        .findFirst()
                        .orElseThrow();
                tool("iptables", "-t", "nat", "-F", chain);
                var amiss = assertThrows(
                        AestusException.class, () -> node.networks().check("pod-1"));
                assertTrue(
                        amiss.message().startsWith("cannot find the pod in network web: plugin portmap: "),
                        amiss.message());
                node.networks().detach("pod-1");
                node.network("\"cniVersion\": \"1.1.0\", \"disableCheck\": true");
                node.attach("pod-1", namespace);
                tool("ip", "link", "del", "web0");
                node.networks().check("pod-1");
                node.networks().detach("pod-1");
            }
            node.assertNoLease();
        }
    },

    ASKED_WHETHER_THEY_COULD_ATTACH_A_POD {
        @Override
        void play(Node node) throws Exception {
            node.network("\"cniVersion\": \"1.1.0\"");
            node.networks().requireReady("web");
            Path few = Files.createDirectory(node.directory.resolve("few"));
            for (String there : List.of("bridge", "portmap")) {
                Files.copy(node.recent.getFirst().resolve(there), few.resolve(there));
            }
            var refusal =
                    assertThrows(AestusException.class, () -> PodNetworks.of(node.settings.withPlugins(List.of(few)))
                            .requireReady("web"));
            assertTrue(
                    refusal.message().startsWith("cannot attach pods to network web: plugin bridge: "),
                    refusal.message());
            assertTrue(refusal.message().contains("host-local"), refusal.message());
        }
    },

    TOLD_WHO_IS_THERE_AND_DROP_THE_REST {
        @Override
        void play(Node node) throws Exception {
            node.network("\"cniVersion\": \"1.1.0\", \"disableGC\": true");
            try (Fd kept = Namespaces.newNetwork();
                    Fd lost = Namespaces.newNetwork()) {
                node.attach("pod-1", kept);
                node.attachWithoutPorts("pod-2", lost);
                Files.delete(node.settings.records().resolve("pod-2.json")); // nobody knows of it any more
                assertEquals(2, node.leases().size());
                node.networks().sweep("pod-1"::equals);
                assertEquals(2, node.leases().size(), "the network forbids it");
                node.network("\"cniVersion\": \"1.1.0\"");
                node.networks().sweep("pod-1"::equals);
                assertEquals(1, node.leases().size());
                node.networks().check("pod-1");
                assertTrue(node.rules().contains("pod-1"), node.rules());
                node.networks().sweep(_ -> false); // the pod is gone, its record is not
                assertFalse(node.rules().contains("pod-1"), node.rules());
                node.assertNoLease();
                Namespaces.unpin(node.settings.namespace("pod-2"));
            }
        }
    };

    abstract void play(Node node) throws Exception;

    /** A host that has a network called web. */
    static final class Node {
        private static final PortMapping PORT = new PortMapping(Optional.empty(), 18080, 80, PortMapping.Protocol.TCP);

        private final Path directory;
        private final List<Path> recent;
        private final NetworkSettings settings;

        Node(Path directory, Path recent) throws IOException {
            this.directory = directory;
            this.recent = List.of(recent);
            settings = NetworkSettings.of(directory, List.of())
                    .withConfigurations(List.of(Files.createDirectories(directory.resolve("net.d"))))
                    .withPlugins(this.recent)
                    .withRun(directory.resolve("run"))
                    .withIpv6(Ipv6.NO);
        }

        void network(String fields) throws IOException {
            Files.writeString(
                    directory.resolve("net.d/web.conflist"), """
                    {"name": "web", %s, "plugins": [
                      {"type": "bridge", "bridge": "web0", "isGateway": true, "ipMasq": true,
                       "ipam": {"type": "host-local", "dataDir": "%s",
                                "ranges": [[{"subnet": "10.88.0.0/24"}], [{"subnet": "fd88::/64"}]]}},
                      {"type": "portmap", "capabilities": {"portMappings": true}}]}""".formatted(fields, directory.resolve("leases")));
        }

        Chain chain(List<Path> plugins) {
            return new Chain(new Plugins(plugins, settings.limit()));
        }

        PodNetworks networks() {
            return PodNetworks.of(settings);
        }

        void attach(String pod, Fd namespace) throws IOException {
            attach(networks(), pod, namespace);
        }

        void attach(PodNetworks networks, String pod, Fd namespace) throws IOException {
            networks.attach(pod, namespace, Connections.to("web").withPorts(List.of(PORT)), NameServers.NONE);
        }

        void attachWithoutPorts(String pod, Fd namespace) throws IOException {
            networks().attach(pod, namespace, Connections.to("web"), NameServers.NONE);
        }

        String rules() throws IOException, InterruptedException {
            return tool("iptables", "-t", "nat", "-S");
        }

        List<String> leases() throws IOException {
            try (Stream<Path> all = Files.list(directory.resolve("leases/web"))) {
                return all.map(file -> file.getFileName().toString())
                        .filter(name -> name.startsWith("10.88."))
                        .toList();
            }
        }

        void assertNoLease() throws IOException {
            assertEquals(List.of(), leases());
        }
    }

    static String tool(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", words) + ": " + said);
        return said;
    }

    /** Plays the scenario {@code args[1]} in the directory {@code args[0]} with the plugins in {@code args[2]}. */
    public static void main(String[] args) throws Exception {
        valueOf(args[1]).play(new Node(Path.of(args[0]), Path.of(args[2])));
    }
}
