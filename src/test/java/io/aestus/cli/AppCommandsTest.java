package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code aestus app}: whoever owns the pod, a process that is gone or one that waits in the foreground. */
@Tag("host")
@Timeout(120)
class AppCommandsTest extends InABox {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String FOR_EVER = "trap 'exit 0' TERM; while :; do sleep 0.05; done";

    private String ok(String... words) {
        return box.run(words).ok().strip();
    }

    /** A process of its own. */
    private Process start(String words) throws IOException {
        return new ProcessBuilder("/bin/sh", "-c", "exec " + box.command(words))
                .redirectErrorStream(true)
                .start();
    }

    private static void await(String wanted, Supplier<String> seen) throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        for (String now = seen.get(); !now.contains(wanted); now = seen.get()) {
            assertTrue(System.nanoTime() < deadline, "never '" + wanted + "', at last " + now);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From its start to its end in a pod that nobody looks after between two commands. */
    @Test
    void an_app_comes_to_a_detached_sandbox_and_leaves_it() throws Exception {
        String pod = ok("app", "sandbox", "--detach", "--user-label", "team=shop");
        assertEquals("", ok("app", "list", "--no-legend", pod));
        assertEquals("web", ok("app", "add", pod, box.image, "--name", "web", "--", "-c", "echo hi; exit 3"));
        assertTrue(ok("app", "list", pod).contains("web   created  example.com/box"), ok("app", "list", pod));
        ok("app", "start", "--app", "web", pod.substring(0, 8));
        await("exit_code=3", () -> ok("app", "status", "--app=web", pod));
        assertEquals("hi", ok("logs", pod));
        ok("app", "add", "--start", pod, box.image, "--name=long", "--", "-c", FOR_EVER);
        assertTrue(ok("app", "status", "--app", "long", pod).contains("state=running"));
        ok("app", "stop", "--app", "long", "--time=20s", pod);
        assertTrue(ok("--format=json", "app", "status", "--app", "long", pod).contains("\"exit_code\":0"));
        ok("app", "rm", "--app", "long", pod);
        assertEquals(
                "aestus: cannot find app 'long': pod " + pod + " has none of that name\n",
                box.run("app", "start", "--app", "long", pod).fails(254));
        assertTrue(ok("status", "--format=json", pod).contains("\"user_labels\":{\"team\":\"shop\"}"));
        ok("stop", pod);
        assertTrue(ok("status", pod).contains("state=exited"));
    }

    @Test
    void an_app_comes_to_a_sandbox_in_the_foreground_which_prints_what_it_writes() throws Exception {
        Process foreground = start("app sandbox --uuid-file-save " + dir.resolve("uuid"));
        try (var out = new BufferedReader(new InputStreamReader(foreground.getInputStream(), StandardCharsets.UTF_8))) {
            await("\n", () -> read(dir.resolve("uuid")));
            String uuid = "--uuid-file=" + dir.resolve("uuid");
            String pod = Files.readString(dir.resolve("uuid")).strip();
            ok("app", "add", "--start", pod, box.image, "--name", "web", "--", "-c", "echo from web; " + FOR_EVER);
            assertEquals("web: from web", out.readLine());
            ok("app", "stop", uuid);
            assertTrue(ok("app", "list", uuid).contains("exited"));
            ok("app", "start", uuid);
            assertEquals("web: from web", out.readLine());
            ok("app", "rm", uuid);
            ok("app", "add", "--start", pod, box.image, "--name", "web", "--", "-c", "echo again; " + FOR_EVER);
            assertEquals("web: again", out.readLine());
            foreground.destroy();
            assertTrue(foreground.waitFor(30, TimeUnit.SECONDS));
            assertEquals(0, foreground.exitValue());
            assertTrue(ok("status", uuid).contains("state=exited"));
        } finally {
            foreground.destroyForcibly();
        }
    }

    @Test
    void what_is_missing_is_said() {
        String pod = ok("app", "sandbox", "--detach");
        assertTrue(box.run("app", "add", pod).fails(2).contains("one pod and one image must be named"));
        assertTrue(box.run("app", "stop", pod).fails(2).contains("cannot choose an app of pod " + pod + ": it has 0"));
        assertTrue(box.run("app", "nonsense").fails(2).contains("unknown command 'nonsense' of app"));
        assertTrue(
                box.run("app", "start", "--app", "web", "nonsense").fails(254).contains("cannot find pod"));
    }
}
