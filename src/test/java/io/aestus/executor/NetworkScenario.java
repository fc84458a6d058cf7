package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.ExposedPort;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.Port;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.network.Attachment;
import io.aestus.network.Connections;
import io.aestus.network.NetworkChoice;
import io.aestus.network.PortMapping;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What pods in networks go through. Each is played by a process of its own in a network namespace of its own, since plugins
 * change interfaces, routes and firewall rules of wherever they run; see {@link PodNetworkContract}.
 */
enum NetworkScenario {
    TRAFFIC {
        @Override
        void play(NetworkNode node) throws Exception {
            try (var outside = NetworkNode.outside()) {
                outside.serve(8080, "outside");
                PodUuid server = node.run(serving("server"), Connections.to("default"));
                String address = node.executor().status(server).addresses().getFirst();
                assertTrue(address.startsWith("172.16.28."), address);
                assertEquals("server", node.hear(Connections.to("default"), address, 8080));
                assertEquals("outside", node.hear(Connections.to("default"), NetworkNode.OUTSIDE, 8080));
                try (var host = new HostServer("host")) {
                    assertEquals("host", node.hear(Connections.to("default"), "172.16.28.1", host.port()));
                    assertEquals("host", node.hear(Connections.to("default-restricted"), "172.31.0.1", host.port()));
                }
                assertEquals("", node.hearAtOnce(Connections.to("default-restricted"), NetworkNode.OUTSIDE, 8080));
                if (node.hasIpv6()) {
                    String six = node.executor().status(server).addresses().get(1);
                    assertTrue(six.startsWith("fd61:6573:7475:7300::"), six);
                    assertEquals("server", node.hear(Connections.to("default"), six, 8080));
                    assertEquals("outside", node.hear(Connections.to("default"), NetworkNode.OUTSIDE6, 8080));
                    assertEquals("", node.hearAtOnce(Connections.to("default-restricted"), NetworkNode.OUTSIDE6, 8080));
                }
            }
        }
    },

    PORTS {
        @Override
        void play(NetworkNode node) throws Exception {
            try (var outside = NetworkNode.outside()) {
                var byNumber = new PortMapping(Optional.empty(), 18080, 8080, PortMapping.Protocol.TCP);
                var wanted = Connections.to("default").withPorts(List.of(byNumber));
                var http = Port.of(AcName.parse("http"), "tcp", 8080);
                RuntimeApp app = RuntimeApp.of(AcName.parse("server"), RuntimeImage.of(Node.IMAGE))
                        .withApp(App.running(List.of("/bin/sh", "-c", NetworkNode.serve(8080, "server")))
                                .ports(List.of(http))
                                .build());
                var byName = new ExposedPort(AcName.parse("http"), 18081, Optional.empty(), Optional.empty());
                PodUuid pod = node.run(PodManifest.of(app).withPorts(List.of(byName)), wanted);
                node.check(pod);
                for (int port : List.of(18080, 18081)) {
                    assertEquals("server", outside.hear(NetworkNode.INSIDE, port));
                    assertEquals("server", HostServer.hear("127.0.0.1", port));
                    if (node.hasIpv6()) {
                        assertEquals("server", outside.hear(NetworkNode.INSIDE6, port));
                    }
                }
                node.end(pod);
                assertEquals("", outside.hearAtOnce(NetworkNode.INSIDE, 18080));
                node.assertNothingLeft();
            }
        }
    },

    PROTOCOLS {
        @Override
        void play(NetworkNode node) throws Exception {
            try (var outside = NetworkNode.outside()) {
                var wanted = Connections.to("default")
                        .withPorts(List.of(
                                new PortMapping(Optional.empty(), 15353, 5353, PortMapping.Protocol.UDP),
                                new PortMapping(Optional.empty(), 18132, 132, PortMapping.Protocol.SCTP),
                                new PortMapping(Optional.of(NetworkNode.INSIDE), 18090, 8080, PortMapping.Protocol.TCP),
                                new PortMapping(Optional.of("127.0.0.1"), 18091, 8080, PortMapping.Protocol.TCP)));
                PodUuid pod = node.run(serving("server"), wanted);
                assertEquals("server", outside.hear(NetworkNode.INSIDE, 18090));
                assertThrows(
                        ConnectException.class, () -> new Socket(InetAddress.ofLiteral("127.0.0.1"), 18090).close());
                assertEquals("server", HostServer.hear("127.0.0.1", 18091));
                assertEquals("", outside.hearAtOnce(NetworkNode.INSIDE, 18091));
                try (var server = node.datagrams(pod, 5353);
                        var client = outside.datagrams()) {
                    var call = new DatagramPacket(new byte[] {1, 2, 3}, 3);
                    call.setSocketAddress(new InetSocketAddress(NetworkNode.INSIDE, 15353));
                    client.socket().send(call);
                    var heard = new DatagramPacket(new byte[9], 9);
                    server.socket().receive(heard);
                    assertEquals(3, heard.getLength());
                    server.socket().send(heard); // back to whom it came from
                    var answer = new DatagramPacket(new byte[9], 9);
                    client.socket().receive(answer);
                    assertEquals(call.getSocketAddress(), answer.getSocketAddress());
                }
                String address = node.executor().status(pod).addresses().getFirst();
                assertEquals(1, node.rules("iptables", "-p sctp", "--dport 18132", "DNAT", address + ":132"));
                node.end(pod);
                node.assertNothingLeft();
            }
        }
    },

