package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users see of pods while they run: events, figures, streams, terminals. */
@Tag("host")
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PodWatchTest extends InABox {
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    /** The command itself, and no shell before it that would be ended in its place. */
    private static Process shell(String command) throws IOException {
        return new ProcessBuilder("/bin/sh", "-c", "exec " + command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void logs_have_at_once_what_was_written_while_nobody_looked() throws IOException {
        Path shared = Files.createDirectory(dir.resolve("shared"));
        String pod = box.start(
                "while [ ! -e /s/go ]; do sleep 0.01; done; echo seen; touch /s/done; sleep 1000",
                "--volume",
                "s,kind=host,source=" + shared,
                "--mount",
                "volume=s,target=/s");
        Files.createFile(shared.resolve("go"));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.exists(shared.resolve("done")) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        assertEquals("seen", box.apart(List.of("logs", pod)));
    }

    @Test
    void events_of_pods_of_every_process_are_told_as_they_happen() throws Exception {
        Process follower = shell(box.command("events --follow --since 1h --format=json"));
        try (BufferedReader told = follower.inputReader()) {
            Process run = shell(box.command("run --pod-name=shop " + box.image + " --name box -- -c 'exit 3'"));
            assertEquals(3, run.waitFor());
            var events = new ArrayList<String>();
            while (events.isEmpty() || !events.getLast().contains("pod-exited")) {
                events.add(told.readLine());
            }
            assertEquals(
                    List.of("app-exited", "app-started", "pod-exited", "pod-prepared", "pod-started"),
                    events.stream()
                            .map(line -> line.replaceFirst(".*\"event\":\"([a-z-]*)\".*", "$1"))
                            .sorted()
                            .toList());
            assertTrue(events.toString().contains("\"app\":\"box\",\"exit_code\":3,"), events::toString);
            box.run("rm", "shop").ok();
            assertTrue(told.readLine().contains("\"event\":\"pod-removed\""));
        } finally {
            follower.destroy();
            follower.waitFor();
        }
        List<String> lines = box.run("events").ok().lines().toList();
        assertEquals(6, lines.size(), lines::toString);
        assertTrue(
                lines.stream().anyMatch(line -> line.matches("20\\S+Z  app-exited  [0-9a-f-]{36}  box  code 3")),
                lines::toString);
        assertEquals("", box.run("events", "--since=0s").ok());
        box.run("events", "--since=yesterday").fails(2);
    }

    @Test
    void figures_of_running_apps_are_shown_once_where_nobody_watches() {
        box.start("while true; do :; done", "--pod-name=busy");
        box.start("sleep 1000", "--pod-name=idle");
        box.run("prepare", "--pod-name=never", box.image).ok();
        List<String> stats = box.run("stats", "--no-legend").ok().lines().toList();
        assertEquals(2, stats.size(), stats::toString);
        assertTrue(box.run("stats", "--format=json", "busy").ok().contains("\"pod_name\":\"busy\",\"app\":\"box\""));
        List<String> top = box.run("top").ok().lines().toList();
        assertEquals(3, top.size(), top::toString);
        assertTrue(top.get(1).contains(" busy "), top::toString);
        assertTrue(top.get(2).contains(" idle ") && top.get(2).contains("0.0%"), top::toString);
        box.run("top", "--sort=colour").fails(2);
    }

    @Test
    void top_fits_the_window_and_ends_with_a_key() throws Exception {
        assumeTrue(Files.isExecutable(SCRIPT), "no " + SCRIPT);
        box.start("sleep 1000", "--pod-name=a-pod-with-a-very-long-name-indeed");
        String top = "stty rows 20 cols 40; " + box.command("top --interval=1s");
        Process process = new ProcessBuilder(SCRIPT.toString(), "-qefc", top, "/dev/null").start();
        try (InputStream out = process.getInputStream()) {
            String seen = until("MEMORY", out) + until("\u001b[H\u001b[J", out);
            process.getOutputStream().write('q');
            process.getOutputStream().flush();
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
            String plain = seen.replace("\u001b[H\u001b[J", "").replaceAll("\u001b\\[[0-9;]*m", ""); // without colours
            for (String line : plain.split("\r\n", -1)) {
                assertTrue(line.length() <= 40 + 10, line); // 10: what script adds at the start
            }
            assertTrue(seen.contains("…"), seen);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void streams_are_attached_to_whoever_looks_after_the_pod() throws Exception {
        Process owner = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "exec "
                                + box.command(
                                        "run --interactive --pod-name=shop " + box.image
                                                + " --name box -- -c 'while read line; do echo got $line; test $line = end && exit 5; done'"))
                .redirectOutput(dir.resolve("owner").toFile())
                .start();
        box.await("state=running", "status", "shop");
        assertEquals(
                "stdin\nstdout\nstderr\n",
                box.run("attach", "--mode=list", "shop").ok());
        assertTrue(box.run("attach", "--mode=tty", "shop").fails(254).contains("it has no tty-in"));
        box.run("attach", "--mode=tty,stdin", "shop").fails(2);
        Process attached = shell(box.command("attach shop"));
        attached.getOutputStream().write("one\n".getBytes(StandardCharsets.UTF_8));
        attached.getOutputStream().flush();
        BufferedReader seen = attached.inputReader();
        assertEquals("got one", seen.readLine());
        attached.getOutputStream().write("end\n".getBytes(StandardCharsets.UTF_8));
        attached.getOutputStream().flush();
        assertEquals("got end", seen.readLine());
        assertEquals(5, attached.waitFor(), "the app's own code");
        owner.getOutputStream().close();
        assertEquals(5, owner.waitFor());
        assertTrue(box.run("attach", "shop").fails(254).contains("it does not run"));
    }

    @Test
    void a_terminal_is_let_go_by_its_keys_and_the_app_runs_on() throws Exception {
        assumeTrue(Files.isExecutable(SCRIPT), "no " + SCRIPT);
        box.apart(List.of(
                "run",
                "--detach",
                "--pod-name=shop",
                box.image,
                "--name=box",
                "--stdin=tty",
                "--",
                "-c",
                "while true; do read line || exit; stty size; echo got $line; done"));
        assertEquals(
                "tty-in\ntty-out\n", box.run("attach", "--mode=list", "shop").ok());
        String attach = "stty rows 33 cols 77; " + box.command("attach shop");
        Process process = new ProcessBuilder(SCRIPT.toString(), "-qefc", attach, "/dev/null").start();
        try (InputStream out = process.getInputStream()) {
            process.getOutputStream().write("hello\r".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            assertTrue(until("got hello", out).contains("33 77"), "the size of ours");
            process.getOutputStream().write(new byte[] {0x10, 0x11});
            process.getOutputStream().flush();
            until("detached", out);
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
        assertTrue(box.run("status", "shop").ok().contains("state=running"));
        assertFalse(box.run("list").ok().contains("exited"));
    }
}
