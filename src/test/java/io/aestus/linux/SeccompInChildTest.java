package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiled filters at work in real processes. No privilege is needed, since they give up gaining any. */
class SeccompInChildTest {
    private static ProcessLauncher launcher;

    @TempDir
    Path dir;

    @BeforeAll
    static void open() throws IOException {
        launcher = ProcessLauncher.open();
    }

    private static ProcessExit run(SeccompPolicy policy, String script) throws IOException {
        try (var program = new ChildProgram()) {
            program.startSession();
            program.rights().setNoNewPrivileges();
            program.unblockSignals();
            program.closeOnExecFrom(3);
            program.rights().filterSyscalls(SeccompFilter.compile(policy, SyscallAbi.ofHost()));
            program.execute(List.of("/bin/sh"), List.of("sh", "-c", script), List.of("PATH=/usr/bin:/bin"));
            try (var child = launcher.launch(program, LaunchOptions.PLAIN)) {
                return child.pidfd().reap();
            }
        }
    }

    @Test
    void ordinary_programs_run_under_the_default() throws IOException {
        Path out = dir.resolve("out");
        String script =
                "ls / | sort | head -1 > %1$s && mkdir %1$s.d && chmod 700 %1$s.d && grep Seccomp: /proc/self/status >> %1$s"
                        .formatted(out);
        assertEquals(new ProcessExit.Code(0), run(DefaultSeccompPolicy.of(CapabilitySet.STANDARD), script));
        assertEquals("Seccomp:\t2", Files.readAllLines(out).getLast());
    }

    @Test
    void a_refused_call_fails_with_its_errno() throws IOException {
        Path err = dir.resolve("err");
        var policy = SeccompPolicy.otherwise(SeccompAction.ALLOW)
                .build()
                .without(List.of("mkdir", "mkdirat"), SeccompAction.errno(Errno.ENOSPC));
        assertEquals(new ProcessExit.Code(1), run(policy, "mkdir " + dir.resolve("d") + " 2> " + err));
        assertTrue(Files.readString(err).contains("No space left on device"), Files.readString(err));
    }

    @Test
    void a_forbidden_call_ends_the_process_by_signal_31() throws IOException {
        var policy = SeccompPolicy.otherwise(SeccompAction.ALLOW)
                .build()
                .without(List.of("mkdir", "mkdirat"), SeccompAction.KILL_PROCESS);
        var exit = run(policy, "exec mkdir " + dir.resolve("d"));
        assertTrue(exit instanceof ProcessExit.Signal(int number, boolean _) && number == 31, exit.toString());
    }

    @Test
    void namespaces_cannot_be_made_under_the_default() throws IOException {
        Path err = dir.resolve("err");
        var policy = DefaultSeccompPolicy.of(CapabilitySet.STANDARD);
        assertEquals(new ProcessExit.Code(1), run(policy, "unshare -Ur true 2> " + err));
        assertTrue(Files.readString(err).contains("Operation not permitted"), Files.readString(err));
    }
}
