package io.aestus.executor;

import static io.aestus.executor.Node.SOON;
import static io.aestus.executor.Node.app;
import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one who attaches to an app sees, and when. */
@Timeout(60)
class AttachmentTest {
    private static final String PROMPTING =
            "printf 'name? '; read name; printf \"hello $name\\nagain? \"; read more; exit 5";

    @TempDir
    Path directory;

    private Node node;

    @BeforeEach
    void open() throws IOException {
        node = Node.on(directory);
    }

    @AfterEach
    void close() {
        for (PodStatus pod : node.executor.list()) {
            node.executor.stop(pod.uuid(), StopOptions.NOW);
            node.executor.remove(pod.uuid());
        }
        node.close();
    }

    private PodUuid run(String script, AppOptions options) {
        return node.run(Node.with(sandbox(app("web", script)), "web", options));
    }

    private static void assertShows(String expected, InputStream stdout) throws IOException {
        String seen = new String(stdout.readNBytes(expected.length()), StandardCharsets.UTF_8);
        assertEquals(expected, seen);
    }

    private static void write(AppProcess process, String text) throws IOException {
        process.stdin().write(text.getBytes(StandardCharsets.UTF_8));
        process.stdin().flush();
    }

    @Test
    void a_prompt_from_before_and_one_from_after_are_shown_on_a_terminal() throws Exception {
        var options = AppOptions.DEFAULT.withTerminal(AppOptions.Terminal.TTY).withStdin(AppOptions.Stdin.OPEN);
        PodUuid pod = run(PROMPTING, options);
        try (var process = node.executor.attach(pod, name("web"), Executor.History.ALL)) {
            assertShows("name? ", process.stdout());
            write(process, "you\r");
            assertShows("you\r\nhello you\r\nagain? ", process.stdout());
            write(process, "\r");
            assertShows("\r\n", process.stdout());
            assertEquals(-1, process.stdout().read());
            assertEquals(5, process.waitFor(SOON).orElseThrow().code());
        }
    }

    @Test
    void a_prompt_is_shown_without_a_terminal_too() throws Exception {
        PodUuid pod = run(PROMPTING, AppOptions.DEFAULT.withStdin(AppOptions.Stdin.ONCE));
        try (var process = node.executor.attach(pod, name("web"), Executor.History.ALL)) {
            assertShows("name? ", process.stdout());
            write(process, "you\n");
            assertShows("hello you\nagain? ", process.stdout());
        }
    }

    @Test
    void one_that_has_ended_shows_all_it_wrote() throws Exception {
        for (var terminal : AppOptions.Terminal.values()) {
            PodUuid pod = run("echo all there is; exit 3", AppOptions.DEFAULT.withTerminal(terminal));
            node.end(pod, "web");
            try (var process = node.executor.attach(pod, name("web"), Executor.History.ALL)) {
                String seen = new String(process.stdout().readAllBytes(), StandardCharsets.UTF_8);
                assertEquals("all there is", seen.strip());
                assertEquals(3, process.waitFor(SOON).orElseThrow().code());
            }
        }
    }

    @Test
    void what_an_app_writes_while_somebody_attaches_is_shown_once() throws Exception {
        String script = "i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); echo $i; done";
        var options = AppOptions.DEFAULT.withTerminal(AppOptions.Terminal.TTY);
        var expected = new StringBuilder();
        for (int i = 1; i <= 2000; i++) {
            expected.append(i).append("\r\n");
        }
        for (int round = 0; round < 5; round++) {
            PodUuid pod = run(script, options);
            try (var process = node.executor.attach(pod, name("web"), Executor.History.ALL)) {
                assertEquals(expected.toString(), new String(process.stdout().readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void one_who_looks_from_another_process_sees_the_same() throws Exception {
        var options = AppOptions.DEFAULT.withTerminal(AppOptions.Terminal.TTY).withStdin(AppOptions.Stdin.OPEN);
        PodUuid pod = run(PROMPTING, options);
        try (var neighbour = node.neighbour();
                var process = neighbour.executor.attach(pod, name("web"), Executor.History.ALL)) {
            assertShows("name? ", process.stdout());
            write(process, "you\r");
            assertShows("you\r\nhello you\r\nagain? ", process.stdout());
        }
        assertTrue(node.log(pod, "web").contains("stdout F hello you\r"));
    }
}
