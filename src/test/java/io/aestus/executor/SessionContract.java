package io.aestus.executor;

import static io.aestus.executor.Node.SOON;
import static io.aestus.executor.Node.app;
import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Further processes in an app and attachments to it, on whatever isolates them. */
abstract class SessionContract extends NodeContract {
    SessionContract(Isolation isolation) {
        super(isolation);
    }

    private PodUuid idle() throws IOException {
        var pod = run(sandbox(app("web", "exec sleep 1000")));
        awaitProcesses(pod, 1); // what it is known by is there a moment after it was launched
        return pod;
    }

    private AppProcess shell(PodUuid pod, String script) {
        return node().executor.exec(pod, name("web"), ExecSpec.of(List.of("/bin/sh", "-c", script)));
    }

    private static String line(AppProcess process) throws IOException {
        return new BufferedReader(new InputStreamReader(process.stdout(), StandardCharsets.UTF_8)).readLine();
    }

    private void awaitProcesses(PodUuid pod, int count) throws IOException {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (isolation.processCount(directory, pod, "web") != count) {
            assertTrue(System.nanoTime() < deadline, "there are never " + count + " processes of the app");
            Thread.onSpinWait();
        }
    }

    /** How many go on of those that a process started which is closed, if one of them left its session, and whose parent is gone. */
    int escaping() {
        return 0;
    }

    @Test
    void closing_one_that_runs_ends_all_that_it_started() throws IOException {
        var pod = idle();
        String tree = "(setsid sleep 1001 &) ; (sleep 1002 | sleep 1003) & echo up; sleep 1004; exit 1";
        try (AppProcess process = shell(pod, tree)) {
            assertEquals("up", line(process));
            awaitProcesses(pod, 1 + 6);
        }
        awaitProcesses(pod, 1 + escaping());
        assertTrue(node().executor.status(pod).requireApp(name("web")).state() instanceof AppState.Running);
    }

    @Test
    void what_one_left_that_ended_goes_on_until_its_app_ends() throws Exception {
        var pod = idle();
        try (AppProcess process = shell(pod, "sleep 1001 >/dev/null 2>&1 & echo up")) {
            assertEquals(0, process.waitFor(SOON).orElseThrow().code());
        }
        awaitProcesses(pod, 1 + 1);
        node().executor.stopApp(pod, name("web"), StopOptions.NOW);
        awaitProcesses(pod, 0);
    }

    @Test
    void two_do_not_end_each_other() throws Exception {
        var pod = idle();
        try (AppProcess one = shell(pod, "echo up; read line; exit 3");
                AppProcess other = shell(pod, "echo up; sleep 1; exit 4")) {
            assertEquals("up", line(one));
            assertEquals("up", line(other));
            one.close();
            assertEquals(4, other.waitFor(SOON).orElseThrow().code());
        }
    }

    @Test
    void a_further_process_has_streams_and_a_code() throws Exception {
        var pod = run(sandbox(app("web", UNTIL_ASKED)));
        var what = ExecSpec.of(List.of("/bin/sh", "-c", "read x; echo got $x; echo bad >&2; exit 6"))
                .withStdin(AppOptions.Stdin.OPEN);
        try (var process = node().executor.exec(pod, name("web"), what)) {
            process.stdin().write("something\n".getBytes(StandardCharsets.UTF_8));
            process.stdin().close();
            assertEquals("got something\n", new String(process.stdout().readAllBytes(), StandardCharsets.UTF_8));
            assertEquals("bad\n", new String(process.stderr().readAllBytes(), StandardCharsets.UTF_8));
            assertEquals(ExitStatus.ofCode(6), process.waitFor(SOON).orElseThrow());
        }
    }

    @Test
    void a_further_process_ends_with_its_app() throws Exception {
        var pod = run(sandbox(app("web", UNTIL_ASKED)));
        try (var process = node().executor.exec(pod, name("web"), ExecSpec.of(List.of("/bin/sleep", "1000")))) {
            node().executor.stopApp(pod, name("web"), StopOptions.DEFAULT);
            assertEquals(137, process.waitFor(SOON).orElseThrow().code());
            assertEquals(-1, process.stdout().read());
        }
    }

    @Test
    void closing_a_further_process_wakes_who_reads_it() throws Exception {
        var pod = run(sandbox(app("web", UNTIL_ASKED)));
        AppProcess process = node().executor.exec(pod, name("web"), ExecSpec.of(List.of("/bin/sleep", "1000")));
        var reading = CompletableFuture.supplyAsync(() -> {
            try {
                return process.stdout().read();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        process.close();
        assertEquals(-1, reading.join());
        assertEquals(137, process.waitFor(SOON).orElseThrow().code());
    }

    @Test
    void a_terminal_carries_all_streams_of_a_further_process() throws Exception {
        var pod = run(sandbox(app("web", UNTIL_ASKED)));
        var what = ExecSpec.of(List.of("/bin/sh", "-c", "stty size; test -t 2 && echo tty"))
                .withTerminal(AppOptions.Terminal.TTY);
        try (var process = node().executor.exec(pod, name("web"), what)) {
            process.resize(100, 30);
            String said = new String(process.stdout().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(said.endsWith("tty\r\n"), said);
        }
    }

    @Test
    void nothing_is_run_in_an_app_that_does_not() throws InterruptedException {
        var pod = run(sandbox(app("web", "exit 0")));
        node().end(pod, "web");
        var failure = assertThrows(
                AestusException.class, () -> node().executor.exec(pod, name("web"), ExecSpec.of(List.of("/bin/true"))));
        assertEquals(Problem.CONFLICT, failure.problem());
    }

    @Test
    void an_attachment_talks_to_the_app_itself() throws Exception {
        var spec = Node.with(
                sandbox(app("web", "while read x; do echo got $x; done; exit 8")),
                "web",
                AppOptions.DEFAULT.withStdin(AppOptions.Stdin.ONCE));
        var pod = run(spec);
        try (var process = node().executor.attach(pod, name("web"))) {
            process.stdin().write("one\n".getBytes(StandardCharsets.UTF_8));
            assertEquals("got one\n", new String(process.stdout().readNBytes(8), StandardCharsets.UTF_8));
            process.stdin().close();
            assertEquals(ExitStatus.ofCode(8), process.waitFor(SOON).orElseThrow());
        }
    }

    @Test
    void an_app_with_a_terminal_is_logged_and_attached_to() throws Exception {
        var spec = Node.with(
                sandbox(app("web", "test -t 1 && echo tty; read x; echo got $x; exit 9")),
                "web",
                AppOptions.DEFAULT.withTerminal(AppOptions.Terminal.TTY).withStdin(AppOptions.Stdin.OPEN));
        var pod = run(spec);
        awaitLine(pod, "web", "stdout F tty\r");
        try (var process = node().executor.attach(pod, name("web"))) {
            process.resize(80, 24);
            process.stdin().write("one\n".getBytes(StandardCharsets.UTF_8));
            assertEquals(ExitStatus.ofCode(9), process.waitFor(SOON).orElseThrow());
        }
        assertTrue(node().log(pod, "web").contains("stdout F got one\r"), () -> "no answer in the log");
    }
}
