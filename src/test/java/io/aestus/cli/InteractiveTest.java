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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code run --interactive} as somebody at a terminal sees it, which script(1) provides. */
@Tag("host")
@Timeout(120)
class InteractiveTest {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final String ASKING =
            "printf \"name? \"; read name; echo hello $name; test -t 0 && echo terminal; exit 7";

    @TempDir
    Path dir;

    private Shell shell;
    private String image = "";

    @BeforeEach
    void open() throws IOException {
        assumeTrue(Files.isExecutable(BUSYBOX) && Files.isExecutable(SCRIPT), "no " + BUSYBOX + " or " + SCRIPT);
        shell = new Shell(dir);
        Path bin = Files.createDirectories(dir.resolve("rootfs/bin"));
        Files.copy(BUSYBOX, bin.resolve("busybox"));
        for (String tool : new String[] {"sh", "cat"}) {
            Files.createSymbolicLink(bin.resolve(tool), Path.of("busybox"));
        }
        Path manifest = Files.writeString(dir.resolve("manifest.json"), """
                {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/box",
                 "app": {"exec": ["/bin/sh"], "user": "0", "group": "0"}}
                """);
        Path file = dir.resolve("box.aci");
        shell.run(
                        "image",
                        "build",
                        "--manifest",
                        manifest.toString(),
                        dir.resolve("rootfs").toString(),
                        file.toString())
                .ok();
        image = shell.run("--insecure-options=image", "fetch", file.toString())
                .ok()
                .strip();
    }

    @AfterEach
    void close() {
        shell.run("gc", "--grace-period=0s");
    }

    private String command(String words) {
        return "%s --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -cp '%s' io.aestus.cli.Aestus --dir %s --config-dir %s --insecure-options=image %s"
                .formatted(
                        Path.of(System.getProperty("java.home"), "bin/java"),
                        System.getProperty("java.class.path"),
                        shell.data(),
                        shell.config(),
                        words);
    }

    private static String until(String wanted, InputStream from) throws IOException {
        var seen = new StringBuilder();
        while (seen.indexOf(wanted) < 0) {
            int next = from.read();
            if (next < 0) {
                throw new AssertionError("never '" + wanted + "', but " + seen);
            }
            seen.append((char) next);
        }
        return seen.toString();
    }

    @Test
    void a_prompt_without_a_line_end_is_shown_and_the_answer_is_read() throws Exception {
        String run = command("run --interactive " + image + " -- -c '" + ASKING + "'");
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
        String run = command("run --interactive " + image + " -- -c 'cat; exit 3'");
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
