package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that owns pods is killed at any moment; the next one makes good. */
@Timeout(120)
abstract class CrashContract {
    private final Isolation isolation;

    @TempDir
    Path directory;

    CrashContract(Isolation isolation) {
        this.isolation = isolation;
    }

    @AfterEach
    void nothing_is_left() throws IOException, InterruptedException {
        try (var node = Node.on(directory, isolation)) {
            for (PodStatus pod : node.executor.list()) {
                node.executor.stop(pod.uuid(), StopOptions.NOW);
                node.executor.remove(pod.uuid());
            }
            letAgeWhatWasCutShort();
            node.executor.gc(GcOptions.DEFAULT);
        }
        assertEquals(List.of(), isolation.left(directory));
        try (var left = Files.list(directory.resolve("pods"))) {
            assertEquals(List.of(), left.toList(), "files left");
        }
    }

    /** A directory without a record may be a pod that is being made; only after a minute it is none. */
    private void letAgeWhatWasCutShort() throws IOException {
        try (var pods = Files.newDirectoryStream(directory.resolve("pods"))) {
            for (Path pod : pods) {
                Files.setLastModifiedTime(pod, FileTime.from(Instant.now().minus(Duration.ofMinutes(2))));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 30, 150, 400})
    void no_line_and_no_exit_is_lost_when_the_owner_is_killed(long afterMillis) throws Exception {
        PodUuid pod;
        try (var owner = OwnerProcess.start(directory, isolation, OwnerProcess.Task.LOOK_AFTER)) {
            pod = PodUuid.parse(owner.hear());
            LockSupport.parkNanos(afterMillis * 1_000_000);
            owner.kill();
        }
        try (var node = Node.on(directory, isolation)) {
            LockSupport.parkNanos(700_000_000); // the brief app ends, and the counter fills its pipe
            assertEquals(ExitStatus.ofCode(3), node.end(pod, "counter"));
            assertEquals(ExitStatus.ofCode(4), node.end(pod, "brief"));
            assertEquals(List.of("stdout F over"), node.log(pod, "brief"));
            assertEquals(1000, countedTo(node.log(pod, "counter")));
        }
    }

    /** The last number of a log in which each is once, in order; but one run of them may come twice. */
    static int countedTo(List<String> log) {
        var repeated = new ArrayList<String>();
        int last = 0;
        int jumps = 0;
        for (String line : log) {
            int number = Integer.parseInt(line.substring("stdout F line ".length()));
            if (number <= last) {
                repeated.add(line);
                jumps += repeated.size() == 1 ? 1 : 0;
            } else {
                assertEquals(last + 1, number, () -> "a line is missing; repeated: " + repeated);
                last++;
            }
        }
        assertTrue(jumps <= 1, () -> "repeated: " + repeated);
        return last;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 4, 9, 17, 40, 90, 200})
    void a_pod_half_made_or_half_ended_is_understood(long afterMillis) throws Exception {
        try (var owner = OwnerProcess.start(directory, isolation, OwnerProcess.Task.COME_AND_GO)) {
            owner.hear();
            LockSupport.parkNanos(afterMillis * 1_000_000);
            owner.kill();
        }
        try (var node = Node.on(directory, isolation)) {
            for (PodStatus pod : takenOver(node)) {
                switch (pod.state()) {
                    case PodState.Prepared _, PodState.Aborted _, PodState.Exited _ ->
                        assertEquals(List.of(), runningApps(pod), () -> "apps run in " + pod.state());
                    case PodState.Running _ -> node.executor.stop(pod.uuid(), StopOptions.NOW);
                    case PodState.Starting _ -> throw new AssertionError("half made: " + pod);
                }
            }
        }
        assertEquals(List.of(), isolation.left(directory));
    }

    /** A child that was being launched when its owner was killed has that one's locks for a moment more. */
    static List<PodStatus> takenOver(Node node) {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        List<PodStatus> pods = node.executor.list();
        while (System.nanoTime() < deadline
                && pods.stream().anyMatch(pod -> pod.state() instanceof PodState.Starting)) {
            LockSupport.parkNanos(10_000_000);
            pods = node.executor.list();
        }
        return pods;
    }

    private static List<AppStatus> runningApps(PodStatus pod) {
        return pod.apps().stream()
                .filter(app -> app.state() instanceof AppState.Running)
                .toList();
    }
}
