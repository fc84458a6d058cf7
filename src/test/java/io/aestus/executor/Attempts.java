package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.executor.Stage1Host.Outcome;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;

/** Attempts from inside an app: by its own process and by one executed in it, with and without users of its own. */
abstract class Attempts extends OneStage1Host {
    /** Whence an attempt is made. */
    enum From {
        RUN_AS_HOST_USER(false, false),
        EXEC_AS_HOST_USER(false, true),
        RUN_AS_PRIVATE_USER(true, false),
        EXEC_AS_PRIVATE_USER(true, true);

        final boolean isPrivate;
        final boolean isExec;

        From(boolean isPrivate, boolean isExec) {
            this.isPrivate = isPrivate;
            this.isExec = isExec;
        }

        PodOptions options() {
            return Users.of(isPrivate).options();
        }
    }

    @BeforeAll
    static void prepare() throws Exception {
        Path probe = host.image.resolve("bin/probe");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no gcc to build the probe with");
        compile("probe", probe);
        Path raising = host.image.resolve("bin/setuid-probe");
        Files.copy(probe, raising);
        Files.setAttribute(raising, "unix:mode", 04755);
    }

    /** Builds one of the programs that are tried in containers. */
    static void compile(String name, Path program) throws IOException, InterruptedException {
        var compiler = new ProcessBuilder(
                        "gcc",
                        "-static",
                        "-O1",
                        "-o",
                        program.toString(),
                        "src/test/resources/io/aestus/executor/" + name + ".c")
                .inheritIO()
                .start();
        assertEquals(0, compiler.waitFor(), "gcc");
    }

    static Outcome outcome(From from, String script) throws IOException {
        try (RunningPod pod = host.start(from.options())) {
            return outcome(from, pod, script);
        }
    }

    static Outcome outcome(From from, RunningPod pod, String script) throws IOException {
        if (!from.isExec) {
            return pod.run("app", Stage1Host.shell(script));
        }
        try (RunningApp app = pod.start("app", Stage1Host.app("/bin/sleep", "1000"))) {
            return app.exec(script);
        }
    }

    static String output(From from, String script) throws IOException {
        Outcome outcome = outcome(from, script);
        assertEquals("", outcome.stderr());
        return outcome.stdout().strip();
    }

    static Map<String, String> attempts(From from, String... names) throws IOException {
        Outcome outcome = outcome(from, "/bin/probe " + String.join(" ", names));
        assertEquals(0, outcome.code(), outcome.stderr());
        return outcome.stdout()
                .lines()
                .map(line -> line.split(" ", 2))
                .collect(Collectors.toMap(words -> words[0], words -> words[1], (a, _) -> a, TreeMap::new));
    }

    static void assertAllRefused(From from, String errno, String... names) throws IOException {
        var expected = new TreeMap<String, String>();
        for (String name : names) {
            expected.put(name, errno);
        }
        assertEquals(expected, attempts(from, names));
    }
}
