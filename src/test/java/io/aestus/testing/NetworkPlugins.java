package io.aestus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.network.NetworkSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The real CNI plugins, which change interfaces, routes and firewall rules of wherever they run: never of this host. */
public final class NetworkPlugins {
    private static final long PATIENCE_SECONDS = 600;

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

    /** Runs a program of the tests in network and mount namespaces of its own, with its loopback up, to its good end. */
    public static void inNamespaceOfItsOwn(Path directory, Class<?> program, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(
                "unshare",
                "--net",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                "ip link set lo up && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        Path said = directory.resolve("said");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), program.getSimpleName() + " goes on");
            assertEquals(0, process.exitValue(), () -> read(said));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
