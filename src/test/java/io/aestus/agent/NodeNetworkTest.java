package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which network Kubernetes' pods are attached to, and what the kubelet is told of it. */
class NodeNetworkTest {
    @TempDir
    Path directory;

    private NodeNetwork network(Optional<String> set) {
        var networks = PodNetworks.of(NetworkSettings.of(directory, List.of())
                .withConfigurations(List.of(directory))
                .withPlugins(List.of(directory)));
        return new NodeNetwork(networks, set, directory);
    }

    private void add(String file, String name) throws IOException {
        Files.writeString(
                directory.resolve(file),
                "{\"name\": \"%s\", \"cniVersion\": \"1.0.0\", \"type\": \"any\"}".formatted(name));
    }

    @Test
    void it_is_what_is_set_else_the_first_that_the_host_shares() throws IOException {
        var none = assertThrows(
                AestusException.class, () -> network(Optional.empty()).name());
        assertEquals(Problem.UNSUPPORTED, none.problem());
        assertEquals(Optional.of(none.message()), network(Optional.empty()).obstacle());
        add("20-b.conf", "b");
        add("10-a.conf", "a");
        assertEquals("a", network(Optional.empty()).name());
        assertEquals("b", network(Optional.of("b")).name());
    }

    @Test
    void it_is_ready_when_its_plugins_are_there_and_the_answer_is_kept_for_a_while() throws IOException {
        add("10-a.conf", "a");
        NodeNetwork network = network(Optional.empty());
        Optional<String> missing = Optional.of("cannot find network plugin any: it is not in " + directory);
        assertEquals(missing, network.obstacle());
        Path plugin = Files.writeString(directory.resolve("any"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwx------"));
        assertEquals(missing, network.obstacle());
        assertEquals(Optional.empty(), network(Optional.empty()).obstacle());
    }
}
