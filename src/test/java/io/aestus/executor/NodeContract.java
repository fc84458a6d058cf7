package io.aestus.executor;

import static io.aestus.executor.Node.name;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node on some isolation: when a test is over its pods can all be removed, and nothing is left. */
@Timeout(60)
abstract class NodeContract {
    /** An app that ends when it is asked to. */
    static final String UNTIL_ASKED = "trap 'exit 0' TERM; echo ready; while :; do sleep 0.02; done";

    @TempDir
    Path directory;

    final Isolation isolation;
    private Node node;

    NodeContract(Isolation isolation) {
        this.isolation = isolation;
    }

    Node node() {
        return node;
    }

    @BeforeEach
    void open() throws IOException {
        Files.createDirectories(directory.resolve("pods"));
        node = Node.on(directory, isolation);
    }

    /** As when the process that owns the pods ends, and another begins. */
    void reopen() throws IOException {
        node.close();
        node = Node.on(directory, isolation);
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        node.removeAll();
        node.close();
        assertEquals(List.of(), isolation.left(directory), "left on the host");
        try (var left = Files.list(directory.resolve("pods"))) {
            assertEquals(List.of(), left.toList(), "files left");
        }
    }

    PodUuid run(PodSpec spec) {
        return node.run(spec);
    }

    AppState state(PodUuid pod, String app) {
        return node.executor.status(pod).requireApp(name(app)).state();
    }

    void awaitLine(PodUuid pod, String app, String wanted) throws InterruptedException {
        node.awaitLine(pod, app, wanted);
    }
}
