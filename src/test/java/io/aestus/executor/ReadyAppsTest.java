package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.EventHandler;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.MountPoint;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.testing.CgroupTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** First apps of pods made ahead: like the last ones that were asked for, and waiting to be told what to execute. */
@Tag("host")
class ReadyAppsTest {
    /** All that a process can see of how it is confined, and where it is; but {@code /etc}, of which pods made ahead have a mount. */
    private static final String LOOK = """
            exec 2>&1; id; umask; pwd; ulimit -a
            grep -E '^(Cap|Seccomp|NoNewPrivs|Groups|Uid|Gid|Sig)' /proc/self/status
            cat /proc/self/oom_score_adj /proc/self/limits /proc/self/cgroup
            awk '{print $4, $5, $6, $8, $9}' /proc/self/mountinfo | grep -v ' /etc/' | sort
            ls /proc/self/fd; readlink /proc/self/fd/0
            stat -c '%n %u %g %a %F' /* /dev/* /dev/pts/* /etc/*; hostname; cat /etc/hosts /etc/hostname /etc/resolv.conf
            env | sort; ps -o pid,args
            echo written > /new; stat -c '%u %g %a' /new
            echo seen; sleep 1000""";

    private static final String SEEN = "\nseen";

    private static final AcName APP = new AcName("app");

    @TempDir
    Path directory;

    private Stage1Host host;
    private Executor executor;

    @BeforeEach
    void open() throws IOException {
        host = Stage1Host.withSpares(directory, 1);
        executor = Executor.open(ExecutorConfig.of(directory), host.stage1);
    }

    @AfterEach
    void close() throws IOException {
        executor.close();
        host.builtIn().close();
        for (String place : List.of("ready", "spares", "users")) {
            if (Files.exists(directory.resolve(place))) {
                try (var left = Files.list(directory.resolve(place))) {
                    assertEquals(List.of(), left.toList());
                }
            }
        }
        host.close();
    }

    private static App shell(String script) {
        return App.running(List.of("/bin/sh", "-c", script)).build();
    }

    private static RuntimeApp app(String name, App app) {
        return Node.app(name, "").withApp(app);
    }

    /** What the app of a pod wrote, once it has ended; the pod is removed. */
    private static String output(Executor executor, PodUuid pod) throws InterruptedException {
        assertTrue(executor.waitFor(pod, Node.SOON).isPresent());
        var text = new StringBuilder();
        try (var log = executor.log(pod, APP).read(LogQuery.all())) {
            for (var line = log.next(Node.SOON); line.isPresent(); line = log.next(Node.SOON)) {
                text.append(Node.show(line.get())).append('\n');
            }
        }
        executor.remove(pod);
        return text.toString().replace(pod.toString(), "UUID");
    }

    private static String outputOf(Executor executor, PodSpec spec) throws InterruptedException {
        return output(executor, executor.run(spec));
    }

    /** Waits until the pod made ahead has its app ready. @return that app's process */
    private long awaitReady() throws IOException {
        long end = System.nanoTime() + Node.SOON.toNanos();
        while (true) {
            Optional<PodUuid> spare = spare();
            if (spare.isPresent()) {
                List<Long> waiting = processes(spare.get());
                if (waiting.size() == 1 && host.builtIn().sparePods() == 1 && spare.equals(spare())) {
                    return waiting.getFirst();
                }
            }
            assertTrue(System.nanoTime() < end, "no app is made ready");
            Thread.onSpinWait();
        }
    }

    private void awaitSpare() {
        long end = System.nanoTime() + Node.SOON.toNanos();
        while (host.builtIn().sparePods() == 0) {
            assertTrue(System.nanoTime() < end, "no pod is made ahead");
            Thread.onSpinWait();
        }
    }

    private Optional<PodUuid> spare() throws IOException {
        if (!Files.isDirectory(directory.resolve("ready"))) {
            return Optional.empty();
        }
        try (var ready = Files.list(directory.resolve("ready"))) {
            return ready.findFirst()
                    .map(file -> PodUuid.parse(file.getFileName().toString()));
        }
    }

    private static List<Long> processes(PodUuid pod) throws IOException {
        for (Path root : CgroupTrees.roots()) {
            Path members = root.resolve("aestus/" + pod + "/" + APP + "/cgroup.procs");
            if (Files.exists(members)) {
                return Files.readAllLines(members).stream().map(Long::parseLong).toList();
            }
        }
        return List.of();
    }

    /** Has the next pod have an app ready like this one. */
    private long ready(PodSpec spec) throws Exception {
        outputOf(executor, spec);
        return awaitReady();
    }

