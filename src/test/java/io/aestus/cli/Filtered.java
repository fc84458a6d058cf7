package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.ChildProgram;
import io.aestus.linux.LaunchOptions;
import io.aestus.linux.PidFd;
import io.aestus.linux.ProcessExit;
import io.aestus.linux.ProcessLauncher;
import io.aestus.linux.SeccompAnswers;
import io.aestus.linux.SeccompFilter;
import io.aestus.linux.SeccompListener;
import io.aestus.linux.SeccompPolicy;
import io.aestus.linux.SyscallAbi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Command lines in a process that is under a seccomp filter from its first instruction on, as on a kernel that lacks something. */
final class Filtered {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Box box;
    private final ProcessLauncher launcher;

    Filtered(Box box) throws IOException {
        this.box = box;
        this.launcher = ProcessLauncher.open();
    }

    /** Runs a command line. */
    Shell.Result run(SeccompPolicy policy, String words) throws IOException {
        return run(policy, Optional.empty(), words);
    }

    /** The same where the policy asks about calls. */
    Shell.Result run(SeccompPolicy policy, SeccompAnswers.Judge judge, String words)
            throws IOException, InterruptedException {
        Path socket = box.dir.resolve("judge");
        try (var _ = SeccompAnswers.open(socket, judge)) {
            return run(policy, Optional.of(socket), words);
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    private Shell.Result run(SeccompPolicy policy, Optional<Path> judge, String words) throws IOException {
        Path out = box.dir.resolve("out");
        Path err = box.dir.resolve("err");
        String script = "exec %s >%s 2>%s </dev/null".formatted(box.command(words), out, err);
        var environment = System.getenv().entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
        try (var program = new ChildProgram()) {
            program.startSession();
            program.unblockSignals();
            program.closeOnExecFrom(3);
            program.rights().filterSyscalls(SeccompFilter.compile(policy, SyscallAbi.ofHost()));
            if (judge.isPresent()) {
                program.pauses().add(pid -> handOver(pid, judge.get()), PATIENCE);
            }
            program.execute(List.of("/bin/sh"), List.of("sh", "-c", script), environment);
            try (var child = launcher.launch(program, LaunchOptions.PLAIN)) {
                assertTrue(child.pidfd().awaitEnd(PATIENCE), words + " goes on");
                ProcessExit exit = child.pidfd().reap();
                int code = exit instanceof ProcessExit.Code(int value) ? value : -1;
                return new Shell.Result(code, Files.readString(out), Files.readString(err));
            }
        }
    }

    private static void handOver(long pid, Path judge) throws IOException {
        try (var process = PidFd.open(pid).orElseThrow();
                var listener = SeccompListener.take(process, pid)) {
            SeccompListener.handOver(judge, "a test".getBytes(StandardCharsets.UTF_8), listener);
        }
    }

    /** What pods have in the data directory, and the mounts there. */
    Set<String> there() throws IOException {
        var found = new TreeSet<String>();
        for (String place : List.of("pods", "users", "names", "owners", "staging")) {
            Path of = box.shell.data().resolve(place);
            if (Files.isDirectory(of)) {
                try (var entries = Files.list(of)) {
                    entries.filter(each -> !Files.isRegularFile(each)).forEach(each -> found.add(each.toString()));
                }
            }
        }
        found.addAll(Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> line.split(" ", 6)[4])
                .filter(mount -> mount.startsWith(box.dir.toString()))
                .toList());
        return found;
    }
}
