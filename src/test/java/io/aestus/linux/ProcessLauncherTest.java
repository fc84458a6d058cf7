package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launch itself, without any privilege. */
class ProcessLauncherTest {
    private static final List<String> ENVIRONMENT = List.of("PATH=/usr/bin:/bin");
    private static ProcessLauncher launcher;

    @TempDir
    Path dir;

    @BeforeAll
    static void open() throws IOException {
        launcher = ProcessLauncher.open();
    }

    private static ChildProcess shell(String script, LaunchOptions options) throws IOException {
        try (var child = new ChildProgram()) {
            child.startSession();
            child.unblockSignals();
            child.closeOnExecFrom(3);
            child.execute(List.of("/bin/sh"), List.of("sh", "-c", script), ENVIRONMENT);
            return launcher.launch(child, options);
        }
    }

    private static ProcessExit run(String script) throws IOException {
        try (var child = shell(script, LaunchOptions.PLAIN)) {
            return child.pidfd().reap();
        }
    }

    @Test
    void a_child_ends_with_its_code() throws IOException {
        assertEquals(new ProcessExit.Code(7), run("exit 7"));
    }

    @Test
    void a_child_ends_by_its_signal() throws IOException {
        assertEquals(new ProcessExit.Signal(15, false), run("kill -TERM $$"));
        assertEquals(143, run("kill -TERM $$").shellCode());
    }

    @Test
    void a_child_that_ended_can_be_asked_about_after_it_was_reaped() throws IOException {
        try (var child = shell("exit 9", LaunchOptions.PLAIN)) {
            child.pidfd().reap();
            assertEquals(new ProcessExit.Code(9), child.pidfd().exitInfo().orElseThrow());
            assertEquals(false, child.pidfd().signal(9));
        }
    }

    @Test
    void no_signal_is_blocked_or_ignored_in_the_program() throws IOException {
        Path status = dir.resolve("status");
        run("grep -E '^Sig(Blk|Ign)' /proc/self/status > " + status);
        String zero = ":\t0000000000000000";
        assertEquals("SigBlk" + zero + "\nSigIgn" + zero + "\n", Files.readString(status));
    }

    @Test
    void no_descriptor_of_ours_is_open_in_the_program() throws IOException {
        Path listing = dir.resolve("listing");
        run("ls /proc/self/fd > " + listing);
        assertEquals(List.of("0", "1", "2", "3"), Files.readAllLines(listing)); // 3 is the directory itself
    }

    @Test
    void a_failing_step_is_named() throws IOException {
        try (var child = new ChildProgram()) {
            child.changeDirectory("/nowhere/at/all");
            child.execute(List.of("/bin/true"), List.of("true"), ENVIRONMENT);
            var failure = assertThrows(LaunchException.class, () -> launcher.launch(child, LaunchOptions.PLAIN));
            assertEquals(
                    "change directory to /nowhere/at/all: ENOENT (No such file or directory)", failure.getMessage());
        }
    }

    @Test
    void the_first_program_that_is_there_runs() throws IOException {
        try (var child = new ChildProgram()) {
            child.execute(List.of("/nowhere/sh", "/bin/sh/sh", "/bin/sh"), List.of("sh", "-c", "exit 3"), ENVIRONMENT);
            try (var process = launcher.launch(child, LaunchOptions.PLAIN)) {
                assertEquals(new ProcessExit.Code(3), process.pidfd().reap());
            }
        }
    }

    @Test
    void of_several_programs_one_that_may_not_run_is_the_error() throws IOException {
        Path locked = Files.writeString(dir.resolve("locked"), "text");
        try (var child = new ChildProgram()) {
            child.execute(List.of(locked.toString(), "/nowhere/sh"), List.of("sh"), ENVIRONMENT);
            var failure = assertThrows(LaunchException.class, () -> launcher.launch(child, LaunchOptions.PLAIN));
            assertEquals("execute " + locked + ": EACCES (Permission denied)", failure.getMessage());
        }
    }

    @Test
    void a_child_that_hangs_is_killed_when_its_time_is_over() throws IOException {
        var limit = LaunchOptions.PLAIN.within(Duration.ofMillis(200));
        try (var pipe = Pipe.open();
                var child = new ChildProgram()) {
            child.program()
                    .add(
                            "read from nobody",
                            Syscall.READ,
                            pipe.reader().number(),
                            child.program().longs(0),
                            1);
            child.execute(List.of("/bin/true"), List.of("true"), ENVIRONMENT);
            Instant before = Instant.now();
            var failure = assertThrows(LaunchException.class, () -> launcher.launch(child, limit));
            assertEquals(Errno.ETIMEDOUT, failure.errno());
            assertTrue(failure.getMessage().startsWith("read from nobody"), failure.getMessage());
            assertTrue(Duration.between(before, Instant.now()).compareTo(Duration.ofSeconds(4)) < 0);
        }
    }

    @Test
    void preparing_happens_before_the_first_step() throws IOException {
        Path seen = dir.resolve("seen");
        var prepared = LaunchOptions.PLAIN.preparedBy(pid -> Files.writeString(seen, Long.toString(pid)));
        try (var child = shell("test $$ = $(cat " + seen + ")", prepared)) {
            assertEquals(new ProcessExit.Code(0), child.pidfd().reap());
        }
    }

    @Test
    void a_child_that_cannot_be_prepared_never_runs() {
        Path ran = dir.resolve("ran");
        var prepared = LaunchOptions.PLAIN.preparedBy(_ -> {
            throw new IOException("no");
        });
        assertEquals(
                "no",
                assertThrows(IOException.class, () -> shell("touch " + ran, prepared))
                        .getMessage());
        assertEquals(false, Files.exists(ran));
    }

    @Test
    void a_thousand_failing_launches_leave_nothing() throws IOException {
        run("true"); // what the first launch opens for good is open
        Map<String, Integer> before = census();
        for (int i = 0; i < 1000; i++) {
            try (var child = new ChildProgram()) {
                child.setHostname("x".repeat(100));
                child.execute(List.of("/bin/true"), List.of("true"), ENVIRONMENT);
                assertThrows(LaunchException.class, () -> launcher.launch(child, LaunchOptions.PLAIN));
            }
        }
        assertEquals(before, census());
    }

    /** Descriptors and children of this process. */
    private static Map<String, Integer> census() throws IOException {
        try (var self = Directory.open(Path.of("/proc/self/fd"))) {
            long children = ProcessHandle.current().children().count();
            return Map.of("descriptors", self.list().size(), "children", (int) children);
        }
    }

    @Test
    void this_process_cannot_be_looked_into() throws IOException {
        run("true");
        assertEquals(0, Libc.call(Syscall.PRCTL, 3).orThrow("PR_GET_DUMPABLE"));
    }

    @Test
    void launches_on_many_threads_do_not_disturb_each_other() throws Exception {
        var threads = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> new java.util.concurrent.FutureTask<>(() -> {
                    for (int j = 0; j < 50; j++) {
                        assertEquals(new ProcessExit.Code(i), run("exit " + i));
                    }
                    return i;
                }))
                .toList();
        threads.forEach(task -> Thread.ofPlatform().start(task));
        for (var task : threads) {
            task.get();
        }
    }
}