    RANGE {
        @Override
        void play(NetworkNode node) throws Exception {
            try (var outside = NetworkNode.outside()) {
                String script = NetworkNode.serve(8081, "second").replace("exec ", "") + " & "
                        + NetworkNode.serve(8080, "first");
                var range = new Port(AcName.parse("http"), "tcp", 8080, 2, false);
                RuntimeApp app = RuntimeApp.of(AcName.parse("server"), RuntimeImage.of(Node.IMAGE))
                        .withApp(App.running(List.of("/bin/sh", "-c", script))
                                .ports(List.of(range))
                                .build());
                var exposed = new ExposedPort(AcName.parse("http"), 18080, Optional.empty(), Optional.empty());
                PodUuid pod = node.run(PodManifest.of(app).withPorts(List.of(exposed)), Connections.to("default"));
                assertEquals("first", outside.hear(NetworkNode.INSIDE, 18080));
                assertEquals("second", outside.hear(NetworkNode.INSIDE, 18081));
                assertEquals(0, node.rules("iptables", "--dport 18082"));
                node.end(pod);
                node.assertNothingLeft();
            }
        }
    },

    METADATA {
        @Override
        void play(NetworkNode node) throws Exception {
            PodUuid pod = node.run(serving("server"), Connections.to("default"));
            String address = node.executor().status(pod).addresses().getFirst();
            assertEquals("metadata", node.hear(Connections.to("default"), "127.0.0.1", 18112));
            assertEquals("server", node.hear(Connections.to("default"), address, 8080));
            assertEquals("", node.hearAtOnce(Connections.to("default"), address, 18112));
            assertThrows(ConnectException.class, () -> new Socket(address, 18112).close());
        }
    },

    SEVERAL_NETWORKS {
        @Override
        void play(NetworkNode node) throws Exception {
            node.network("backend.conflist", """
                    {"name": "backend", "cniVersion": "0.4.0", "plugins": [{"type": "bridge", "bridge": "backend0",
                      "dns": {"nameservers": ["10.88.0.53"], "search": ["backend.test"]},
                      "ipam": {"type": "host-local", "subnet": "10.88.0.0/24", "dataDir": "%s"}}]}""");
            var wanted = new Connections(NetworkChoice.parseAll("backend,default:IP=172.16.28.77"), List.of());
            PodUuid pod = node.run(
                    PodManifest.of(Node.app("app", "ip -o addr; cat /etc/resolv.conf /etc/hosts; sleep 1000")), wanted);
            List<Attachment> networks = node.executor().status(pod).networks();
            assertEquals(
                    List.of("backend eth0", "default eth1"),
                    networks.stream()
                            .map(one -> one.network() + " " + one.interfaceName())
                            .toList());
            assertEquals("10.88.0.2", networks.get(0).addresses().getFirst());
            assertEquals("172.16.28.77", networks.get(1).addresses().getFirst());
            String seen = node.output(pod, "10.88.0.2\taestus-" + pod);
            assertTrue(seen.contains("eth0    inet 10.88.0.2/24"), seen);
            assertTrue(seen.contains("eth1    inet 172.16.28.77/24"), seen);
            assertTrue(seen.contains("nameserver 10.88.0.53\nsearch backend.test\n"), seen);
            node.end(pod);
            node.assertNothingLeft();
        }
    },

