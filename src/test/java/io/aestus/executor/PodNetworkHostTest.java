package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.network.NetworkSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods in networks made by the real plugins, each scenario in a network and mount namespace of its own. */
@Tag("host")
class PodNetworkHostTest {
    private static final long PATIENCE_SECONDS = 240;

    @TempDir
    Path directory;

    @BeforeAll
    static void requirePlugins() {
        assumeTrue(
                NetworkSettings.USUAL_PLUGINS.stream().anyMatch(dir -> Files.isExecutable(dir.resolve("ptp"))),
                "no CNI plugins on this host (containernetworking-plugins)");
        assumeTrue(
                List.of("/usr/sbin/iptables", "/sbin/iptables").stream().anyMatch(file -> Files.exists(Path.of(file))),
                "no iptables on this host, which the plugins use");
    }

    private void play(NetworkScenario scenario) throws Exception {
        var command = List.of(
                "unshare",
                "--net",
                "--mount",
                "--propagation",
                "private",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                NetworkScenario.class.getName(),
                directory.toString(),
                scenario.name());
        Path said = directory.resolve("said");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), scenario + " goes on");
            assertEquals(0, process.exitValue(), () -> read(said));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void pods_reach_each_other_the_host_and_what_is_behind_it_unless_they_are_restricted() throws Exception {
        play(NetworkScenario.TRAFFIC);
    }

    @Test
    void ports_of_the_host_lead_into_a_pod_by_number_and_by_name_until_it_ends() throws Exception {
        play(NetworkScenario.PORTS);
    }

    @Test
    void a_pod_in_several_networks_has_their_addresses_and_name_servers() throws Exception {
        play(NetworkScenario.SEVERAL_NETWORKS);
    }

    @Test
    void a_network_that_refuses_a_pod_leaves_nothing_of_it_in_the_others() throws Exception {
        play(NetworkScenario.REFUSED);
    }

    @Test
    void who_takes_a_pod_over_takes_it_out_of_its_networks_even_if_it_died_meanwhile() throws Exception {
        play(NetworkScenario.OWNER_GONE);
    }

    @Test
    void fifty_pods_leave_no_address_interface_or_rule() throws Exception {
        play(NetworkScenario.MANY);
    }
}
