package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods that are made ahead of whoever asks for one. */
@Tag("host")
class SparePodsTest {
    @TempDir
    Path directory;

    private Stage1Host host;

    @BeforeEach
    void open() throws IOException {
        host = Stage1Host.withSpares(directory, 1);
    }

    @AfterEach
    void close() throws IOException {
        host.builtIn().close();
        List<String> left = left();
        host.close();
        assertEquals(List.of(), left);
    }

    /** The one that is ready. */
    private PodUuid ready() throws IOException {
        long end = System.nanoTime() + Node.SOON.toNanos();
        while (host.builtIn().sparePods() == 0) {
            assertTrue(System.nanoTime() < end, "no pod is made ahead");
            Thread.onSpinWait();
        }
        try (var marks = Files.list(directory.resolve("spares"))) {
            return PodUuid.parse(marks.findFirst().orElseThrow().getFileName().toString());
        }
    }

    /** Marks, users and cgroups of pods made ahead. */
    private List<String> left() throws IOException {
        var left = new ArrayList<String>();
        for (String place : List.of("spares", "users")) {
            try (var files = Files.list(directory.resolve(place))) {
                files.forEach(file -> left.add(place + "/" + file.getFileName()));
            }
        }
        return left;
    }

    private static boolean hasCgroup(PodUuid pod) {
        return Files.isDirectory(Path.of("/sys/fs/cgroup/memory/aestus/" + pod))
                || Files.isDirectory(Path.of("/sys/fs/cgroup/aestus/" + pod));
    }

    @Test
    void a_pod_that_was_made_ahead_is_what_its_options_say() throws IOException {
        PodUuid spare = ready();
        var options = PodOptions.DEFAULT
                .withHostname("web")
                .withHosts(List.of(new PodOptions.HostsEntry("192.0.2.7", List.of("db"))))
                .withDns(new PodOptions.Dns(List.of("192.0.2.53"), List.of(), List.of()));
        try (var pod = host.start(options)) {
            assertEquals(spare, pod.place.uuid());
            assertEquals(
                    "web\nweb\n192.0.2.7\tdb\nnameserver 192.0.2.53\n",
                    pod.run(
                                    "app",
                                    Stage1Host.shell("hostname; cat /etc/hostname; grep db /etc/hosts;"
                                            + " cat /etc/resolv.conf"))
                            .stdout());
        }
        assertFalse(hasCgroup(spare));
    }

    @Test
    void one_without_wishes_is_called_by_its_uuid() throws IOException {
        PodUuid spare = ready();
        try (var pod = host.start(PodOptions.DEFAULT)) {
            assertEquals(
                    "aestus-" + spare + "\n127.0.1.1\taestus-" + spare + "\n",
                    pod.run("app", Stage1Host.shell("hostname; grep aestus /etc/hosts"))
                            .stdout());
        }
    }

    @Test
    void a_pod_that_asks_for_what_none_was_made_with_gets_one_of_its_own() throws IOException {
        PodUuid spare = ready();
        try (var pod = host.start(PodOptions.DEFAULT.withUserNamespace(PodOptions.UserNamespace.HOST))) {
            assertNotEquals(spare, pod.place.uuid());
        }
        assertEquals(spare, ready());
    }

    @Test
    void pods_in_the_network_of_the_host_have_theirs_when_the_last_one_was_such() throws IOException {
        PodUuid alone = ready();
        var options = PodOptions.DEFAULT.withNetwork(PodOptions.NetworkMode.HOST);
        host.start(options).close();
        PodUuid spare = ready();
        while (spare.equals(alone)) {
            spare = ready(); // until it has made room for another
        }
        try (var pod = host.start(options)) {
            assertEquals(spare, pod.place.uuid());
            assertEquals(
                    Files.readSymbolicLink(Path.of("/proc/self/ns/net")) + "\n",
                    pod.run("app", Stage1Host.shell("readlink /proc/self/ns/net"))
                            .stdout());
        }
    }

    @Test
    void one_that_was_promised_to_a_pod_that_cannot_be_made_is_for_the_next() throws Exception {
        PodUuid spare = ready();
        try (var executor = Executor.open(ExecutorConfig.of(directory), host.stage1)) {
            var named = PodOptions.DEFAULT.withName(PodName.parse("web"));
            PodUuid first = executor.prepare(Node.pod(Node.app("hello", "true")).withOptions(named));
            assertThrows(
                    AestusException.class,
                    () -> executor.run(Node.pod(Node.app("hello", "true")).withOptions(named)));
            PodUuid second = executor.run(Node.pod(Node.app("hello", "true")));
            assertEquals(spare, second);
            assertTrue(executor.waitFor(second, Node.SOON).isPresent());
            executor.remove(first);
            executor.remove(second);
        }
    }

    @Test
    void another_one_is_made_for_the_next() throws IOException {
        PodUuid first = ready();
        try (var one = host.start(PodOptions.DEFAULT)) {
            PodUuid second = ready();
            assertNotEquals(first, second);
            try (var two = host.start(PodOptions.DEFAULT)) {
                assertEquals(first, one.place.uuid());
                assertEquals(second, two.place.uuid());
                assertEquals(
                        "one\n", one.run("app", Stage1Host.shell("echo one")).stdout());
                assertEquals(
                        "two\n", two.run("app", Stage1Host.shell("echo two")).stdout());
            }
        }
    }

    @Test
    void what_nobody_took_goes_with_its_maker() throws IOException {
        PodUuid spare = ready();
        assertTrue(hasCgroup(spare));
        host.builtIn().close();
        assertFalse(hasCgroup(spare));
    }

    @Test
    void what_a_killed_maker_left_goes_with_the_next_sweep_and_not_before_its_end() throws Exception {
        ready(); // ours: a child that is just being made would hold the lock of a mark for a moment
        try (var maker = OwnerProcess.start(directory, Isolation.NATIVE, OwnerProcess.Task.KEEP_SPARE)) {
            PodUuid spare = PodUuid.parse(maker.hear());
            host.stage1.sweep(_ -> false);
            assertTrue(hasCgroup(spare));
            maker.kill();
            host.stage1.sweep(_ -> true);
            assertTrue(hasCgroup(spare), "it is a pod by now");
            host.stage1.sweep(_ -> false);
            assertFalse(hasCgroup(spare));
        }
    }

    @Test
    void the_executor_runs_pods_in_them_and_leaves_none() throws Exception {
        PodUuid spare = ready();
        try (var executor = Executor.open(ExecutorConfig.of(directory), host.stage1)) {
            var pod = executor.run(Node.pod(Node.app("hello", "echo hello; exit 3")));
            assertEquals(spare, pod);
            var exited = executor.waitFor(pod, Node.SOON).orElseThrow();
            assertEquals(ExitStatus.ofCode(3), exited.exits().get(new AcName("hello")));
            executor.remove(pod);
            assertFalse(hasCgroup(pod));
            assertNotEquals(spare, executor.prepare(Node.pod(Node.app("later", "true"))), "it is not started yet");
        }
    }
}
