package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.appc.PodManifest;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodOptions.NetworkMode;
import io.aestus.network.NetworkChoice;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import io.aestus.network.PortMapping;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What {@code --net} and {@code --port} say. */
class NetworkOptionsTest {
    @TempDir
    Path dir;

    private static NetworkOptions read(String... words) {
        return NetworkOptions.read(new CommandLine(NetworkOptions.add(CommandSpec.create())).parseArgs(words));
    }

    private PodOptions connected(String... words) {
        NetworkOptions options = read(words);
        var networks = PodNetworks.of(NetworkSettings.of(dir, List.of()).withConfigurations(List.of(dir)));
        return options.connect(PodOptions.DEFAULT, PodManifest.of().withPorts(options.exposed()), () -> networks);
    }

    private List<String> networks(String... words) {
        PodOptions options = connected(words);
        assertEquals(NetworkMode.POD, options.network());
        return options.connections().networks().stream()
                .map(NetworkChoice::network)
                .toList();
    }

    @Test
    void nothing_said_is_no_network_unless_a_port_leads_into_it() {
        assertEquals(NetworkMode.NONE, connected().network());
        assertEquals(NetworkMode.HOST, connected("--net=host").network());
        assertEquals(List.of("default"), networks("--port=http:8080"));
        assertEquals(List.of("default"), networks("--port=8080:80"));
        assertEquals(List.of("backend"), networks("--port=8080:80", "--net=backend"));
        assertEquals(List.of("b", "a"), networks("--net=b:IP=10.0.0.7;X=y,a"));
        assertEquals(List.of("default", "default-restricted"), networks("--net=all"));
    }

    @Test
    void ports_are_said_by_number_or_by_name() {
        var options = read(
                "--port=80:8080",
                "--port=127.0.0.1:53:5353/udp",
                "--port=[::1]:1:2",
                "--port=7000-7002:9000-9002/sctp",
                "--port=192.0.2.1:7010-7011:90",
                "--port=http:81",
                "--port=web-2:10.0.0.1:82");
        assertEquals(
                List.of(
                        "80->8080/tcp",
                        "127.0.0.1:53->5353/udp",
                        "[::1]:1->2/tcp",
                        "7000->9000/sctp",
                        "7001->9001/sctp",
                        "7002->9002/sctp",
                        "192.0.2.1:7010->90/tcp",
                        "192.0.2.1:7011->91/tcp"),
                options.mappings().stream().map(PortMapping::toString).toList());
        assertEquals(
                List.of("http 81", "web-2 82"),
                options.exposed().stream()
                        .map(port -> port.name() + " " + port.hostPort())
                        .toList());
        assertEquals("10.0.0.1", options.exposed().get(1).hostIp().orElseThrow());
    }

    @TestFactory
    Stream<DynamicTest> what_makes_no_sense_is_wrong_usage() {
        return Stream.of(
                        "--port=80",
                        "--port=0:80",
                        "--port=80:70000",
                        "--port=80:80/icmp",
                        "--port=80-79:80",
                        "--port=80-81:80-82",
                        "--port=80:80-81",
                        "--port=65000-65010:65530",
                        "--port=1-2000:1",
                        "--port=1-2/tcp",
                        "--port=300.1.1.1:80:80",
                        "--port=http:99999",
                        "--port=http:[::1]:80",
                        "--port=HTTP:80",
                        "--net=a/b",
                        "--net=host --port=80:80",
                        "--net=none --port=http:80")
                .map(words -> DynamicTest.dynamicTest(
                        words, () -> assertThrows(WrongUsage.class, () -> read(words.split(" ", -1)))));
    }
}