    BANDWIDTH {
        @Override
        void play(NetworkNode node) throws Exception {
            var limit = new ResourceIsolator.NetworkBandwidth(Quantity.parse("250k"));
            var manifest = PodManifest.of(Node.app("app", "sleep 1000")).withIsolators(Isolators.of(limit));
            PodUuid pod = node.run(manifest, Connections.to("default"));
            assertEquals(2, node.queues("tbf", "rate 2Mbit"));
            assertEquals(
                    IsolatorReport.Enforcement.ENFORCED,
                    node.executor().status(pod).isolators().getFirst().enforcement());
            node.end(pod);
            assertEquals(0, node.queues("tbf", "rate"));
            node.assertNothingLeft();
        }
    },

    REFUSED {
        @Override
        void play(NetworkNode node) throws Exception {
            node.network("refusing.conf", """
                    {"name": "refusing", "cniVersion": "1.0.0", "type": "ptp",
                     "ipam": {"type": "host-local", "subnet": "10.89.0.0/30", "rangeStart": "10.89.0.77", "dataDir": "%s"}}""");
            var wanted = new Connections(NetworkChoice.parseAll("default,refusing"), List.of());
            var refusal = assertThrows(
                    AestusException.class, () -> node.run(PodManifest.of(Node.app("app", "exit 0")), wanted));
            assertTrue(
                    refusal.message().startsWith("cannot attach the pod to network refusing: plugin ptp: "),
                    refusal.message());
            PodStatus pod = node.executor().list().getFirst();
            assertTrue(pod.state() instanceof PodState.Aborted, pod.toString());
            node.assertNothingLeft();
            assertThrows(
                    AestusException.class,
                    () -> node.run(PodManifest.of(Node.app("app", "exit 0")), Connections.to("unknown")));
            node.assertNothingLeft();
        }
    },

    OWNER_GONE {
        @Override
        void play(NetworkNode node) throws Exception {
            var port = new PortMapping(Optional.empty(), 18080, 8080, PortMapping.Protocol.TCP);
            var wanted = Connections.to("default").withPorts(List.of(port));
            PodUuid stopped = node.run(serving("server"), wanted);
            PodUuid killed = node.run(serving("server"), Connections.to("default"));
            List<Attachment> before = node.executor().status(stopped).networks();
            long first = ((PodState.Running) node.executor().status(killed).state()).pid();
            node.reopen(() -> ProcessHandle.of(first).ifPresent(ProcessHandle::destroyForcibly));
            assertEquals(before, node.executor().status(stopped).networks());
            assertEquals("server", HostServer.hear("127.0.0.1", 18080));
            node.end(stopped);
            node.end(killed);
            node.assertNothingLeft();
        }
    },

    MADE_AHEAD {
        @Override
        void play(NetworkNode node) throws Exception {
            node.network("backend.conf", BACKEND.formatted(1));
            try (var host = node.withSpare()) {
                var options = PodOptions.DEFAULT.withConnections(Connections.to("backend"));
                try (var first = host.start(options)) {
                    assertTrue(address(first).startsWith("10.88.1."), address(first));
                    String spare = awaitPinned(node, host, first.place.uuid());
                    host.stage1.sweep(pod -> pod.equals(first.place.uuid()));
                    try (var second = host.start(options)) {
                        assertEquals(spare, second.place.uuid().toString());
                        assertTrue(address(second).startsWith("10.88.1."), address(second));
                        assertNotEquals(address(first), address(second));
                        String seen = second.run("app", Stage1Host.shell("ip -o addr"))
                                .stdout();
                        assertTrue(seen.contains("inet " + address(second) + "/24"), seen);
                        String next = awaitPinned(node, host, first.place.uuid(), second.place.uuid());
                        node.network("backend.conf", BACKEND.formatted(2));
                        try (var third = host.start(options)) {
                            assertEquals(next, third.place.uuid().toString());
                            assertTrue(address(third).startsWith("10.88.2."), address(third));
                        }
                    }
                }
                host.builtIn().close();
                node.assertNothingLeft();
            }
        }
    },

    NETWORK_AHEAD {
        @Override
        void play(NetworkNode node) throws Exception {
            node.network("backend.conf", BACKEND.formatted(1));
            try (var host = node.withSpare();
                    var first = host.start(likeOfKubernetes("first"))) {
                String spare = awaitPinned(node, host, first.place.uuid());
                host.stage1.sweep(pod -> pod.equals(first.place.uuid()));
                try (var second = host.start(likeOfKubernetes("second").withHostname("web"))) {
                    assertEquals(spare, second.place.uuid().toString());
                    assertNotEquals(address(first), address(second));
                    String seen = second.run("app", Stage1Host.shell("hostname; cat /proc/self/uid_map; ip -o addr"))
                            .stdout();
                    assertTrue(seen.matches("(?s)web\\n +0 +0 +4294967295\\n.*"), seen);
                    assertTrue(seen.contains("inet " + address(second) + "/24"), seen);
                    assertTrue(seen.contains("inet 127.0.0.1/8"), seen);
                    awaitPinned(node, host, first.place.uuid(), second.place.uuid());
                }
                host.builtIn().close();
            }
            node.assertNothingLeft();
        }

        private PodOptions likeOfKubernetes(String name) {
            var choice = NetworkChoice.of("backend").withArguments(Map.of("K8S_POD_NAME", name, "IgnoreUnknown", "1"));
            return PodOptions.DEFAULT
                    .withUserNamespace(PodOptions.UserNamespace.HOST)
                    .withCgroupParent("/aestus")
                    .withConnections(new Connections(List.of(choice), List.of()));
        }
    },

