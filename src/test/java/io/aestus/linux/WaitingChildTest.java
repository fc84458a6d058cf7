package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Children that are launched before it is known what they will execute. */
class WaitingChildTest {
    private static final List<String> ENVIRONMENT = List.of("PATH=/usr/bin:/bin");
    private static ProcessLauncher launcher;

    @TempDir
    Path dir;

    @BeforeAll
    static void open() throws IOException {
        launcher = ProcessLauncher.open();
    }

    private static WaitingChild standing(ChildProgram child, ChildProgram.OpenedFile... kept) throws IOException {
        return standing(child, LaunchOptions.PLAIN, kept);
    }

    private static WaitingChild standing(ChildProgram child, LaunchOptions how, ChildProgram.OpenedFile... kept)
            throws IOException {
        child.standStill(List.of(kept));
        return launcher.launchAhead(child, how);
    }

    /** Has it run a script, and says what that wrote and how it ended. */
    private static String run(WaitingChild waiting, String script) throws IOException {
        try (Fd nothing = Fd.openForReading(Path.of("/dev/null"));
                Pipe pipe = Pipe.open()) {
            ChildProgram child = waiting.program();
            child.assign(List.of(nothing, pipe.writer(), pipe.writer()), 0);
            child.startSession();
            child.unblockSignals();
            child.closeFrom(3);
            child.execute(List.of("/bin/sh"), List.of("sh", "-c", script), ENVIRONMENT);
            waiting.goOn();
            pipe.writer().close();
            try (ChildProcess process = waiting.await()) {
                String said = new String(pipe.reader().readAll(1 << 16), StandardCharsets.UTF_8);
                return said + process.pidfd().reap();
            }
        }
    }

    private static long only(List<ProcessHandle> before) {
        var now = new ArrayList<>(ProcessHandle.current().children().toList());
        now.removeAll(before);
        assertEquals(1, now.size(), now::toString);
        return now.getFirst().pid();
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current().children().toList();
    }

    @Test
    void what_it_executes_is_known_only_later_and_gets_what_it_is_sent_and_nothing_else() throws IOException {
        var before = children();
        try (var waiting = standing(ChildProgram.ahead())) {
            long pid = only(before);
            assertEquals(
                    pid + "\n0\n1\n2\n3\n" + new ProcessExit.Code(7),
                    run(waiting, "echo $$; ls /proc/self/fd; exit 7")); // 3 is the directory itself
        }
        assertEquals(before, children());
    }

    @Test
    void while_it_waits_it_holds_nothing_of_ours() throws IOException {
        var before = children();
        try (var _ = standing(ChildProgram.ahead())) {
            var held = new TreeMap<Integer, Path>();
            try (var open = Files.newDirectoryStream(Path.of("/proc/" + only(before) + "/fd"))) {
                for (Path file : open) {
                    held.put(Integer.parseInt(file.getFileName().toString()), Files.readSymbolicLink(file));
                }
            }
            assertEquals(List.of(0, 1, 2, Standstill.END), List.copyOf(held.keySet()));
            assertEquals(1, held.values().stream().distinct().count(), "its end of the socket, each of them");
        }
    }

    @Test
    void a_file_that_it_opened_before_can_be_written_after() throws IOException {
        var child = ChildProgram.ahead();
        var score = child.openOwn("oom_score_adj");
        try (var waiting = standing(child, score)) {
            child.write(score, "777", "set oom_score_adj");
            assertEquals("777\n" + new ProcessExit.Code(0), run(waiting, "cat /proc/self/oom_score_adj"));
        }
    }

