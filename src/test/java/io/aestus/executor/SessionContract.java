package io.aestus.executor;

import static io.aestus.executor.Node.SOON;
import static io.aestus.executor.Node.app;
import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Further processes in an app, on whatever isolates them. */
@Timeout(60)
abstract class SessionContract {
    @TempDir
    Path directory;

    private final Isolation isolation;
    private Node node;
    private PodUuid pod;

    SessionContract(Isolation isolation) {
        this.isolation = isolation;
    }

    @BeforeEach
    void open() throws IOException {
        Files.createDirectories(directory.resolve("pods"));
        node = Node.on(directory, isolation);
        pod = node.run(sandbox(app("web", "exec sleep 1000")));
        awaitProcesses(1); // what it is known by is there a moment after it was launched
    }

    @AfterEach
    void close() throws IOException {
        node.executor.stop(pod, StopOptions.NOW);
        node.executor.remove(pod);
        node.close();
        assertEquals(List.of(), isolation.left(directory), "left on the host");
    }

    private AppProcess shell(String script) {
        return node.executor.exec(pod, name("web"), ExecSpec.of(List.of("/bin/sh", "-c", script)));
    }

    private static String line(AppProcess process) throws IOException {
        return new BufferedReader(new InputStreamReader(process.stdout(), StandardCharsets.UTF_8)).readLine();
    }

    private void awaitProcesses(int count) throws IOException {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (isolation.processes(directory, pod, "web").size() != count) {
            assertTrue(System.nanoTime() < deadline, "there are never " + count + " processes of the app");
            Thread.onSpinWait();
        }
    }

    @Test
    void closing_one_that_runs_ends_all_that_it_started() throws IOException {
        String tree = "(setsid sleep 1001 &) ; (sleep 1002 | sleep 1003) & echo up; sleep 1004; exit 1";
        try (AppProcess process = shell(tree)) {
            assertEquals("up", line(process));
            awaitProcesses(1 + 6);
        }
        awaitProcesses(1);
        assertTrue(node.executor.status(pod).requireApp(name("web")).state() instanceof AppState.Running);
    }

    @Test
    void what_one_left_that_ended_goes_on_until_its_app_ends() throws Exception {
        try (AppProcess process = shell("sleep 1001 >/dev/null 2>&1 & echo up")) {
            assertEquals(0, process.waitFor(SOON).orElseThrow().code());
        }
        awaitProcesses(1 + 1);
        node.executor.stopApp(pod, name("web"), StopOptions.NOW);
        awaitProcesses(0);
    }

    @Test
    void two_do_not_end_each_other() throws Exception {
        try (AppProcess one = shell("echo up; read line; exit 3");
                AppProcess other = shell("echo up; sleep 1; exit 4")) {
            assertEquals("up", line(one));
            assertEquals("up", line(other));
            one.close();
            assertEquals(4, other.waitFor(SOON).orElseThrow().code());
        }
    }
}
