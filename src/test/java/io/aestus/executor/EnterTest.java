package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.App;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.json.JsonObject;
import io.aestus.testing.CgroupTrees;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is executed in an app gets no more than the app has, unless it is asked for. */
@Tag("host")
class EnterTest extends OneStage1Host {
    private static App app() {
        return App.running(List.of("/bin/sleep", "1000"))
                .user("1000")
                .group("1001")
                .isolators(Isolators.of(
                        new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_KILL")),
                        new LinuxIsolator.SeccompRemoveSet(List.of("mkdir", "mkdirat"), Optional.of("EPERM")),
                        new LinuxIsolator.NoNewPrivileges(true),
                        new Isolator.Unknown(
                                "aestus.io/pids",
                                JsonObject.builder().put("limit", 10).build())))
                .build();
    }

    private static String output(RunningApp app, AppOptions.Privilege privilege, String script) throws IOException {
        var outcome = app.exec(ExecSpec.of(List.of("/bin/sh", "-c", script)).withPrivilege(privilege));
        host.stage1.releaseExec(app.place, "test");
        return (outcome.stdout() + outcome.stderr()).strip();
    }

    private static String confined(RunningApp app, String script) throws IOException {
        return output(app, AppOptions.Privilege.CONFINED, script);
    }

    /** CVE-2019-10144. */
    @ParameterizedTest
    @EnumSource
    void capabilities_are_those_of_the_app(Users users) throws IOException {
        try (var pod = pod(users);
                var app = pod.start("app", app())) {
            assertEquals(
                    "CapInh 0000000000000000\nCapPrm 0000000000000000\nCapEff 0000000000000000\n"
                            + "CapBnd 0000000000000020\nCapAmb 0000000000000000\nNoNewPrivs 1",
                    confined(app, "grep -E '^Cap|NoNew' /proc/self/status | tr -d ':' | tr '\\t' ' '"));
            assertEquals("1000 1001", confined(app, "echo $(id -u) $(id -g)"));
        }
    }

    /** CVE-2019-10145. */
    @ParameterizedTest
    @EnumSource
    void calls_are_filtered_as_the_apps_are(Users users) throws IOException {
        try (var pod = pod(users);
                var app = pod.start("app", app())) {
            assertEquals("Seccomp:\t2", confined(app, "grep Seccomp: /proc/self/status"));
            assertTrue(confined(app, "mkdir /tmp/x").contains("Operation not permitted"));
            assertTrue(confined(app, "unshare -U true").contains("Operation not permitted"));
        }
    }

    /** CVE-2019-10147. */
    @ParameterizedTest
    @EnumSource
    void limits_hold_for_the_app_and_what_is_executed_in_it_together(Users users) throws IOException {
        CgroupTrees.requireController("pids");
        String many = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 100 > /dev/null 2>&1 & done; echo all";
        try (var pod = pod(users);
                var app = pod.start("app", app())) {
            assertTrue(confined(app, many).contains("can't fork"));
        }
        try (var pod = pod(users);
                var app = pod.start("app", app())) {
            assertTrue(output(app, AppOptions.Privilege.PRIVILEGED, many).contains("can't fork"), "even then");
        }
    }

    @ParameterizedTest
    @EnumSource
    void who_asks_for_it_is_the_pods_root_with_all_there_is(Users users) throws IOException {
        try (var pod = pod(users);
                var app = pod.start("app", app())) {
            assertEquals(
                    "0 Seccomp: 0 NoNewPrivs: 0 made",
                    output(
                            app,
                            AppOptions.Privilege.PRIVILEGED,
                            "echo $(id -u) $(grep Seccomp: /proc/self/status) $(grep NoNew /proc/self/status)"
                                    + " $(mkdir /tmp/x && echo made)"));
            String bounding = output(app, AppOptions.Privilege.PRIVILEGED, "grep CapEff /proc/self/status | cut -f2");
            long effective = Long.parseUnsignedLong(bounding, 16);
            assertTrue((effective & 1 << 21) != 0, "CAP_SYS_ADMIN in " + bounding);
            assertTrue(output(app, AppOptions.Privilege.PRIVILEGED, "readlink /proc/self/exe")
                    .startsWith("/bin/"));
        }
    }
}