    @Test
    void another_thread_may_tell_it_the_rest() throws Exception {
        try (var waiting = standing(ChildProgram.ahead());
                var other = Executors.newSingleThreadExecutor()) {
            assertEquals(
                    "hello\n" + new ProcessExit.Code(0),
                    other.submit(() -> run(waiting, "echo hello")).get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void any_number_of_them_may_wait_and_know_nothing_of_each_other() throws IOException {
        var before = children();
        try (var one = standing(ChildProgram.ahead());
                var two = standing(ChildProgram.ahead());
                var three = standing(ChildProgram.ahead())) {
            assertEquals("two\n" + new ProcessExit.Code(2), run(two, "echo two; exit 2"));
            one.close();
            assertEquals("three\n" + new ProcessExit.Code(3), run(three, "echo three; exit 3"));
        }
        assertEquals(before, children());
    }

    @Test
    void one_that_nobody_needs_is_ended() throws IOException {
        var before = children();
        standing(ChildProgram.ahead()).close();
        assertEquals(before, children());
    }

    @Test
    void a_step_that_fails_before_it_stands_still_is_named() throws IOException {
        var before = children();
        try (var child = ChildProgram.ahead()) {
            child.changeDirectory("/nowhere/at/all");
            var failure = assertThrows(LaunchException.class, () -> standing(child));
            assertEquals(
                    "change directory to /nowhere/at/all: ENOENT (No such file or directory)", failure.getMessage());
        }
        assertEquals(before, children());
    }

    @Test
    void so_is_one_that_fails_after() throws IOException {
        var before = children();
        try (var waiting = standing(ChildProgram.ahead())) {
            waiting.program().changeDirectory("/nowhere/at/all");
            var failure = assertThrows(LaunchException.class, () -> run(waiting, "true"));
            assertEquals(
                    "change directory to /nowhere/at/all: ENOENT (No such file or directory)", failure.getMessage());
        }
        assertEquals(before, children());
    }

    @Test
    void and_a_program_that_is_not_there() throws IOException {
        try (var waiting = standing(ChildProgram.ahead())) {
            waiting.program().execute(List.of("/nowhere/sh"), List.of("sh"), ENVIRONMENT);
            waiting.goOn();
            var failure = assertThrows(LaunchException.class, waiting::await);
            assertEquals("execute /nowhere/sh: ENOENT (No such file or directory)", failure.getMessage());
        }
    }

    @Test
    void one_that_was_killed_while_it_waited_is_a_launch_that_failed() throws IOException {
        var before = children();
        try (var waiting = standing(ChildProgram.ahead())) {
            ProcessHandle.of(only(before)).orElseThrow().destroyForcibly();
            var failure = assertThrows(LaunchException.class, () -> run(waiting, "true"));
            assertTrue(failure.getMessage().contains(" (it ended meanwhile"), failure.getMessage());
        }
        assertEquals(before, children());
    }

    @Test
    void one_that_hangs_is_killed() throws Exception {
        Path fifo = dir.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        var before = children();
        var soon = LaunchOptions.PLAIN.within(Duration.ofMillis(300));
        try (var waiting = standing(ChildProgram.ahead(), soon)) {
            waiting.program().writeFile(fifo.toString(), "word", "tell somebody");
            var failure = assertThrows(LaunchException.class, () -> run(waiting, "true"));
            assertEquals(Errno.ETIMEDOUT, failure.errno());
            assertTrue(failure.getMessage().startsWith("tell somebody (takes more than PT0.3S)"), failure.getMessage());
        }
        assertEquals(before, children());
    }

    @Test
    void one_that_went_on_and_that_nobody_waits_for_is_ended() throws IOException {
        var before = children();
        for (String program : List.of("/bin/sleep", "/nowhere/sleep")) {
            try (var waiting = standing(ChildProgram.ahead())) {
                waiting.program().execute(List.of(program), List.of("sleep", "1000"), ENVIRONMENT);
                waiting.goOn();
            }
            assertEquals(before, children());
        }
    }

    @Test
    void it_is_told_once() throws IOException {
        try (var waiting = standing(ChildProgram.ahead())) {
            assertFalse(run(waiting, "true").isEmpty());
            assertThrows(IllegalStateException.class, waiting::goOn);
        }
    }
}
