package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.executor.AppOptions.Processes;
import io.aestus.executor.Stage1Host.Outcome;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which processes an app sees. */
@Tag("host")
class ProcessesTest extends OneStage1Host {
    private static Stage1.AppPlace place(RunningPod pod, String name, Processes processes, String script)
            throws IOException {
        return pod.prepare(
                name, Stage1Host.shell(script), change -> change, AppOptions.DEFAULT.withProcesses(processes));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_with_its_own_is_their_first_and_sees_no_others(boolean isPrivate) throws IOException {
        try (RunningPod pod = pod(Users.of(isPrivate));
                RunningApp neighbour = pod.start("neighbour", Stage1Host.app("/bin/sleep", "4711"))) {
            Outcome outcome = pod.run(place(
                    pod,
                    "alone",
                    Processes.APP,
                    "echo I am $$; cat /proc/[0-9]*/cmdline | tr '\\0' ' '; ls /proc/acpi"));
            assertTrue(outcome.stdout().startsWith("I am 1\n"), outcome.stdout());
            assertFalse(outcome.stdout().contains("4711"), outcome.stdout());
            assertTrue(neighbour.exec("kill -0 $PPID; ps").stdout().contains("4711"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void its_own_are_covered_as_those_of_the_pod_are(boolean isPrivate) throws IOException {
        String script = "for f in kcore keys interrupts timer_list; do wc -c < /proc/$f; done 2>&1;"
                + " for f in sys/kernel/core_pattern sysrq-trigger; do echo x > /proc/$f; done 2>&1";
        try (RunningPod pod = pod(Users.of(isPrivate))) {
            Outcome shared = pod.run(place(pod, "shared", Processes.POD, script));
            Outcome alone = pod.run(place(pod, "alone", Processes.APP, script));
            assertEquals(shared.stdout(), alone.stdout());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_is_executed_in_it_is_among_its_own(boolean isPrivate) throws IOException {
        try (RunningPod pod = pod(Users.of(isPrivate));
                RunningApp alone = pod.start(place(
                        pod, "alone", Processes.APP, "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done"))) {
            assertEquals("up", alone.line());
            String seen = alone.exec("cat /proc/1/cmdline | tr '\\0' ' '; test -d /proc/$$ && echo me")
                    .stdout();
            assertTrue(seen.contains("trap") && seen.endsWith("me\n"), seen);
            alone.started.process().pidfd().signal(15);
            assertEquals(0, alone.await().code());
        }
    }

    @Test
    void one_among_the_hosts_sees_the_agent() throws IOException {
        long agent = ProcessHandle.current().pid();
        String script = "cat /proc/" + agent + "/comm; test -d /proc/$$ && echo me";
        try (RunningPod pod = pod(Users.HOST_USERS)) {
            assertEquals(
                    "java\nme\n",
                    pod.run(place(pod, "node", Processes.HOST, script)).stdout());
            try (RunningApp node = pod.start(place(pod, "node", Processes.HOST, "echo up; sleep 1000"))) {
                assertEquals("up", node.line());
                assertEquals("java\nme\n", node.exec(script).stdout());
            }
        }
    }

    @Test
    void with_users_of_its_own_a_pod_gets_none_of_the_hosts() throws IOException {
        try (RunningPod pod = pod(Users.PRIVATE_USERS)) {
            var place = place(pod, "node", Processes.HOST, "true");
            var refused = assertThrows(AestusException.class, () -> pod.run(place));
            assertEquals(Problem.UNSUPPORTED, refused.problem());
        }
    }
}
