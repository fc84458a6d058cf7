package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.EventHandler;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.Mount;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.appc.Volume;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import io.aestus.json.JsonReader;
import io.aestus.testing.CgroupTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is asked for holds for an app and for what is executed in it, on the host's users and on users of its own. */
@Tag("host")
class ConfinementTest extends OneStage1Host {
    private static App app(List<String> command, Isolator... isolators) {
        return App.running(command).isolators(Isolators.of(isolators)).build();
    }

    private static App sleeper(Isolator... isolators) {
        return app(List.of("/bin/sleep", "1000"), isolators);
    }

    /** What an app and a process executed in another one of its kind print, which must be the same. */
    private static String both(Users users, AppOptions options, String script, Isolator... isolators)
            throws IOException {
        try (RunningPod pod = pod(users)) {
            var place = pod.prepare("app", app(List.of("/bin/sh", "-c", script), isolators), c -> c, options);
            var own = pod.run(place);
            assertEquals("", own.stderr());
            try (RunningApp app = pod.start(pod.prepare("sleeper", sleeper(isolators), c -> c, options))) {
                var executed = app.exec(script);
                assertEquals("", executed.stderr());
                assertEquals(own.stdout(), executed.stdout());
                return own.stdout();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void resource_limits(Users users) throws IOException {
        var options = AppOptions.DEFAULT.withRlimits(List.of(
                new AppOptions.ResourceLimit("RLIMIT_NOFILE", 99, 100),
                new AppOptions.ResourceLimit("RLIMIT_CORE", 0, 0),
                new AppOptions.ResourceLimit("RLIMIT_NPROC", 77, 78)));
        String script = "grep -E '^Max (core|processes|open)' /proc/self/limits | tr -s ' ' | cut -d' ' -f2-5";
        assertEquals("core file size 0\nprocesses 77 78 processes\nopen files 99 100\n", both(users, options, script));
    }

    @ParameterizedTest
    @EnumSource
    void oom_scores_which_cannot_be_lowered_again(Users users) throws IOException {
        String script =
                "cat /proc/self/oom_score_adj; (echo -500 > /proc/self/oom_score_adj) 2>/dev/null || echo refused";
        assertEquals("321\nrefused\n", both(users, AppOptions.DEFAULT, script, new LinuxIsolator.OomScoreAdj(321)));
    }

    @ParameterizedTest
    @EnumSource
    void capabilities_and_no_new_privileges(Users users) throws IOException {
        String script = "grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status | tr -d '\\t'";
        assertEquals(
                """
                CapInh:0000000000000000
                CapPrm:0000000000000401
                CapEff:0000000000000401
                CapBnd:0000000000000401
                CapAmb:0000000000000000
                NoNewPrivs:1
                Seccomp:2
                """,
                both(
                        users,
                        AppOptions.DEFAULT,
                        script,
                        new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_CHOWN", "CAP_NET_BIND_SERVICE")),
                        new LinuxIsolator.NoNewPrivileges(true)));
    }

    @ParameterizedTest
    @EnumSource
    void filters_of_its_own(Users users) throws IOException {
        String script = "mkdir /tmp/x 2>/dev/null && echo made || echo refused";
        assertEquals("made\n", both(users, AppOptions.DEFAULT, "rm -rf /tmp/x; " + script));
        assertEquals(
                "refused\n",
                both(
                        users,
                        AppOptions.DEFAULT,
                        script,
                        new LinuxIsolator.SeccompRemoveSet(List.of("mkdir", "mkdirat"), Optional.of("EACCES"))));
    }

    /** Filters that leave a child less than it needs for its last steps come last. */
    @ParameterizedTest
    @EnumSource
    void filters_that_would_hinder_the_launch(Users users) throws IOException {
        for (String call : List.of("setsid", "setgroups", "ioctl", "prctl", "openat2", "capset")) {
            assertEquals(
                    "fine\n",
                    both(
                            users,
                            AppOptions.DEFAULT,
                            "echo fine",
                            new LinuxIsolator.SeccompRemoveSet(List.of(call), Optional.of("EPERM"))),
                    call);
        }
    }

    @ParameterizedTest
    @EnumSource
    void each_leads_a_session_of_its_own(Users users) throws IOException {
        assertEquals("own\n", both(users, AppOptions.DEFAULT, "test $(cut -d' ' -f6 /proc/$$/stat) = $$ && echo own"));
    }

    @ParameterizedTest
    @EnumSource
    void programs_are_looked_for_in_the_path_and_errors_are_named(Users users) throws IOException {
        try (RunningPod pod = pod(users)) {
            assertEquals(
                    "found\n", pod.run("found", app(List.of("echo", "found"))).stdout());
            var missing =
                    assertThrows(IOException.class, () -> pod.run("missing", app(List.of("nothing-of-the-kind"))));
            assertTrue(missing.getMessage().contains("nothing-of-the-kind: ENOENT"), missing.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_handler_after_the_end_runs_within_what_the_app_may(Users users) throws IOException {
        Path data = Files.createDirectories(directory.resolve("after-" + users));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
        var volume = new Volume.Host(new AcName("data"), AbsolutePath.parse(data.toString()), false, false);
        try (RunningPod pod = pod(users, volume)) {
            App app = app(
                            List.of("/bin/sh", "-c", "echo app >> /data/order"),
                            new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_CHOWN")))
                    .toBuilder()
                    .eventHandlers(List.of(new EventHandler(
                            EventHandler.Event.POST_STOP,
                            List.of("/bin/sh", "-c", "grep CapBnd /proc/self/status >> /data/order"))))
                    .build();
            var place = pod.prepare(
                    "app",
                    app,
                    each -> each.withMounts(List.of(Mount.of(new AcName("data"), AbsolutePath.parse("/data")))),
                    AppOptions.DEFAULT);
            assertEquals(0, pod.run(place).code());
            assertEquals(List.of("app", "CapBnd:\t0000000000000001"), Files.readAllLines(data.resolve("order")));
        }
    }

    @Test
    void a_bomb_of_forks_stops_at_its_limit() throws IOException {
        CgroupTrees.requireController("pids");
        var limit = new Isolator.Unknown(
                "aestus.io/pids",
                JsonReader.read("{\"limit\": \"10\"}".getBytes(StandardCharsets.UTF_8), "limit")
                        .value());
        String bomb = "i=0; while [ $i -lt 50 ]; do i=$((i + 1)); sleep 5 & done; echo all";
        try (RunningPod pod = pod(Users.PRIVATE_USERS)) {
            var outcome = pod.run("bomb", app(List.of("/bin/sh", "-c", bomb), limit));
            assertFalse(outcome.stdout().contains("all"), outcome.stdout());
            assertTrue(outcome.stderr().contains("can't fork"), outcome.stderr());
        }
    }

    /** With a tenth of a processor a busy loop gets a tenth of the time that it takes. */
    @Test
    void a_share_of_a_processor_holds() throws IOException {
        CgroupTrees.requireController("cpu");
        String busy =
                "read up idle < /proc/uptime; end=$((${up%%.*} + 2)); while read up idle < /proc/uptime && [ ${up%%.*} -lt $end ]; do :; done";
        try (RunningPod pod = pod(Users.PRIVATE_USERS)) {
            var tenth = ResourceIsolator.Cpu.limit(Quantity.parse("100m"));
            try (RunningApp app = pod.start("busy", app(List.of("/bin/sh", "-c", busy), tenth))) {
                long begin = System.nanoTime();
                app.started.process().pidfd().awaitEnd(Duration.ofSeconds(20));
                long took = System.nanoTime() - begin;
                long used = host.stage1
                        .usage(pod.place, Optional.of(app.place.name()))
                        .orElseThrow()
                        .cpuNanos();
                assertTrue(used * 10 < took * 3 / 2 + 500_000_000, used + " ns of " + took);
            }
        }
    }
}
