package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interfaces of the host that apps have while they run, by a pair of virtual ones. */
@Tag("host")
class InterfaceMovesTest {
    private static final String NAME = "aeh" + ProcessHandle.current().pid() % 100_000;
    private static final String PEER = "aep" + ProcessHandle.current().pid() % 100_000;

    @TempDir
    Path directory;

    private Stage1Host host;

    @BeforeEach
    void open() throws Exception {
        Assumptions.assumeTrue(
                run("ip", "link", "add", NAME, "type", "veth", "peer", "name", PEER)
                        .isPresent(),
                "no ip(8), or a kernel without veth");
        for (String address : List.of("192.0.2.7/24", "2001:db8::7/64")) {
            assertTrue(run("ip", "addr", "add", address, "dev", NAME).isPresent(), address);
        }
        host = new Stage1Host(directory);
    }

    @AfterEach
    void close() throws Exception {
        if (host != null) {
            host.close();
        }
        run("ip", "link", "del", PEER); // and the other with it
    }

    /** What a command says; empty if it fails. */
    private static Optional<String> run(String... command) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException _) {
            return Optional.empty();
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? Optional.of(said) : Optional.empty();
    }

    private static AppOptions with(MovedInterface... interfaces) {
        return AppOptions.DEFAULT.withEdits(new HostEdits("test", List.of(), List.of(interfaces), Optional.empty()));
    }

    private static Stage1.AppPlace app(RunningPod pod, String name, MovedInterface... interfaces) throws IOException {
        return pod.prepare(name, Stage1Host.shell("exec sleep 1000"), change -> change, with(interfaces));
    }

    private static String inside(RunningPod pod) throws Exception {
        return run("nsenter", "--net=/proc/" + pod.first.pid() + "/ns/net", "ip", "-o", "addr")
                .orElseThrow();
    }

    private static boolean isOnHost() throws Exception {
        return run("ip", "link", "show", NAME).isPresent();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_app_has_it_under_another_name_with_its_addresses_until_its_end(boolean isPrivate) throws Exception {
        try (RunningPod pod = host.start(Users.of(isPrivate).options())) {
            Stage1.AppPlace place = app(pod, "app", new MovedInterface(NAME, "data0"));
            try (var _ = pod.start(place)) {
                assertFalse(isOnHost(), "it is on the host still");
                String links = inside(pod);
                assertTrue(links.contains("data0"), links);
                assertTrue(links.contains("192.0.2.7/24") && links.contains("2001:db8::7/64"), links);
                String link = run(
                                "nsenter", "--net=/proc/" + pod.first.pid() + "/ns/net", "ip", "link", "show", "data0")
                        .orElseThrow();
                assertTrue(link.contains("UP"), link);
            }
            assertTrue(isOnHost(), "it was not given back");
            String back = run("ip", "addr", "show", NAME).orElseThrow();
            assertTrue(back.contains("192.0.2.7/24") && back.contains("2001:db8::7/64"), back);
        }
    }

    @Test
    void what_another_app_has_is_refused_and_stays_with_it() throws Exception {
        try (RunningPod pod = host.start(PodOptions.DEFAULT);
                var _ = pod.start(app(pod, "first", new MovedInterface(NAME, "data0")))) {
            var refused = assertThrows(
                    AestusException.class, () -> pod.start(app(pod, "second", new MovedInterface(NAME, "data1"))));
            assertEquals(
                    "cannot give app second interface " + NAME + " of the host: the host has none of that name",
                    refused.message());
            var taken = assertThrows(
                    AestusException.class, () -> pod.start(app(pod, "third", new MovedInterface(PEER, "data0"))));
            assertTrue(taken.message().endsWith("its pod has an interface data0 already"), taken.message());
            assertTrue(inside(pod).contains("data0"), "the first one has lost it");
        }
    }

    @Test
    void all_are_given_back_when_one_cannot_be_had() throws Exception {
        try (RunningPod pod = host.start(PodOptions.DEFAULT)) {
            var place = app(pod, "app", new MovedInterface(NAME, "data0"), new MovedInterface("nowhere0", "data1"));
            assertThrows(AestusException.class, () -> pod.start(place));
            assertTrue(isOnHost(), "it was not given back");
        }
    }

    @Test
    void a_pod_in_the_hosts_network_has_none() throws Exception {
        var options = PodOptions.DEFAULT.withNetwork(PodOptions.NetworkMode.HOST);
        try (RunningPod pod = host.start(options)) {
            var refused = assertThrows(
                    AestusException.class, () -> pod.start(app(pod, "app", new MovedInterface(NAME, "data0"))));
            assertTrue(refused.message().endsWith("its pod is in the host's network"), refused.message());
            assertTrue(isOnHost());
        }
    }
}
