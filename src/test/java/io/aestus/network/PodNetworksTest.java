package io.aestus.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Fd;
import io.aestus.linux.Namespaces;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered of pods in networks, with plugins that change nothing. */
@Tag("host")
class PodNetworksTest {
    private static final String RESULT = "{\"cniVersion\": \"1.1.0\", \"ips\": [{\"address\": \"10.0.0.2/24\"}]}";
    private static final String POD = "3f0c6e1a-0000-4000-8000-000000000001";

    @TempDir
    Path directory;

    private FakePlugins plugins;
    private Fd namespace;

    @BeforeEach
    void open() throws IOException {
        plugins = new FakePlugins(directory);
        plugins.plugin("one", RESULT, "1.1.0");
        plugins.plugin("two", RESULT, "1.1.0");
        plugins.network("10-a.conf", "{\"name\": \"a\", \"cniVersion\": \"1.1.0\", \"type\": \"one\"}");
        plugins.network("20-b.conf", "{\"name\": \"b\", \"cniVersion\": \"1.1.0\", \"type\": \"two\"}");
        namespace = Namespaces.newNetwork();
    }

    @AfterEach
    void close() throws IOException {
        namespace.close();
        Namespaces.unpin(pin());
    }

    private Path pin() {
        return directory.resolve("run/pods").resolve(POD);
    }

    private PodNetworks networks() {
        return PodNetworks.of(plugins.settings());
    }

    private List<Attachment> attach(String... names) throws IOException {
        var choices = List.of(names).stream().map(NetworkChoice::of).toList();
        return networks().attach(POD, namespace, new Connections(choices, List.of()), NameServers.NONE);
    }

    private boolean isRecorded() {
        return Files.exists(directory.resolve("records").resolve(POD + ".json"));
    }

    @Test
    void another_process_takes_back_what_one_has_made_as_it_was_made() throws IOException {
        assertEquals(
                List.of("a:ip4=10.0.0.2", "b:ip4=10.0.0.2"),
                attach("a", "b").stream().map(Attachment::toString).toList());
        assertTrue(Files.exists(pin()));
        plugins.network("10-a.conf", "{\"name\": \"a\", \"cniVersion\": \"1.1.0\", \"type\": \"other\"}");
        networks().check(POD);
        networks().detach(POD);
        networks().detach(POD);
        assertEquals(List.of("one ADD", "two ADD", "one CHECK", "two CHECK", "two DEL", "one DEL"), plugins.order());
        assertTrue(plugins.environment("one", 2).contains("CNI_NETNS=" + pin()));
        assertFalse(Files.exists(pin()));
        assertFalse(isRecorded());
    }

    @Test
    void what_one_network_refuses_is_undone_in_the_others() throws IOException {
        plugins.plugin("two", "[ $CNI_COMMAND = DEL ] || { echo '{\"code\": 100, \"msg\": \"full\"}'; exit 1; }");
        var refusal = assertThrows(AestusException.class, () -> attach("a", "b"));
        assertEquals("cannot attach the pod to network b: plugin two: 'full' (code 100)", refusal.message());
        assertEquals(List.of("one ADD", "two ADD", "two DEL", "one DEL"), plugins.order());
        assertFalse(isRecorded());
        assertFalse(Files.exists(pin()));
    }

    @Test
    void a_network_that_does_not_let_go_is_asked_again_and_alone() throws IOException {
        attach("a", "b");
        plugins.plugin("two", "echo '{\"code\": 100, \"msg\": \"busy\"}'; exit 1");
        assertThrows(AestusException.class, () -> networks().detach(POD));
        assertTrue(isRecorded());
        assertEquals(List.of(), networks().sweep(_ -> true));
        plugins.plugin("two", RESULT, "1.1.0");
        assertEquals(List.of(POD), networks().sweep(_ -> false));
        assertEquals(1, plugins.order().stream().filter("one DEL"::equals).count());
        assertFalse(isRecorded());
    }

