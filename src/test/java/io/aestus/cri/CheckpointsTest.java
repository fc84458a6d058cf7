package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why containers cannot be written down: the reason is the one that counts on this node. */
class CheckpointsTest {
    @TempDir
    Path directory;

    private void install(String script) throws IOException {
        Path criu = Files.writeString(directory.resolve("criu"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(criu, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void refused(String why) throws InterruptedException {
        AestusException refusal = new Checkpoints(List.of(directory.resolve("none"), directory)).refusal("app");
        assertEquals(Problem.UNSUPPORTED, refusal.problem());
        assertTrue(refusal.message().startsWith("cannot checkpoint container 'app': "), refusal.message());
        assertTrue(refusal.message().contains(why), refusal.message());
    }

    @Test
    void without_criu_it_says_so() throws Exception {
        refused("CRIU is not installed");
    }

    @Test
    void a_criu_that_does_not_know_the_kernel_is_quoted() throws Exception {
        install("test \"$1\" = check && echo 'Error (criu/vdso.c:381): vdso: odd' >&2; echo more; exit 1");
        refused("does not work on this node's kernel: 'Error (criu/vdso.c:381): vdso: odd'");
    }

    @Test
    void with_one_that_works_the_reason_is_our_own() throws Exception {
        install("echo Looks good.");
        refused("shares namespaces with its sandbox");
    }

    @Test
    void one_that_cannot_be_executed_is_no_reason_to_fail_otherwise() throws Exception {
        Files.writeString(directory.resolve("criu"), "#!/nonesuch\n");
        Files.setPosixFilePermissions(directory.resolve("criu"), PosixFilePermissions.fromString("rwxr-xr-x"));
        refused("it cannot be executed");
    }
}
