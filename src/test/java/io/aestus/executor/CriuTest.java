package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made of a CRIU that behaves this way or that. */
class CriuTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private Path install(String script) throws IOException {
        Path criu = Files.writeString(directory.resolve("criu"), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(criu, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void refused(String why) {
        var refusal = assertThrows(
                AestusException.class,
                () -> Criu.find(List.of(directory.resolve("none"), directory), "checkpoint container 'app'"));
        assertEquals(Problem.UNSUPPORTED, refusal.problem());
        assertTrue(refusal.message().startsWith("cannot checkpoint container 'app': "), refusal.message());
        assertTrue(refusal.message().contains(why), refusal.message());
    }

    @Test
    void without_criu_it_says_so() {
        refused("CRIU is not installed");
    }

    @Test
    void a_criu_that_does_not_know_the_kernel_is_quoted() throws Exception {
        install(
                "test \"$1\" = check && echo Warn: slow; echo 'Error (criu/vdso.c:381): vdso: odd' >&2; echo more; exit 1");
        refused("does not work on this node's kernel: 'Error (criu/vdso.c:381): vdso: odd'");
    }

    @Test
    void one_that_says_nothing_is_told_by_its_code() throws Exception {
        install("exit 7");
        refused("its check ended with 7");
    }

    @Test
    void one_that_cannot_be_executed_is_no_reason_to_fail_otherwise() throws Exception {
        Path criu = Files.writeString(directory.resolve("criu"), "#!/nonesuch\n");
        Files.setPosixFilePermissions(criu, PosixFilePermissions.fromString("rwxr-xr-x"));
        refused("it cannot be executed");
    }

    private void dump(Duration limit) throws Exception {
        Criu.find(List.of(directory), "x")
                .dump(42, directory, directory, List.of("net[1]:net", "mnt[/a b]:/a b"), limit, "checkpoint it");
    }

    @Test
    void it_is_told_what_to_write_down_and_what_not() throws Exception {
        install("test $1 = check || printf '%s\\n' \"$@\" >" + directory.resolve("words"));
        dump(LONG);
        List<String> words = Files.readAllLines(directory.resolve("words"));
        assertEquals(List.of("dump", "--tree", "42"), words.subList(0, 3));
        assertTrue(words.contains("--leave-running"), words.toString());
        assertEquals(
                List.of("--external", "net[1]:net", "--external", "mnt[/a b]:/a b"),
                words.subList(words.size() - 4, words.size()));
    }

    @Test
    void its_own_reason_is_told() throws Exception {
        install("""
                test $1 = check && exit 0
                cat >%s <<END
                (00.1) Error (criu/util.c:1): odd, but it goes on
                (00.2) Error (criu/tty.c:2): tty: found dangling tty
                (00.3) Error (criu/cr-dump.c:3): Dumping FAILED.
                END
                exit 1""".formatted(directory.resolve(Checkpoints.LOG)));
        var refusal = assertThrows(AestusException.class, () -> dump(LONG));
        assertEquals(Problem.CONFLICT, refusal.problem());
        assertEquals(
                "cannot checkpoint it: CRIU refused: 'Error (criu/tty.c:2): tty: found dangling tty'",
                refusal.message());
    }

    @Test
    void what_it_says_before_it_has_a_log_counts_too() throws Exception {
        install("test $1 = check || { echo 'Error (criu/crtools.c:1): no such option' >&2; exit 1; }");
        assertTrue(
                assertThrows(AestusException.class, () -> dump(LONG)).message().contains("no such option"));
    }

    @Test
    void one_that_takes_too_long_is_ended() throws Exception {
        install("test $1 = check || { echo $$ >" + directory.resolve("pid") + "; exec sleep 1000; }");
        var late = assertThrows(TimeoutException.class, () -> dump(Duration.ofSeconds(2)));
        assertEquals("cannot checkpoint it: CRIU did not end within 2 s", late.getMessage());
        long pid = Long.parseLong(Files.readString(directory.resolve("pid")).strip());
        ProcessHandle.of(pid)
                .ifPresent(process ->
                        process.onExit().orTimeout(60, TimeUnit.SECONDS).join());
    }
}
