package io.aestus.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which networks a node has, by its files; and how people write what they want of them. */
class NetworkFilesTest {
    private static final String PLUGIN = "{\"name\": \"%s\", \"cniVersion\": \"1.0.0\", \"type\": \"%s\"}";

    @TempDir
    Path directory;

    private Path write(String dir, String file, String text) throws IOException {
        Path path = directory.resolve(dir);
        Files.createDirectories(path);
        Files.writeString(path.resolve(file), text);
        return path;
    }

    @Test
    void the_higher_directory_wins_and_in_one_directory_the_first_name() throws IOException {
        Path low = write("low", "10-a.conf", PLUGIN.formatted("web", "low"));
        write("low", "20-b.conf", PLUGIN.formatted("other", "one"));
        write("low", "30-c.json", PLUGIN.formatted("other", "two"));
        write("low", ".hidden.conf", PLUGIN.formatted("hidden", "one"));
        write("low", "readme.txt", "no network");
        Path high = write("high", "99.conflist", """
                {"name": "web", "cniVersion": "1.0.0", "plugins": [{"type": "high"}, {"type": "tuning"}]}""");
        var found = new NetworkFiles(List.of(low, high, directory.resolve("missing"))).read();
        assertEquals(List.of("web", "other"), List.copyOf(found.networks().keySet()));
        assertEquals(List.of("high", "tuning"), found.networks().get("web").types());
        assertEquals(List.of("one"), found.networks().get("other").types());
        assertEquals(List.of(), found.broken());
    }

    @Test
    void others_add_plugins_to_a_network_in_a_directory_of_its_name_unless_it_forbids_that() throws IOException {
        String list = "{\"name\": \"%s\", \"cniVersion\": \"1.1.0\"%s}";
        Path dir = write("net.d", "10-a.conflist", list.formatted("web", ", \"plugins\": [{\"type\": \"bridge\"}]"));
        write("net.d", "20-b.conflist", list.formatted("bare", ""));
        write("net.d", "30-c.conflist", list.formatted("closed", """
                , "loadOnlyInlinedPlugins": true, "plugins": [{"type": "bridge"}]"""));
        write("net.d", "40-d.conflist", list.formatted("empty", ""));
        write("net.d", "50-e.conflist", list.formatted("spoilt", ", \"plugins\": [{\"type\": \"bridge\"}]"));
        for (String name : List.of("web", "bare", "closed")) {
            write("net.d/" + name, "20-z.conf", "{\"type\": \"tuning\"}");
            write("net.d/" + name, "10-y.conf", "{\"type\": \"sbr\", \"capabilities\": {\"mac\": true}}");
            write("net.d/" + name, "notes.txt", "none");
        }
        write("net.d/spoilt", "10.conf", "{\"type\": \"../sh\"}");
        var found = new NetworkFiles(List.of(dir)).read();
        assertEquals(
                List.of("web", "bare", "closed"), List.copyOf(found.networks().keySet()));
        assertEquals(
                List.of("bridge", "sbr", "tuning"), found.networks().get("web").types());
        assertTrue(found.networks().get("web").takes("mac"));
        assertEquals(List.of("sbr", "tuning"), found.networks().get("bare").types());
        assertEquals(List.of("bridge"), found.networks().get("closed").types());
        assertEquals(
                List.of(
                        "cannot read " + dir + "/40-d.conflist: must have 1 to 32 plugins",
                        "cannot read " + dir + "/spoilt/10.conf: type: must be a plain file name, not '../sh'"),
                found.broken().stream().map(AestusException::message).toList());
        Network web = found.networks().get("web");
        assertEquals(web, Network.read(JsonView.of(web.toJson(), "test")));
    }

    @Test
    void a_broken_file_takes_no_other_network_away_and_is_named() throws IOException {
        Path dir = write("net.d", "10-a.conf", "{");
        write("net.d", "20-b.conf", PLUGIN.formatted("../web", "one"));
        write("net.d", "30-c.conf", PLUGIN.formatted("web", "/bin/sh"));
        write("net.d", "40-d.conflist", "{\"name\": \"none\", \"plugins\": []}");
        write("net.d", "50-e.conf", PLUGIN.formatted("good", "one"));
        write("net.d", "60-f.conf", "x".repeat((1 << 20) + 1));
        var found = new NetworkFiles(List.of(dir)).read();
        assertEquals(List.of("good"), List.copyOf(found.networks().keySet()));
        assertEquals(5, found.broken().size());
        assertEquals(
                "cannot read " + dir + "/30-c.conf: type: must be a plain file name, not '/bin/sh'",
                found.broken().get(2).message());
        var networks = PodNetworks.of(settings(dir));
        var failure = assertThrows(AestusException.class, () -> networks.requireReady("lost"));
        assertEquals(Problem.NOT_FOUND, failure.problem());
        assertEquals("cannot find network 'lost': there are good, default, default-restricted", failure.message());
        assertTrue(
                failure.remedy().orElseThrow().contains("10-a.conf"),
                failure.remedy().orElseThrow());
    }

