package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Owners that make and end several pods at a time are killed at random moments, also between the steps of a launch: no app, no
 * log line, no exit code and no terminal is lost. Each kill is such a moment for {@link OwnerProcess#CHURNERS} pods.
 */
@Tag("host")
@Timeout(120)
class ChurnTest {
    private static final int MOMENTS = 200;
    private static final int MOMENTS_AHEAD = 40;
    private static final int MOMENTS_WITH_KEEPER = 40;
    private static final long LATEST_NANOS = 250_000_000;

    @TempDir
    Path directory;

    static Stream<Arguments> moments() {
        return Stream.of(
                        moments(Isolation.NATIVE, MOMENTS),
                        moments(Isolation.NATIVE_AHEAD, MOMENTS_AHEAD),
                        moments(Isolation.NATIVE_WITH_KEEPER, MOMENTS_WITH_KEEPER))
                .flatMap(moments -> moments);
    }

    private static Stream<Arguments> moments(Isolation isolation, int count) {
        return new Random()
                .longs(count / OwnerProcess.CHURNERS, 0, LATEST_NANOS)
                .mapToObj(moment -> Arguments.of(isolation, moment));
    }

    @ParameterizedTest(name = "{0} after {1} ns")
    @MethodSource("moments")
    void nothing_is_lost(Isolation isolation, long moment) throws Exception {
        Files.createDirectories(directory.resolve("pods"));
        try (var owner = OwnerProcess.start(directory, isolation, OwnerProcess.Task.CHURN)) {
            owner.hear();
            LockSupport.parkNanos(moment);
            owner.kill();
        }
        var config = isolation.config(directory).withAdoption(ExecutorConfig.Adoption.ALL);
        try (var node = new Node(directory, isolation.successor().open(directory), config)) {
            for (PodStatus pod : CrashContract.takenOver(node)) {
                assertCounter(node, pod.uuid());
                assertAnswerer(node, pod.uuid());
                node.executor.stop(pod.uuid(), StopOptions.NOW);
                node.executor.remove(pod.uuid());
            }
            assertEquals(List.of(), node.executor.list());
            collect(node);
        }
        assertEquals(List.of(), isolation.left(directory), "left on the host");
    }

    /** What was killed just now may be on its way out still: then the keeper of its end goes with a later collection. */
    private void collect(Node node) {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        do {
            node.executor.gc(GcOptions.DEFAULT);
            assertTrue(System.nanoTime() < deadline, "the keeper is there");
        } while (Files.exists(directory.resolve("exits/keeper")));
    }

    /** It goes on to its end, or had ended, or was killed by its owner. */
    private static void assertCounter(Node node, PodUuid pod) throws InterruptedException {
        if (began(node, pod, "counter")) {
            ExitStatus status = node.end(pod, "counter");
            int count = CrashContract.countedTo(node.log(pod, "counter"));
            if (!wasCutShort(status)) {
                assertEquals(ExitStatus.ofCode(7), status);
                assertEquals(OwnerProcess.LAST_COUNT, count);
            }
        }
    }

    /** If it runs, it still listens at its terminal. What its owner has just killed may seem to run for a moment more. */
    private static void assertAnswerer(Node node, PodUuid pod) throws IOException, InterruptedException {
        if (began(node, pod, "answerer")) {
            ExitStatus status = state(node, pod, "answerer") instanceof AppState.Running
                    ? answer(node, pod)
                    : node.end(pod, "answerer");
            if (!wasCutShort(status)) {
                assertEquals(ExitStatus.ofCode(9), status);
                List<String> log = node.log(pod, "answerer");
                assertTrue(log.contains("stdout F got one\r"), log::toString);
            }
        }
    }

    private static ExitStatus answer(Node node, PodUuid pod) throws IOException, InterruptedException {
        try (var terminal = node.executor.attach(pod, Node.name("answerer"))) {
            terminal.stdin().write("one\n".getBytes(StandardCharsets.UTF_8));
            return terminal.waitFor(Node.SOON).orElseThrow();
        } catch (AestusException e) {
            assertTrue(e.message().endsWith(": it does not run"), e.message());
            return node.end(pod, "answerer");
        }
    }

    /** Its owner killed it, or was itself killed while it started it. */
    private static boolean wasCutShort(ExitStatus status) {
        return status.equals(ExitStatus.ofSignal(9)) || status.ending() instanceof ExitStatus.Ending.NotStarted;
    }

    /** In a pod that runs an app begins at last, whoever began to start it. */
    private static boolean began(Node node, PodUuid pod, String app) {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        while (state(node, pod, app) instanceof AppState.Created
                && node.executor.status(pod).state() instanceof PodState.Running) {
            assertTrue(System.nanoTime() < deadline, () -> app + " never begins in " + node.executor.status(pod));
            Thread.onSpinWait();
        }
        return !(state(node, pod, app) instanceof AppState.Created);
    }

    private static AppState state(Node node, PodUuid pod, String app) {
        return node.executor.status(pod).requireApp(Node.name(app)).state();
    }
}
