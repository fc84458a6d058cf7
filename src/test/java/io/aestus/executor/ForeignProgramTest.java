package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An image cannot have the agent's own program executed for it: run by the host's root inside, that could be overwritten
 * (CVE-2019-5736).
 */
@Tag("host")
class ForeignProgramTest extends OneStage1Host {
    @BeforeAll
    static void prepare() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no gcc to build a dynamic linker with");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the dynamic linker is for x86-64");
        Path linker = Files.createDirectories(host.image.resolve("lib64")).resolve("ld-linux-x86-64.so.2");
        var compiler = new ProcessBuilder(
                        "gcc",
                        "-O1",
                        "-nostdlib",
                        "-static-pie",
                        "-fno-stack-protector",
                        "-o",
                        linker.toString(),
                        "src/test/resources/io/aestus/executor/interpreter.c")
                .inheritIO()
                .start();
        assertEquals(0, compiler.waitFor(), "gcc");
        Path script = Files.writeString(host.image.resolve("bin/script"), "#!/proc/self/exe\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static RunningPod pod() throws IOException {
        return host.start(PodOptions.DEFAULT.withUserNamespace(PodOptions.UserNamespace.HOST));
    }

    @ParameterizedTest
    @EnumSource
    void as_its_own_program_or_as_what_a_script_asks_for(AppOptions.Processes processes) throws IOException {
        var options = AppOptions.DEFAULT.withProcesses(processes);
        for (String program : List.of("/bin/script", "/proc/self/exe")) {
            try (RunningPod pod = pod()) {
                assertNothingGiven(() -> pod.run(pod.prepare("app", Stage1Host.app(program), c -> c, options))
                        .stdout());
                var place = pod.prepare("sleeper", Stage1Host.app("/bin/sleep", "1000"), c -> c, options);
                try (var sleeper = pod.start(place)) {
                    assertNothingGiven(
                            () -> sleeper.exec(ExecSpec.of(List.of(program))).stdout());
                }
            }
        }
    }

    /** Something that runs a program. */
    private interface Attempt {
        String output() throws IOException;
    }

    private static void assertNothingGiven(Attempt attempt) {
        try {
            assertFalse(attempt.output().contains("/java"), "the agent's program");
        } catch (IOException refused) {
            assertFalse(refused.getMessage().isEmpty());
        }
    }
}
