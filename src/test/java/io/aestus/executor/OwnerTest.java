package io.aestus.executor;

import static io.aestus.executor.Node.app;
import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonWriter;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of pods that another process owns: its owner is asked, whatever state it is in. */
@Timeout(60)
class OwnerTest {
    private static final String FOR_EVER = "while :; do sleep 0.02; done";

    @TempDir
    Path directory;

    @AfterEach
    void end() throws IOException {
        try (var node = Node.on(directory)) {
            for (PodStatus pod : node.executor.list()) {
                node.executor.stop(pod.uuid(), StopOptions.NOW);
            }
        }
    }

    static List<Change> changes() {
        var how = StopOptions.within(Duration.ofMillis(1500)).withSignal(3);
        return List.of(
                new Change.AddApp(
                        new AppSpec(app("web", "exit 0"), AppOptions.DEFAULT.withTerminal(AppOptions.Terminal.TTY))),
                new Change.StartApp(name("web")),
                new Change.StopApp(name("web"), how),
                new Change.RemoveApp(name("web")),
                new Change.LimitApp(name("web"), Isolators.of(ResourceIsolator.Memory.limit(Quantity.parse("8Mi")))),
                new Change.StopPod(StopOptions.NOW));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void a_change_is_the_same_after_it_was_written_down(Change change) {
        byte[] text = JsonWriter.compact(change.toJson());
        assertEquals(change, Change.read(JsonReader.readOwn(text, "a change")));
    }

    @Test
    void a_process_of_its_own_serves_changes() throws Exception {
        try (var owner = OwnerProcess.start(directory, Isolation.PLAIN, OwnerProcess.Task.LOOK_AFTER);
                var node = Node.on(directory)) {
            var pod = PodUuid.parse(owner.hear());
            node.executor.addApp(pod, AppSpec.of(app("more", "echo more; exit 6")));
            node.executor.startApp(pod, name("more"));
            assertEquals(ExitStatus.ofCode(6), node.end(pod, "more"));
            node.executor.removeApp(pod, name("more"));
            assertTrue(node.executor.status(pod).app(name("more")).isEmpty());
            node.executor.stop(pod, StopOptions.NOW);
            node.end(pod);
        }
    }

    @Test
    void an_owner_that_is_killed_is_followed_by_who_asks() throws Exception {
        try (var owner = OwnerProcess.start(directory, Isolation.PLAIN, OwnerProcess.Task.LOOK_AFTER);
                var node = Node.on(directory)) {
            var pod = PodUuid.parse(owner.hear());
            node.executor.addApp(pod, AppSpec.of(app("more", FOR_EVER)));
            owner.kill();
            node.executor.startApp(pod, name("more"));
            node.executor.stopApp(pod, name("more"), StopOptions.NOW);
            assertEquals(137, node.end(pod, "more").code());
            awaitOwners(1); // that of the one that was killed is removed
        }
        assertEquals(0, owners().size());
    }

    @Test
    void an_owner_that_hangs_is_not_waited_for_longer_than_patience_and_not_at_all_to_stop() throws Exception {
        try (var node = Node.on(directory);
                var other = new Node(
                        directory, node.stage1, ExecutorConfig.of(directory).withPatience(Duration.ofSeconds(3)))) {
            var pod = node.run(sandbox(app("web", FOR_EVER)));
            awaitOwners(1);
            Files.writeString(directory.resolve("pods/" + pod + "/owner"), ""); // as one that cannot be asked
            var refused = assertThrows(AestusException.class, () -> other.executor.startApp(pod, name("web")));
            assertEquals(Problem.CONFLICT, refused.problem());
            assertEquals(
                    "cannot start app web: another process looks after the pod and does not answer", refused.message());
            other.executor.stop(pod, StopOptions.NOW);
            other.end(pod);
        }
    }

    @Test
    void an_owner_that_takes_the_question_and_says_nothing_is_named() throws Exception {
        try (var node = Node.on(directory);
                var silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            var pod = node.run(sandbox(app("web", FOR_EVER)));
            awaitOwners(1);
            silent.bind(UnixDomainSocketAddress.of(directory.resolve("owners/1.1.1")));
            Files.writeString(directory.resolve("pods/" + pod + "/owner"), "1.1.1");
            try (var other = node.neighbour()) {
                var refused = assertThrows(AestusException.class, () -> other.executor.startApp(pod, name("web")));
                assertEquals(Problem.UNAVAILABLE, refused.problem());
                assertTrue(refused.message().endsWith("says nothing for 10 s"), refused.message());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense\n", "{}\n", "{\"pod\":\"x\",\"change\":{}}\n", "[[[[[[\n"})
    void nonsense_on_the_socket_harms_nobody(String nonsense) throws Exception {
        try (var node = Node.on(directory)) {
            var pod = node.run(sandbox(app("web", FOR_EVER)));
            awaitOwners(1);
            for (Path socket : owners()) {
                try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                    channel.write(ByteBuffer.wrap(nonsense.getBytes(StandardCharsets.UTF_8)));
                    channel.shutdownOutput();
                    channel.read(ByteBuffer.allocate(1000));
                }
            }
            try (var other = node.neighbour()) {
                other.executor.stopApp(pod, name("web"), StopOptions.NOW);
            }
        }
    }

    @Test
    void two_stops_of_one_app_by_others_go_on_at_the_same_time_and_the_shorter_grace_wins() throws Exception {
        try (var node = Node.on(directory);
                var other = node.neighbour()) {
            var pod = node.run(sandbox(app("web", "trap '' TERM; " + FOR_EVER)));
            var patient = Thread.ofPlatform()
                    .start(() -> other.executor.stopApp(pod, name("web"), StopOptions.within(Duration.ofMinutes(5))));
            other.executor.stopApp(pod, name("web"), StopOptions.NOW);
            patient.join();
            assertEquals(137, node.end(pod, "web").code());
        }
    }

    @Test
    void a_data_directory_may_lie_deep() throws Exception {
        Path deep = Files.createDirectories(directory.resolve("d".repeat(60)).resolve("e".repeat(60)));
        try (var node = Node.on(deep);
                var other = node.neighbour()) {
            var pod = node.run(sandbox());
            other.executor.addApp(pod, AppSpec.of(app("web", "exit 0")));
            assertEquals(Optional.empty(), other.executor.waitFor(pod, Duration.ZERO));
            other.executor.stop(pod, StopOptions.NOW);
        }
    }

    private List<Path> owners() throws IOException {
        Path owners = directory.resolve("owners");
        if (!Files.isDirectory(owners)) {
            return List.of();
        }
        try (var entries = Files.list(owners)) {
            return entries.toList();
        }
    }

    private void awaitOwners(int wanted) throws Exception {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        while (owners().size() != wanted || !announced()) {
            assertTrue(System.nanoTime() < deadline, () -> "not " + wanted + " owners");
            Thread.onSpinWait();
        }
    }

    private boolean announced() throws IOException {
        try (var pods = Files.list(directory.resolve("pods"))) {
            for (Path pod : pods.toList()) {
                if (Files.size(pod.resolve("owner")) == 0) {
                    return false;
                }
            }
        }
        return true;
    }
}