    private NetworkSettings settings(Path dir) {
        return NetworkSettings.of(directory, List.of())
                .withConfigurations(List.of(dir))
                .withRun(directory.resolve("run"))
                .withPlugins(List.of(directory.resolve("bin")));
    }

    @Test
    void two_networks_are_built_in_unless_a_file_says_otherwise() throws IOException {
        Path dir = write("net.d", "10-a.conf", PLUGIN.formatted("default", "mine"));
        var networks = List.copyOf(PodNetworks.of(settings(dir)).list());
        assertEquals(
                List.of("default", "default-restricted"),
                networks.stream().map(Network::name).toList());
        assertEquals(List.of("mine"), networks.get(0).types());
        assertEquals(List.of("ptp", "portmap", "bandwidth"), networks.get(1).types());
        assertEquals(Network.BUILT_IN, networks.get(1).source());
    }

    @Test
    void a_network_whose_plugins_are_missing_says_what_to_install() throws IOException {
        Path dir = write("net.d", "10-a.conf", PLUGIN.formatted("web", "none"));
        var failure = assertThrows(
                AestusException.class, () -> PodNetworks.of(settings(dir)).requireReady("default"));
        assertEquals("cannot find network plugin ptp: it is not in " + directory.resolve("bin"), failure.message());
        assertTrue(failure.remedy().orElseThrow().contains("containernetworking-plugins"));
    }

    @Test
    void ipv6_is_in_the_built_in_networks_when_it_is_wanted() {
        var four = new BuiltInNetworks(settings(directory).withIpv6(NetworkSettings.Ipv6.NO));
        var both = new BuiltInNetworks(settings(directory).withIpv6(NetworkSettings.Ipv6.YES));
        String text4 = four.all().get("default").toJson().toString();
        String text6 = both.all().get("default").toJson().toString();
        assertTrue(text4.contains("172.16.28.0/24") && !text4.contains("::"), text4);
        assertTrue(text6.contains("fd61:6573:7475:7300::/64") && text6.contains("::/0"), text6);
    }

    // --- what people write

    @Test
    void networks_are_chosen_by_name_with_arguments() {
        var choices = NetworkChoice.parseAll("default:IP=172.16.28.9;X=y,other");
        assertEquals(
                List.of("default", "other"),
                choices.stream().map(NetworkChoice::network).toList());
        assertEquals("IP=172.16.28.9;X=y", choices.getFirst().argumentText());
        for (String wrong : List.of("", "a/b", "web:", "web:IP", "web:=1", "web:A=\n", "web,", "a:K=v=w")) {
            assertThrows(AestusException.class, () -> NetworkChoice.parseAll(wrong), wrong);
        }
    }

    @Test
    void a_network_or_host_port_is_asked_for_once() {
        var twice = NetworkChoice.parseAll("web,web");
        assertThrows(AestusException.class, () -> new Connections(twice, List.of()));
        var port = new PortMapping(Optional.empty(), 80, 8080, PortMapping.Protocol.TCP);
        var same = new PortMapping(Optional.empty(), 80, 9090, PortMapping.Protocol.TCP);
        var other = new PortMapping(Optional.of("127.0.0.1"), 80, 9090, PortMapping.Protocol.TCP);
        assertThrows(AestusException.class, () -> Connections.NONE.withPorts(List.of(port, same)));
        assertEquals(2, Connections.NONE.withPorts(List.of(port, other)).ports().size());
    }

    @Test
    void connections_and_networks_are_read_back_as_they_were_written() throws IOException {
        var wanted = new Connections(
                        NetworkChoice.parseAll("default:IP=172.16.28.9,other"),
                        List.of(new PortMapping(Optional.of("::1"), 80, 8080, PortMapping.Protocol.UDP)))
                .withBandwidth(new Bandwidth(OptionalLong.of(1_000_000), OptionalLong.empty()));
        assertEquals(wanted, Connections.read(JsonView.of(wanted.toJson(), "test")));
        Network network =
                List.copyOf(PodNetworks.of(settings(directory)).list()).getFirst();
        assertEquals(network, Network.read(JsonView.of(network.toJson(), "test")));
    }
}
