package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.appc.AbsolutePath;
import io.aestus.appc.App;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process of a pod that all the time tries to get at the memory and the descriptors of whatever starts beside it gets
 * nothing, whoever it is.
 */
@Tag("host")
class OnlookersTest extends OneStage1Host {
    private static final int NEWCOMERS = 40;
    private static final String SECRET = "agent's secret!!";

    /** Who looks. */
    enum Onlooker {
        HOST_ROOT(false, "CAP_CHOWN", AppOptions.Privilege.CONFINED),
        HOST_TRACER(false, "CAP_SYS_PTRACE", AppOptions.Privilege.CONFINED),
        HOST_PRIVILEGED(false, "CAP_CHOWN", AppOptions.Privilege.PRIVILEGED),
        PRIVATE_ROOT(true, "CAP_CHOWN", AppOptions.Privilege.CONFINED),
        PRIVATE_TRACER(true, "CAP_SYS_PTRACE", AppOptions.Privilege.CONFINED),
        PRIVATE_PRIVILEGED(true, "CAP_CHOWN", AppOptions.Privilege.PRIVILEGED);

        private final boolean isPrivate;
        private final String capability;
        private final AppOptions.Privilege privilege;

        Onlooker(boolean isPrivate, String capability, AppOptions.Privilege privilege) {
            this.isPrivate = isPrivate;
            this.capability = capability;
            this.privilege = privilege;
        }

        private PodOptions options() {
            return Users.of(isPrivate).options();
        }

        private RunningApp start(RunningPod pod, String... words) throws IOException {
            App app = App.running(List.of(words))
                    .isolators(Isolators.of(
                            new LinuxIsolator.CapabilitiesRetainSet(List.of(capability)),
                            new LinuxIsolator.SeccompRetainSet(List.of("@appc.io/all"), Optional.empty())))
                    .build();
            var place = pod.prepare("onlooker", app, change -> change, AppOptions.DEFAULT.withPrivilege(privilege));
            RunningApp running = pod.start(place);
            assertEquals("ready", running.line());
            return running;
        }
    }

    @BeforeAll
    static void prepare() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no gcc to build the onlooker with");
        var compiler = new ProcessBuilder(
                        "gcc",
                        "-static",
                        "-O1",
                        "-o",
                        host.image.resolve("bin/onlooker").toString(),
                        "src/test/resources/io/aestus/executor/onlooker.c")
                .inheritIO()
                .start();
        assertEquals(0, compiler.waitFor(), "gcc");
    }

    @ParameterizedTest
    @EnumSource
    void nobody_gets_at_the_agent_through_what_starts(Onlooker onlooker) throws IOException {
        try (Arena arena = Arena.ofConfined();
                RunningPod pod = host.start(onlooker.options())) {
            String address = "0x" + Long.toHexString(arena.allocateFrom(SECRET).address());
            try (RunningApp sleeper = pod.start("sleeper", inTmp("/bin/sleep", "1000"));
                    RunningApp running = onlooker.start(pod, "/bin/onlooker", address)) {
                for (int i = 0; i < NEWCOMERS; i++) {
                    assertEquals(0, pod.run("newcomer-" + i, inTmp("/bin/true")).code());
                    assertEquals(
                            0, sleeper.exec(ExecSpec.of(List.of("/bin/true"))).code());
                }
                running.started.process().pidfd().signal(9);
                String seen = running.await().stdout();
                assertEquals(
                        List.of(),
                        seen.lines().filter(line -> !isTheNewcomersOwn(line)).toList());
            }
        }
    }

    private static App inTmp(String... words) {
        return App.running(List.of(words))
                .workingDirectory(AbsolutePath.parse("/tmp"))
                .build();
    }

    /** Its working directory, and the pipe by which it tells of a failure: of what it was given nothing else is left. */
    private static boolean isTheNewcomersOwn(String line) {
        return line.matches("descriptor of [0-9]+: (/tmp|pipe:\\[[0-9]+])");
    }

    @ParameterizedTest
    @EnumSource(names = {"HOST_ROOT", "HOST_TRACER"})
    void one_that_stops_what_starts_delays_a_launch_by_its_limit_at_most(Onlooker onlooker) throws IOException {
        try (RunningPod pod = host.start(onlooker.options());
                RunningApp running = onlooker.start(pod, "/bin/onlooker", "0", "stop")) {
            Instant before = Instant.now();
            var newcomer = pod.prepare("newcomer", Stage1Host.app("/bin/true"), change -> change, AppOptions.DEFAULT);
            try (RunningApp started = pod.start(newcomer)) {
                assertTrue(started.started.process().pidfd().signal(9)); // it was quick enough, and stopped later
            } catch (IOException refused) {
                assertTrue(refused.getMessage().contains("takes more than"), refused.getMessage());
            }
            assertTrue(Duration.between(before, Instant.now()).toSeconds() < 14);
            running.started.process().pidfd().signal(9);
        }
    }
}
