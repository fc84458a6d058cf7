package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.appc.PodUuid;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several that remove the same thing at once: it is gone, once, and nobody is told of a failure. */
class RemovalTest {
    private static final int ROUNDS = 20;
    private static final int CALLERS = 4;

    @TempDir
    Path directory;

    private static void atOnce(Runnable removal) throws Exception {
        var barrier = new CyclicBarrier(CALLERS);
        var callers = new ArrayList<FutureTask<Boolean>>();
        for (int i = 0; i < CALLERS; i++) {
            Callable<Boolean> call = () -> {
                barrier.await();
                removal.run();
                return true;
            };
            callers.add(new FutureTask<>(call));
        }
        callers.forEach(caller -> Thread.ofPlatform().start(caller));
        for (var caller : callers) {
            caller.get();
        }
    }

    @Test
    void a_pod_can_be_removed_by_several_at_once() throws Exception {
        try (var node = Node.on(directory);
                var neighbour = node.neighbour()) {
            for (int i = 0; i < ROUNDS; i++) {
                PodUuid pod = node.executor.prepare(Node.pod(Node.app("web", "exit 0")));
                atOnce(() -> node.executor.remove(pod));
                neighbour.executor.remove(pod);
            }
            assertEquals(List.of(), node.executor.list());
        }
    }

    @Test
    void an_app_can_be_removed_by_several_at_once() throws Exception {
        try (var node = Node.on(directory)) {
            PodUuid pod = node.run(Node.sandbox());
            for (int i = 0; i < ROUNDS; i++) {
                var app = Node.app("web", "sleep 1000");
                node.executor.addApp(pod, new AppSpec(app, AppOptions.DEFAULT));
                if (i % 2 == 0) {
                    node.executor.startApp(pod, app.name());
                }
                atOnce(() -> node.executor.removeApp(pod, app.name()));
                assertEquals(List.of(), node.executor.status(pod).apps());
            }
            node.executor.stop(pod, StopOptions.NOW);
            node.executor.remove(pod);
        }
    }
}
