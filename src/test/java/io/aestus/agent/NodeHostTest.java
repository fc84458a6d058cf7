package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cli.OciBox;
import io.aestus.executor.AppState;
import io.aestus.executor.Executor;
import io.aestus.executor.ExecutorConfig;
import io.aestus.executor.NativeStage1;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.executor.StopOptions;
import io.aestus.executor.StoreTrees;
import io.aestus.fetch.TestRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole node without its HTTP side: manifests in, real processes out. */
@Tag("host")
class NodeHostTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path temporary;

    private Path manifests;
    private NodeSettings settings;
    private Node node;

    @BeforeEach
    void start() throws IOException {
        manifests = Files.createDirectory(temporary.resolve("manifests"));
        var set = new HashMap<>(Map.of(
                "aestus.dir",
                temporary.resolve("node").toString(),
                "aestus.manifests.dir",
                manifests.toString(),
                "aestus.kubernetes.enabled",
                "false",
                "aestus.node.name",
                "node-a",
                "aestus.insecure.options",
                "image"));
        settings = NodeSettings.read(set::get);
        BusyboxImage.importInto(settings, temporary);
        node = Node.open(settings, "test");
        node.start();
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
        var stage1 = NativeStage1.open(settings.dir(), new StoreTrees(node.images()), Clock.systemUTC());
        try (var executor = Executor.open(ExecutorConfig.of(settings.dir()), stage1)) {
            for (PodStatus pod : executor.list()) {
                executor.stop(pod.uuid(), StopOptions.NOW);
                executor.remove(pod.uuid());
            }
        }
    }

    private void write(String name, String text) throws IOException {
        Path next = Files.writeString(temporary.resolve("next"), text);
        Files.move(next, manifests.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private <T> T await(String what, Supplier<Optional<T>> look) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            var found = look.get();
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what + "; pods: "
                        + node.executor().list());
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private PodStatus runningPod() {
        return await("a pod runs", () -> node.executor().list().stream()
                .filter(pod -> pod.state() instanceof PodState.Running)
                .filter(pod -> pod.apps().stream().allMatch(app -> app.state() instanceof AppState.Running))
                .findFirst());
    }

    private static String hello(String more) {
        return """
                apiVersion: aestus.io/v1alpha1
                kind: AppPod
                metadata: {name: hello}
                spec:
                  terminationGracePeriodSeconds: 1
                  apps: [{name: hello, image: {name: example.com/hello}%s}]
                """.formatted(more);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello.yaml", "shop.yaml"})
    void an_example_runs(String example) throws IOException {
        write(example, Files.readString(Path.of("examples", example)));
        assertFalse(runningPod().apps().isEmpty());
    }

    @Test
    void a_pod_is_one_that_was_made_ahead() throws IOException {
        Path marks = settings.dir().resolve("spares");
        var ahead = await("pods are made ahead", () -> marked(marks));
        write("hello.yaml", hello(""));
        assertTrue(ahead.contains(runningPod().uuid().toString()), ahead::toString);
    }

    private static Optional<List<String>> marked(Path marks) {
        try (var files = Files.list(marks)) {
            var names = files.map(file -> file.getFileName().toString()).toList();
            return names.size() < 2 ? Optional.empty() : Optional.of(names); // the second is ready, or becomes so
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void an_oci_image_runs_by_its_name_at_a_registry() throws IOException {
        try (var registry = TestRegistry.open().push("box", "1", OciBox.build())) {
            write(
                    "hello.yaml",
                    hello("")
                            .replace(
                                    "{name: example.com/hello}",
                                    "{oci: '" + registry.name() + "/box:1'}, exec: [/bin/sleep, '1000']"));
            PodStatus pod = runningPod();
            var stored = node.images().require(pod.apps().getFirst().image());
            assertEquals(registry.name() + "/box:1", stored.shownName());
        }
    }

    @Test
    void the_example_of_a_job_runs_to_its_end_and_stays_there() throws IOException {
        write("job.yaml", Files.readString(Path.of("examples/job.yaml")));
        var exited = await("the job ends", () -> node.executor().list().stream()
                .map(PodStatus::state)
                .filter(PodState.Exited.class::isInstance)
                .map(PodState.Exited.class::cast)
                .findFirst());
        assertEquals(0, exited.code());
        Path status = settings.dir().resolve("manifests-status/default_job.json");
        await("the status says so", () -> Optional.of(status)
                .filter(Files::exists)
                .filter(file -> read(file).contains("\"Succeeded\"")));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_pod_lives_as_long_as_its_file_and_survives_the_agent() throws IOException {
        write("hello.yaml", hello(""));
        PodStatus before = runningPod();
        long pid = ((AppState.Running) before.apps().getFirst().state()).pid();
        node.close();
        assertTrue(ProcessHandle.of(pid).isPresent(), "the app ended with the agent");
        node = Node.open(settings, "test");
        node.start();
        assertEquals(before.uuid(), runningPod().uuid());
        assertEquals(pid, ((AppState.Running) runningPod().apps().getFirst().state()).pid());
        Files.delete(manifests.resolve("hello.yaml"));
        await("the pod is gone", () -> node.executor().list().isEmpty() ? Optional.of(true) : Optional.empty());
        assertTrue(ProcessHandle.of(pid).isEmpty(), "the app runs without its pod");
    }

    @Test
    void metrics_count_pods_apps_and_exits() throws IOException {
        var registry = new SimpleMeterRegistry();
        new NodeMetrics(registry).watch(node);
        write("hello.yaml", hello(", exec: [/bin/busybox, sh, -c, 'exit 3']"));
        await("an exit is counted", () -> Optional.of(registry.get("aestus.app.exits")
                        .tag("reason", "error")
                        .counter()
                        .count())
                .filter(count -> count >= 1));
        await("the pod is counted", () -> Optional.of(registry.get("aestus.pods")
                        .tag("state", "running")
                        .gauge()
                        .value())
                .filter(count -> count == 1));
    }

    @Test
    void a_changed_file_replaces_the_pod() throws IOException {
        write("hello.yaml", hello(""));
        var before = runningPod().uuid();
        write("hello.yaml", hello(", environment: [{name: A, value: b}]"));
        await("another pod runs", () -> node.executor().list().stream()
                .filter(pod -> !pod.uuid().equals(before) && pod.state() instanceof PodState.Running)
                .findFirst());
        assertEquals(1, node.executor().list().size());
    }

    @Test
    void an_app_is_ready_once_its_probe_succeeds_in_it() throws IOException {
        write(
                "hello.yaml",
                hello(", exec: [/bin/busybox, sh, -c, 'echo $$ >/ready; exec /bin/busybox sleep 600'], readinessProbe:"
                        + " {exec: [/bin/busybox, test, -s, /ready], periodSeconds: 1, timeoutSeconds: 10}"));
        Path status = settings.dir().resolve("manifests-status/default_hello.json");
        await("the app is ready", () -> Optional.of(status)
                .filter(Files::exists)
                .filter(file -> read(file).contains("\"AppsRunning\"")));
        write(
                "hello.yaml",
                hello(", exec: [/bin/busybox, sh, -c, 'echo $$ >/ready; exec /bin/busybox sleep 600'], readinessProbe:"
                        + " {exec: [/bin/busybox, sleep, '60'], periodSeconds: 1, timeoutSeconds: 1}"));
        await("a probe that takes too long has failed", () -> Optional.of(status)
                .filter(file -> read(file).contains("\"AppsNotReady\"")));
        assertTrue(runningPod().apps().stream().allMatch(app -> app.starts() == 1), "a probe restarts nothing");
    }

    @Test
    void an_app_is_ready_once_it_answers_over_http_in_its_own_network() throws IOException {
        String serving = ", exec: [/bin/busybox, sh, -c, 'echo up >/up; exec /bin/busybox httpd -f -p 8080 -h /'],"
                + " ports: [{name: http, containerPort: 8080}], readinessProbe: ";
        Path status = settings.dir().resolve("manifests-status/default_hello.json");
        for (String[] probe : new String[][] {
            {"{httpGet: {port: http, path: /up}", "AppsRunning"},
            {"{httpGet: {port: 8080, path: /down}", "AppsNotReady"}, // 404
            {"{tcpSocket: {port: 8080}", "AppsRunning"},
            {"{tcpSocket: {port: 8081}", "AppsNotReady"} // refused
        }) {
            write(
                    "hello.yaml",
                    hello(serving + probe[0] + ", periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 1}"));
            await(probe[1] + " by " + probe[0], () -> Optional.of(status)
                    .filter(Files::exists)
                    .filter(file -> read(file).contains('"' + probe[1] + '"')));
        }
    }

    @Test
    void an_app_that_ends_is_started_again() throws IOException {
        write("hello.yaml", hello(", exec: [/bin/busybox, sh, -c, 'exit 3']"));
        int starts = await("it is started again", () -> node.executor().list().stream()
                .flatMap(pod -> pod.apps().stream())
                .map(app -> app.starts())
                .filter(count -> count >= 2)
                .findFirst());
        assertEquals(2, starts, "the second time at once, the third after a while");
    }
}