    /** Pods whose first app says what it sees. */
    private enum Kind {
        AS_IT_IS {
            @Override
            PodSpec pod(App app) {
                return Node.pod(ReadyAppsTest.app("app", app));
            }
        },
        AS_A_USER {
            @Override
            PodSpec pod(App app) {
                return AS_IT_IS.pod(app.toBuilder().user("1000").group("1001").build());
            }
        },
        ELSEWHERE {
            @Override
            PodSpec pod(App app) {
                return AS_IT_IS.pod(app.toBuilder()
                        .workingDirectory(AbsolutePath.parse("/bin"))
                        .build());
            }
        },
        LIMITED {
            @Override
            PodSpec pod(App app) {
                return AS_IT_IS.pod(app.toBuilder()
                        .isolators(Isolators.of(
                                new LinuxIsolator.OomScoreAdj(300),
                                new LinuxIsolator.NoNewPrivileges(true),
                                new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE"))))
                        .build());
            }
        },
        FILTERED {
            @Override
            PodSpec pod(App app) {
                return AS_IT_IS.pod(app.toBuilder()
                        .isolators(Isolators.of(
                                new LinuxIsolator.SeccompRemoveSet(List.of("mknod", "mknodat"), Optional.of("EPERM"))))
                        .build());
            }
        },
        READ_ONLY {
            @Override
            PodSpec pod(App app) {
                return Node.pod(ReadyAppsTest.app("app", app).withReadOnlyRootFs(true));
            }
        },
        NAMED {
            @Override
            PodSpec pod(App app) {
                return AS_IT_IS.pod(app)
                        .withOptions(PodOptions.DEFAULT
                                .withHostname("web")
                                .withHosts(List.of(new PodOptions.HostsEntry("192.0.2.7", List.of("db")))));
            }
        },
        ON_THE_HOST {
            @Override
            PodSpec pod(App app) {
                return AS_IT_IS.pod(app).withOptions(PodOptions.DEFAULT.withNetwork(PodOptions.NetworkMode.HOST));
            }
        },
        AT_A_TERMINAL {
            @Override
            PodSpec pod(App app) {
                return Node.with(AS_IT_IS.pod(app), "app", AppOptions.DEFAULT.withTerminal(AppOptions.Terminal.TTY));
            }
        };

        abstract PodSpec pod(App app);
    }

    @ParameterizedTest
    @EnumSource
    void it_sees_and_may_what_one_does_that_was_not_ready(Kind kind) throws Exception {
        awaitSpare();
        Seen expected = Seen.by(executor, kind.pod(shell(LOOK)));
        assertTrue(expected.text.contains("Seccomp"), expected.text);
        assertEquals(new Seen(awaitReady(), expected.text), Seen.by(executor, kind.pod(shell(LOOK))));
    }

    /** What an app saw, and its process. */
    private record Seen(long process, String text) {
        static Seen by(Executor executor, PodSpec spec) throws Exception {
            PodUuid pod = executor.run(spec);
            var text = new StringBuilder();
            try (var log = executor.log(pod, APP).read(LogQuery.all().following())) {
                while (!text.toString().stripTrailing().endsWith(SEEN)) {
                    LogLine line = log.next(Node.SOON).orElseThrow();
                    text.append(new String(line.text(), StandardCharsets.UTF_8));
                    text.append(line.isPartial() ? "" : "\n"); // as it happens to write
                }
            }
            var running =
                    (AppState.Running) executor.status(pod).requireApp(APP).state();
            executor.stop(pod, StopOptions.NOW);
            executor.remove(pod);
            return new Seen(running.pid(), text.toString().replace(pod.toString(), "UUID"));
        }
    }

    @Test
    void one_that_the_next_pod_does_not_want_is_gone_before_its_apps_are_there() throws Exception {
        long waiting = ready(Node.pod(app("app", shell("true"))));
        PodSpec other = Node.pod(Node.app("other", "ls /proc | grep -c '^[0-9]'; ls /sys/fs/cgroup"));
        PodUuid pod = executor.run(other);
        assertFalse(ProcessHandle.of(waiting).filter(ProcessHandle::isAlive).isPresent());
        assertTrue(executor.waitFor(pod, Node.SOON).isPresent());
        try (var log = executor.log(pod, new AcName("other")).read(LogQuery.all())) {
            // the pod's first, the shell, and what it runs
            assertEquals("stdout F 4", Node.show(log.next(Node.SOON).orElseThrow()));
        }
        executor.remove(pod);
    }

    /** What of an app its root depends on. */
    private enum Difference {
        ISOLATORS {
            @Override
            PodSpec pod() {
                return Kind.LIMITED.pod(shell("echo fine"));
            }
        },
        RLIMITS {
            @Override
            PodSpec pod() {
                return Node.with(
                        Kind.AS_IT_IS.pod(shell("[ $(ulimit -n) = 99 ] && echo fine")),
                        "app",
                        AppOptions.DEFAULT.withRlimits(
                                List.of(new AppOptions.ResourceLimit("RLIMIT_NOFILE", 99, 100))));
            }
        },
        PRIVILEGE {
            @Override
            PodSpec pod() {
                return Node.with(
                        Kind.AS_IT_IS.pod(shell("grep -q 'Seccomp:.0' /proc/self/status && echo fine")),
                        "app",
                        AppOptions.DEFAULT.withPrivilege(AppOptions.Privilege.PRIVILEGED));
            }
        },
        PROCESSES {
            @Override
            PodSpec pod() {
                return Node.with(
                        Kind.AS_IT_IS.pod(shell("[ $$ = 1 ] && echo fine")),
                        "app",
                        AppOptions.DEFAULT.withProcesses(AppOptions.Processes.APP));
            }
        },
        HANDLER {
            @Override
            PodSpec pod() {
                return Kind.AS_IT_IS.pod(shell("echo fine").toBuilder()
                        .eventHandlers(List.of(new EventHandler(EventHandler.Event.PRE_START, List.of("/bin/true"))))
                        .build());
            }
        },
        VOLUME {
            @Override
            PodSpec pod() {
                return Kind.AS_IT_IS.pod(shell("touch /data/x && echo fine").toBuilder()
                        .mountPoints(List.of(new MountPoint(new AcName("data"), AbsolutePath.parse("/data"), false)))
                        .build());
            }
        };

        abstract PodSpec pod();
    }

    @ParameterizedTest
    @EnumSource
    void an_app_that_wants_something_else_gets_it(Difference difference) throws Exception {
        ready(Kind.AS_IT_IS.pod(shell("true")));
        assertEquals("stdout F fine\n", outputOf(executor, difference.pod()));
    }

    @Test
    void an_image_that_was_removed_and_fetched_again_is_what_the_next_app_sees() throws Exception {
        ready(Kind.AS_IT_IS.pod(shell("true")));
        Files.move(host.image, host.image.resolveSibling("removed"));
        BusyboxTree.make(host.image);
        Files.writeString(host.image.resolve("news"), "new\n");
        assertEquals("stdout F new\n", outputOf(executor, Kind.AS_IT_IS.pod(shell("cat /news"))));
    }

    @Test
    void what_it_writes_stays_with_its_pod() throws Exception {
        ready(Kind.AS_IT_IS.pod(shell("true")));
        PodUuid pod = executor.run(Kind.AS_IT_IS.pod(shell("echo word > /written; exit 1")));
        assertTrue(executor.waitFor(pod, Node.SOON).isPresent());
        Path upper = directory.resolve("pods/" + pod + "/apps/app/upper");
        assertEquals("word\n", Files.readString(upper.resolve("written")));
        assertFalse(Files.exists(directory.resolve("ready/" + pod)));
        executor.remove(pod);
    }

    @Test
    void a_program_that_cannot_be_executed_is_told_as_ever_and_nothing_of_it_is_left() throws Exception {
        long waiting = ready(Kind.AS_IT_IS.pod(shell("true")));
        var failure = assertThrows(
                AestusException.class,
                () -> executor.run(
                        Kind.AS_IT_IS.pod(App.running(List.of("/nowhere")).build())));
        assertTrue(failure.getMessage().contains("execute /nowhere: ENOENT"), failure.getMessage());
        assertFalse(ProcessHandle.of(waiting).filter(ProcessHandle::isAlive).isPresent());
        for (PodStatus pod : executor.list()) {
            assertFalse(Files.exists(directory.resolve("ready/" + pod.uuid())));
            executor.remove(pod.uuid());
        }
    }

    @Test
    void one_that_somebody_killed_is_replaced() throws Exception {
        long waiting = ready(Kind.AS_IT_IS.pod(shell("true")));
        PodUuid spare = spare().orElseThrow();
        ProcessHandle.of(waiting).orElseThrow().destroyForcibly();
        while (!processes(spare).isEmpty()) {
            Thread.onSpinWait(); // until it has ended
        }
        assertEquals("stdout F fine\n", outputOf(executor, Kind.AS_IT_IS.pod(shell("echo fine"))));
    }

    @Test
    void a_pod_that_ends_before_its_apps_are_started_takes_it_along() throws Exception {
        long waiting = ready(Kind.AS_IT_IS.pod(shell("true")));
        var place = host.place(Kind.AS_IT_IS.pod(shell("true")));
        assertEquals(spare().orElseThrow(), place.uuid());
        try (var pod = host.startOnly(place)) {
            assertTrue(ProcessHandle.of(waiting).filter(ProcessHandle::isAlive).isPresent());
            assertEquals(place.uuid(), pod.place.uuid());
        }
        assertFalse(ProcessHandle.of(waiting).filter(ProcessHandle::isAlive).isPresent());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_a_killed_maker_kept_for_one_goes_with_the_next_sweep(boolean isLive) throws Exception {
        Path kept = Files.createDirectories(directory.resolve("ready/" + PodUuid.random() + "/upper/deep"));
        host.stage1.sweep(_ -> isLive);
        assertEquals(isLive, Files.exists(kept));
        host.stage1.sweep(_ -> false);
        assertFalse(Files.exists(kept));
    }
}