    @Test
    void a_pod_whose_namespace_is_gone_is_detached_without_one() throws IOException {
        attach("a");
        Namespaces.unpin(pin()); // as a restart of the host does
        networks().detach(POD);
        assertTrue(plugins.environment("one", 1).contains("CNI_NETNS="));
        assertFalse(isRecorded());
    }

    @Test
    void collection_is_told_who_is_there_and_spares_networks_that_say_so() throws IOException {
        plugins.network(
                "20-b.conf", "{\"name\": \"b\", \"cniVersion\": \"1.1.0\", \"disableGC\": true, \"type\": \"two\"}");
        attach("a", "b");
        networks().sweep(POD::equals);
        assertEquals(List.of("one ADD", "two ADD", "one GC"), plugins.order());
        assertTrue(plugins.configuration("one", 1).contains("\"containerID\":\"" + POD + "\""));
        networks().detach(POD);
    }

    @Test
    void ports_go_to_the_first_network_that_maps_them() throws IOException {
        plugins.network("20-b.conf", """
                {"name": "b", "cniVersion": "1.1.0", "type": "two", "capabilities": {"portMappings": true}}""");
        int free;
        try (var socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        var port = new PortMapping(Optional.empty(), free, 8080, PortMapping.Protocol.TCP);
        var wanted = new Connections(NetworkChoice.parseAll("a,b"), List.of(port));
        networks().attach(POD, namespace, wanted, NameServers.NONE);
        assertFalse(plugins.configuration("one", 0).contains("portMappings"));
        assertTrue(plugins.configuration("two", 0).contains("\"hostPort\":" + free + ",\"containerPort\":8080"));
        var clash = assertThrows(
                AestusException.class, () -> networks().attach("other", namespace, wanted, NameServers.NONE));
        assertEquals("cannot map port " + port + ": pod " + POD + " has " + port, clash.message());
        networks().detach(POD);
        var unmapped = Connections.to("a").withPorts(List.of(port));
        var refusal = assertThrows(
                AestusException.class, () -> networks().attach(POD, namespace, unmapped, NameServers.NONE));
        assertTrue(refusal.message().contains("no network of the pod has a plugin"), refusal.message());
        assertFalse(isRecorded());
    }

    @Test
    void a_pod_that_is_attached_as_is_wanted_stays_as_it_is_and_any_other_is_attached_anew() throws IOException {
        List<Attachment> first = attach("a", "b");
        assertEquals(first, attach("a", "b"));
        assertEquals(2, plugins.order().size());
        plugins.network("10-a.conf", "{\"name\": \"a\", \"cniVersion\": \"1.1.0\", \"type\": \"one\", \"mtu\": 1400}");
        attach("a", "b");
        assertEquals(
                List.of("two DEL", "one DEL", "one ADD", "two ADD"),
                plugins.order().subList(2, 6));
        try (Fd other = Namespaces.newNetwork()) {
            var choices = List.of(NetworkChoice.of("a"), NetworkChoice.of("b"));
            networks().attach(POD, other, new Connections(choices, List.of()), NameServers.NONE);
        }
        assertEquals(10, plugins.order().size(), "it has another network namespace");
        attach("b");
        assertEquals(List.of("two DEL", "one DEL", "two ADD"), plugins.order().subList(10, 13));
        networks().detach(POD);
    }

    /** As Kubernetes has runtimes tell plugins what a pod is called. */
    private static Connections named(String network) {
        return new Connections(
                List.of(NetworkChoice.of(network).withArguments(Map.of("IgnoreUnknown", "1", "K8S_POD_NAME", "web"))),
                List.of());
    }

    @Test
    void a_pod_is_attached_before_it_has_a_name_where_no_plugin_heeds_that() throws IOException {
        plugins.plugin("bridge", RESULT, "1.1.0");
        plugins.network("30-c.conf", "{\"name\": \"c\", \"cniVersion\": \"1.1.0\", \"type\": \"bridge\"}");
        assertTrue(networks().areSameForAll(named("c"), NameServers.NONE));
        List<Attachment> ahead = attach("c");
        assertEquals(ahead, networks().attach(POD, namespace, named("c"), NameServers.NONE));
        networks().detach(POD);
        assertEquals(List.of("bridge ADD", "bridge DEL"), plugins.order());
        List<String> asked = plugins.environment("bridge", 1);
        assertTrue(
                asked.stream().anyMatch(line -> line.startsWith("CNI_ARGS=") && line.contains("K8S_POD_NAME=web")),
                asked.toString());
    }

    @Test
    void a_pod_is_attached_anew_where_a_plugin_may_heed_its_name() throws IOException {
        assertFalse(networks().areSameForAll(named("a"), NameServers.NONE));
        attach("a");
        networks().attach(POD, namespace, named("a"), NameServers.NONE);
        assertEquals(List.of("one ADD", "one DEL", "one ADD"), plugins.order());
        networks().detach(POD);
    }

    @Test
    void networks_are_not_the_same_for_all_that_ask_for_more() throws IOException {
        plugins.plugin("ptp", RESULT, "1.1.0");
        plugins.network("30-c.conf", """
                {"name": "c", "cniVersion": "1.1.0", "type": "ptp", "ipam": {"type": "static"}}""");
        plugins.network("40-d.conf", """
                {"name": "d", "cniVersion": "1.1.0", "type": "ptp", "capabilities": {"dns": true}}""");
        var names = new NameServers(List.of("192.0.2.53"), List.of(), List.of());
        assertFalse(
                networks().areSameForAll(named("c"), NameServers.NONE), "whom it asks for addresses may heed a name");
        assertTrue(networks().areSameForAll(named("d"), NameServers.NONE));
        assertFalse(networks().areSameForAll(named("d"), names), "it takes name servers");
        assertTrue(networks().areSameForAll(Connections.to("a"), names), "it does not");
        assertFalse(networks().areSameForAll(named("unknown"), NameServers.NONE));
        var port = new PortMapping(Optional.empty(), 8080, 80, PortMapping.Protocol.TCP);
        assertFalse(networks().areSameForAll(Connections.to("a").withPorts(List.of(port)), NameServers.NONE));
        var address = NetworkChoice.of("d").withArguments(Map.of("IP", "10.0.0.9"));
        assertFalse(networks().areSameForAll(new Connections(List.of(address), List.of()), NameServers.NONE));
    }

    @Test
    void a_port_on_which_the_host_listens_is_refused_and_one_of_another_address_is_not() throws IOException {
        plugins.network("20-b.conf", """
                {"name": "b", "cniVersion": "1.1.0", "type": "two", "capabilities": {"portMappings": true}}""");
        try (var stream = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.2"));
                var datagrams = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0))) {
            for (var taken : List.of(
                    new PortMapping(Optional.empty(), stream.getLocalPort(), 80, PortMapping.Protocol.TCP),
                    new PortMapping(
                            Optional.of("127.0.0.2"), datagrams.getLocalPort(), 80, PortMapping.Protocol.UDP))) {
                var wanted = Connections.to("b").withPorts(List.of(taken));
                var refusal = assertThrows(
                        AestusException.class, () -> networks().attach(POD, namespace, wanted, NameServers.NONE));
                assertEquals(Problem.CONFLICT, refusal.problem());
                assertTrue(
                        refusal.message()
                                .startsWith("cannot map port " + taken + ": a process of the host listens there"),
                        refusal.message());
                assertFalse(isRecorded());
            }
            var other = new PortMapping(Optional.of("127.0.0.3"), stream.getLocalPort(), 80, PortMapping.Protocol.TCP);
            var elsewhere =
                    new PortMapping(Optional.of("192.0.2.200"), datagrams.getLocalPort(), 80, PortMapping.Protocol.UDP);
            networks()
                    .attach(POD, namespace, Connections.to("b").withPorts(List.of(other, elsewhere)), NameServers.NONE);
            networks().detach(POD);
        }
    }
}
