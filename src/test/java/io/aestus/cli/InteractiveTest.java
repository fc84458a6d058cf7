package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code run --interactive} as somebody at a terminal sees it, which script(1) provides. */
@Tag("host")
@Timeout(120)
class InteractiveTest extends InABox {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final String ASKING =
            "printf \"name? \"; read name; echo hello $name; test -t 0 && echo terminal; exit 7";

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(Files.isExecutable(SCRIPT), "no " + SCRIPT);
    }

    @Test
    void a_prompt_without_a_line_end_is_shown_and_the_answer_is_read() throws Exception {
        String run = box.command("run --interactive " + box.image + " -- -c '" + ASKING + "'");
        var process = new ProcessBuilder(SCRIPT.toString(), "-qefc", run, "/dev/null")
                .redirectErrorStream(true)
                .start();
        try (InputStream out = process.getInputStream()) {
            until("name? ", out);
            process.getOutputStream().write("you\r".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            assertTrue(until("terminal", out).contains("hello you\r\n"));
            process.getOutputStream().close();
            out.readAllBytes();
        }
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(7, process.exitValue());
    }

    @Test
    void without_a_terminal_input_goes_in_and_output_comes_out() throws Exception {
        assertGoesThrough(box.command("run --interactive " + box.image + " -- -c 'cat; exit 3'"));
    }

    @Test
    void a_prepared_pod_can_be_connected_when_it_starts() throws Exception {
        String pod =
                box.run("prepare", box.image, "--", "-c", "cat; exit 3").ok().strip();
        assertGoesThrough(box.command("run-prepared --interactive " + pod));
        String two = box.run("prepare", box.image, "--name=a", "--", "-c", "true", "---", box.image, "--name=b")
                .ok()
                .strip();
        assertTrue(box.run("run-prepared", "--interactive", two).fails(2).contains("a pod of one app, not of 2"));
    }

    private static void assertGoesThrough(String run) throws Exception {
        var process = new ProcessBuilder("/bin/sh", "-c", run)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().write("through and through\n".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals("through and through\n", seen);
        assertEquals(3, process.waitFor());
    }
}