    KEEP_AHEAD {
        @Override
        void play(NetworkNode node) throws Exception {
            node.network("backend.conf", BACKEND.formatted(1));
            try (var host = node.withSpare()) {
                var options = PodOptions.DEFAULT.withConnections(Connections.to("backend"));
                for (var users : List.of(PodOptions.UserNamespace.PRIVATE, PodOptions.UserNamespace.HOST)) {
                    host.start(options.withUserNamespace(users)).close();
                    System.out.println(awaitPinned(node, host));
                }
                System.in.read(); // until the end of who started this
            }
        }
    },

    LEFT_AHEAD {
        @Override
        void play(NetworkNode node) throws Exception {
            Process maker = node.apart(KEEP_AHEAD);
            try (var said = maker.inputReader(StandardCharsets.UTF_8)) {
                said.readLine(); // which makes room for the network of the other
                String spare = said.readLine();
                node.sweep();
                assertEquals(List.of(spare), node.pinned(), "its maker lives");
                maker.destroyForcibly().waitFor();
                node.sweep();
                node.assertNothingLeft();
            } finally {
                maker.destroyForcibly();
            }
        }
    },

    MANY {
        @Override
        void play(NetworkNode node) throws Exception {
            try (var callers = Executors.newFixedThreadPool(8)) {
                var lives = new ArrayList<Future<String>>();
                for (int i = 0; i < 500; i++) {
                    lives.add(callers.submit(() -> live(node)));
                }
                for (Future<String> life : lives) {
                    assertTrue(life.get().startsWith("172.16.28."), life.get());
                }
            }
            node.assertNothingLeft();
        }
    };

    private static final String BACKEND = """
            {"name": "backend", "cniVersion": "1.0.0", "type": "ptp",
             "ipam": {"type": "host-local", "subnet": "10.88.%d.0/24", "dataDir": "%%s"}}""";

    abstract void play(NetworkNode node) throws Exception;

    /** A whole life. @return the address that the pod had, and nobody else at the same time */
    private static String live(NetworkNode node) {
        PodUuid pod = node.run(PodManifest.of(Node.app("app", "sleep 1000")), Connections.to("default"));
        String address = node.executor().status(pod).addresses().getFirst();
        long owners = node.executor().list().stream()
                .filter(other -> other.state() instanceof PodState.Running
                        && other.addresses().contains(address))
                .count();
        assertEquals(1, owners, address);
        node.end(pod);
        node.executor().remove(pod);
        return address;
    }

    private static String address(Stage1Host.RunningPod pod) {
        return pod.networks.getFirst().addresses().getFirst();
    }

    /** The pod that is attached besides these, as soon as there is one. */
    private static String awaitPinned(NetworkNode node, Stage1Host host, PodUuid... others) throws Exception {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        while (host.builtIn().sparePods() == 0) {
            assertTrue(System.nanoTime() < deadline, "no pod is made ahead");
            Thread.onSpinWait();
        }
        var known = List.of(others).stream().map(PodUuid::toString).toList();
        return node.pinned().stream()
                .filter(pod -> !known.contains(pod))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no pod is attached ahead"));
    }

    private static PodManifest serving(String text) {
        return PodManifest.of(Node.app("server", NetworkNode.serve(8080, text)));
    }

    /** Directories as an argument of {@link #main}. */
    static String words(List<Path> directories) {
        return directories.stream().map(Path::toString).collect(Collectors.joining(":"));
    }

    /** Plays the scenario {@code args[1]} in the directory {@code args[0]} with the plugins in {@code args[2]}. */
    public static void main(String[] args) throws Exception {
        var plugins = Stream.of(args[2].split(":", -1)).map(Path::of).toList();
        try (var node = new NetworkNode(Path.of(args[0]), plugins)) {
            valueOf(args[1]).play(node);
        }
    }
}
