package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.appc.App;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import io.aestus.linux.LaunchException;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An app that lies in wait for whatever is started beside it, as the same user: it gets neither memory nor a descriptor of who
 * starts it, and holds up no start for longer than the limit of a launch.
 */
@Tag("host")
@Timeout(300)
class SpyTest {
    private static final int LAUNCHES = 100;
    private static final int STOPPED_LAUNCHES = 2;

    @TempDir
    Path directory;

    private Stage1Host host;

    /** How much power over others the spy has. */
    enum Spy {
        OF_PRIVATE_USERS(true, false),
        TRACER_OF_PRIVATE_USERS(true, true),
        OF_HOST_USERS(false, false),
        TRACER_OF_HOST_USERS(false, true);

        private final boolean isPrivate;
        private final boolean isTracer;

        Spy(boolean isPrivate, boolean isTracer) {
            this.isPrivate = isPrivate;
            this.isTracer = isTracer;
        }

        PodOptions options() {
            return Users.of(isPrivate).options();
        }

        App app(String deed) {
            App app = Stage1Host.app("/bin/spy", deed);
            return isTracer
                    ? app.toBuilder()
                            .isolators(Isolators.of(new LinuxIsolator.CapabilitiesRetainSet(
                                    List.of("CAP_SYS_PTRACE", "CAP_KILL", "CAP_DAC_OVERRIDE"))))
                            .build()
                    : app;
        }
    }

    @BeforeEach
    void open() throws Exception {
        host = new Stage1Host(directory);
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no gcc to build the spy with");
        Attempts.compile("spy", host.image.resolve("bin/spy"));
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @ParameterizedTest
    @EnumSource
    void sees_nothing_of_who_starts_its_neighbours(Spy spy) throws IOException {
        try (RunningPod pod = host.start(spy.options());
                RunningApp app = pod.start("spy", spy.app("look"))) {
            assertEquals("ready", app.line());
            for (int i = 0; i < LAUNCHES; i++) {
                assertEquals(
                        0, pod.run("neighbour", Stage1Host.app("/bin/true")).code());
            }
            app.started.process().pidfd().signal(Signal.SIGTERM);
            List<String> said = app.await()
                    .stdout()
                    .lines()
                    .filter(line -> !(spy == Spy.TRACER_OF_HOST_USERS && isNewborns(line)))
                    .toList();
            assertEquals(1, said.size(), said::toString);
            assertTrue(said.getFirst().matches("seen [1-9][0-9]*"), said::toString);
        }
    }

    /**
     * What a process apart has before it executes its program, and who may trace everybody can take: its directory, which is in
     * its root, and the pipe into which it would tell of a failure, by which one spoils but the start that one could stop anyway.
     */
    private static boolean isNewborns(String line) {
        return line.matches("descriptor [0-9]+: (/|pipe:\\[[0-9]+\\])");
    }

    /** Who is stopped before it has executed its program is killed; who is stopped later runs, as anybody's app may be stopped. */
    @ParameterizedTest
    @EnumSource(names = {"OF_PRIVATE_USERS", "OF_HOST_USERS"})
    void holds_up_no_start_for_ever(Spy spy) throws IOException {
        try (RunningPod pod = host.start(spy.options());
                RunningApp app = pod.start("spy", spy.app("stop"))) {
            assertEquals("ready", app.line());
            for (int i = 0; i < STOPPED_LAUNCHES; i++) {
                long begin = System.nanoTime();
                String outcome = start(pod);
                long seconds = (System.nanoTime() - begin) / 1_000_000_000;
                assertTrue(seconds < 60, () -> outcome + " after " + seconds + " s");
            }
            app.started.process().pidfd().signal(Signal.SIGTERM);
            assertTrue(app.await().stdout().matches("seen [1-9][0-9]*\n"));
        }
    }

    private static String start(RunningPod pod) throws IOException {
        try (RunningApp neighbour = pod.start("neighbour", Stage1Host.app("/bin/sleep", "1000"))) {
            return "started as " + neighbour.started.process().pid();
        } catch (LaunchException e) {
            return e.getMessage();
        }
    }
}
