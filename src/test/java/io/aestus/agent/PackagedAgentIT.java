package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.client.AestusClient;
import io.aestus.client.RuntimeVersion;
import io.aestus.executor.AppState;
import io.aestus.executor.PodSnapshot;
import io.aestus.executor.PodState;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as it is shipped, as a process of its own: what is packaged works, and losing it stops no app. */
@Tag("host")
class PackagedAgentIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path temporary;

    private final HttpClient http = HttpClient.newHttpClient();
    private Path data;
    private Path manifests;
    private int port;
    private @Nullable Process agent;

    private record App(long pid, String pod) {}

    @BeforeEach
    void prepare() throws IOException {
        data = temporary.resolve("node");
        manifests = Files.createDirectory(temporary.resolve("manifests"));
        var settings = NodeSettings.read(Map.of("aestus.dir", data.toString(), "aestus.node.name", "node-a")::get);
        BusyboxImage.importInto(settings, temporary);
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void removePods() throws Exception {
        if (agent == null || !agent.isAlive()) {
            start();
        }
        Files.deleteIfExists(manifests.resolve("hello.yaml"));
        await("every pod is gone", () -> pods().isEmpty() ? Optional.of(true) : Optional.empty());
        end(false);
        http.close();
    }

    private void start() throws IOException {
        List<String> command = PackagedAgent.command(
                "--dir=" + data,
                "--manifests=" + manifests,
                "--node-name=node-a",
                "--insecure-options=image",
                "--set=aestus.kubernetes.enabled=false",
                "--set=aestus.http.port=" + port);
        Path log = temporary.resolve("agent.log");
        agent = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        await("the agent is ready", () -> answer("/health/ready").filter(text -> text.contains("\"status\": \"UP\"")));
    }

    private void end(boolean forcibly) throws InterruptedException {
        Process running = java.util.Objects.requireNonNull(agent);
        var ignored = forcibly ? running.destroyForcibly() : running.toHandle().destroy();
        assertTrue(running.waitFor(30, TimeUnit.SECONDS), "the agent did not end: " + ignored);
        agent = null;
    }

    /** The body, if the answer is 200. */
    private Optional<String> answer(String path) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            var response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return Optional.of(response.body()).filter(_ -> response.statusCode() == 200);
        } catch (IOException e) {
            return Optional.empty(); // not there yet
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<io.aestus.executor.PodStatus> pods() {
        return PodSnapshot.list(data).orElse(List.of());
    }

    private App runningApp() throws IOException {
        return await("the app runs", () -> pods().stream()
                .filter(pod -> pod.state() instanceof PodState.Running)
                .filter(pod -> pod.apps().getFirst().state() instanceof AppState.Running)
                .map(pod -> new App(
                        ((AppState.Running) pod.apps().getFirst().state()).pid(),
                        pod.uuid().toString()))
                .findFirst());
    }

    private <T> T await(String what, Supplier<Optional<T>> look) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (var found = look.get(); ; found = look.get()) {
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() > deadline || (agent != null && !agent.isAlive())) {
                throw new AssertionError(
                        "in vain: " + what + "; its log:\n" + Files.readString(temporary.resolve("agent.log")));
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    @Test
    void it_tells_its_health_its_figures_and_its_version() throws IOException {
        start();
        assertTrue(answer("/health/live").orElseThrow().contains("UP"));
        String figures = answer("/metrics").orElseThrow();
        assertTrue(figures.contains("\naestus_pods{state=\"running\"} 0.0\n"), figures);
        try (var client = AestusClient.connect(data.resolve("run/cri.sock"))) {
            assertEquals(new RuntimeVersion("aestus", version(), "v1"), client.version());
            assertEquals(
                    List.of("example.com/hello:1.0.0"),
                    client.images().getFirst().names());
        }
    }

    private static String version() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        return pom.substring(pom.indexOf("<version>") + "<version>".length(), pom.indexOf("</version>"));
    }

    @Test
    void an_app_survives_an_agent_that_is_killed_or_stopped_and_the_next_one_takes_it_over() throws Exception {
        start();
        Files.copy(Path.of("examples/hello.yaml"), temporary.resolve("hello.yaml"));
        Files.move(temporary.resolve("hello.yaml"), manifests.resolve("hello.yaml"), StandardCopyOption.ATOMIC_MOVE);
        App app = runningApp();
        end(true);
        assertEquals(app, runningApp());
        start();
        assertEquals(app, runningApp());
        end(false);
        assertTrue(ProcessHandle.of(app.pid()).isPresent(), "the app ended with the agent");
        start();
        await("the pod is counted", () -> answer("/metrics")
                .filter(text -> text.contains("\naestus_pods{state=\"running\"} 1.0\n")));
        assertEquals(app, runningApp());
    }
}
