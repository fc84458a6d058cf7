package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Children apart, without any privilege: all that holds for others, and that they have nothing of ours. */
class LoaderTest {
    private static final List<String> ENVIRONMENT = List.of("PATH=/usr/bin:/bin");
    private static ProcessLauncher launcher;

    @TempDir
    Path dir;

    @BeforeAll
    static void open() throws IOException {
        launcher = ProcessLauncher.open();
    }

    private static ChildProcess shell(String script, LaunchOptions options) throws IOException {
        try (var child = ChildProgram.apart()) {
            child.unblockSignals();
            child.closeFrom(3);
            child.beBorn();
            child.startSession();
            child.execute(List.of("/nowhere/sh", "/bin/sh"), List.of("sh", "-c", script), ENVIRONMENT);
            return launcher.launch(child, options);
        }
    }

    private static ProcessExit run(String script) throws IOException {
        try (var child = shell(script, LaunchOptions.PLAIN)) {
            return child.pidfd().reap();
        }
    }

    @Test
    void a_child_apart_is_ours_to_wait_for() throws IOException {
        assertEquals(new ProcessExit.Code(7), run("exit 7"));
        assertEquals(new ProcessExit.Signal(15, false), run("kill -TERM $$"));
        assertEquals(
                new ProcessExit.Code(0),
                run("test $PPID = " + ProcessHandle.current().pid()));
    }

    @Test
    void long_arguments_reach_the_program() throws IOException {
        try (var child = ChildProgram.apart()) {
            child.closeFrom(3);
            child.beBorn();
            var command = new ArrayList<>(List.of("sh", "-c", "test $# = 1000 && test ${#1} = 1000", "sh"));
            for (int i = 0; i < 1000; i++) {
                command.add("x".repeat(1000));
            }
            child.execute(List.of("/bin/sh"), command, ENVIRONMENT);
            try (var process = launcher.launch(child, LaunchOptions.PLAIN)) {
                assertEquals(new ProcessExit.Code(0), process.pidfd().reap());
            }
        }
    }

    @Test
    void no_descriptor_of_ours_is_open_in_the_program() throws IOException {
        Path listing = dir.resolve("listing");
        run("ls /proc/self/fd > " + listing);
        assertEquals(List.of("0", "1", "2", "3"), Files.readAllLines(listing)); // 3 is the directory itself
    }

    @Test
    void a_failing_step_before_its_birth_is_named() throws IOException {
        try (var child = ChildProgram.apart()) {
            child.changeDirectory("/nowhere/at/all");
            child.beBorn();
            child.execute(List.of("/bin/true"), List.of("true"), ENVIRONMENT);
            var failure = assertThrows(LaunchException.class, () -> launcher.launch(child, LaunchOptions.PLAIN));
            assertEquals(
                    "change directory to /nowhere/at/all: ENOENT (No such file or directory)", failure.getMessage());
        }
    }

    @Test
    void of_several_programs_one_that_may_not_run_is_the_error() throws IOException {
        Path locked = Files.writeString(dir.resolve("locked"), "text");
        try (var child = ChildProgram.apart()) {
            child.beBorn();
            child.execute(List.of(locked.toString(), "/nowhere/sh"), List.of("sh"), ENVIRONMENT);
            var failure = assertThrows(LaunchException.class, () -> launcher.launch(child, LaunchOptions.PLAIN));
            assertEquals("execute " + locked + ": EACCES (Permission denied)", failure.getMessage());
        }
    }

    @Test
    void one_that_hangs_before_or_after_its_birth_is_killed_when_its_time_is_over() throws IOException {
        for (boolean isBorn : List.of(false, true)) {
            var before = children();
            try (var pipe = Pipe.open();
                    var child = ChildProgram.apart()) {
                if (isBorn) {
                    child.beBorn();
                }
                child.program()
                        .add(
                                "read from nobody",
                                Syscall.READ,
                                child.program().number(pipe.reader()),
                                child.program().longs(0),
                                1);
                child.execute(List.of("/bin/true"), List.of("true"), ENVIRONMENT);
                var limit = LaunchOptions.PLAIN.within(Duration.ofMillis(200));
                var failure = assertThrows(LaunchException.class, () -> launcher.launch(child, limit));
                assertEquals(Errno.ETIMEDOUT, failure.errno());
            }
            assertEquals(before, children());
        }
    }

    private static List<Long> children() {
        return ProcessHandle.current()
                .children()
                .map(ProcessHandle::pid)
                .sorted()
                .toList();
    }

    @Test
    void its_memory_holds_its_program_and_nothing_of_ours() throws Exception {
        String secret = "a secret of ours, number " + System.nanoTime();
        try (var arena = Arena.ofConfined();
                var pipe = Pipe.open();
                var child = ChildProgram.apart()) {
            arena.allocateFrom(secret);
            child.beBorn();
            child.program()
                    .add(
                            "read",
                            Syscall.READ,
                            child.program().number(pipe.reader()),
                            child.program().longs(0),
                            1);
            child.execute(List.of("/bin/true"), List.of("an argument of its own"), ENVIRONMENT);
            var launch = new FutureTask<>(() -> launcher.launch(child, LaunchOptions.PLAIN));
            var before = children();
            Thread.ofPlatform().start(launch);
            assertHolds(image(before), "an argument of its own", secret);
            pipe.writer().writeFully(new byte[1]);
            launch.get().pidfd().reap();
        }
    }

    private static void assertHolds(long pid, String own, String secret) throws IOException {
        var all = new StringBuilder();
        try (var memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                String[] words = line.split("[- ]", 4);
                if (!line.contains("[v")) { // the kernel's own pages
                    long start = Long.parseUnsignedLong(words[0], 16);
                    byte[] bytes = new byte[(int) (Long.parseUnsignedLong(words[1], 16) - start)];
                    memory.seek(start);
                    memory.readFully(bytes);
                    all.append(new String(bytes, StandardCharsets.ISO_8859_1));
                }
            }
        }
        assertTrue(all.length() < 1 << 20, all.length() + " bytes");
        assertTrue(all.indexOf(own) >= 0, "its own program");
        assertFalse(all.indexOf(secret) >= 0, "a secret of ours");
    }

    /** The process that executed the image. */
    private static long image(List<Long> before) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < deadline) {
            for (long pid : children()) {
                if (!before.contains(pid) && isImage(pid)) {
                    return pid;
                }
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("no image runs");
    }

    private static boolean isImage(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/comm")).startsWith("memfd:aestus")
                    || Files.readString(Path.of("/proc/" + pid + "/cmdline")).startsWith("aestus-app");
        } catch (IOException _) {
            return false; // it is gone
        }
    }

    @Test
    void launches_on_many_threads_do_not_disturb_each_other() throws Exception {
        var tasks = new ArrayList<FutureTask<Integer>>();
        for (int i = 0; i < 8; i++) {
            int code = i;
            tasks.add(new FutureTask<>(() -> {
                for (int j = 0; j < 25; j++) {
                    assertEquals(new ProcessExit.Code(code), run("exit " + code));
                }
                return code;
            }));
        }
        tasks.forEach(task -> Thread.ofPlatform().start(task));
        for (var task : tasks) {
            task.get();
        }
    }
}
