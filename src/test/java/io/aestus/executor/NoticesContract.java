package io.aestus.executor;

import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.AcIdentifier;
import io.aestus.appc.Annotation;
import io.aestus.appc.Annotations;
import io.aestus.appc.App;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.linux.PidFd;
import io.aestus.testing.BuiltProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Apps that tell by sd_notify how they are, whatever isolates them. */
@Timeout(120)
abstract class NoticesContract {
    private static final int SIGUSR1 = 10;
    private static final Annotations TELLS =
            new Annotations(List.of(new Annotation(AcIdentifier.parse(Annotations.SUPPORTS_SYSTEMD_NOTIFY), "true")));

    @TempDir
    Path directory;

    private final Isolation isolation;
    private Node node;
    private String tell;

    NoticesContract(Isolation isolation) {
        this.isolation = isolation;
    }

    @BeforeEach
    void open() throws Exception {
        node = Node.on(directory, isolation);
        Path programs = isolation == Isolation.PLAIN ? directory : directory.resolve("image/rootfs/bin");
        BuiltProgram.tell(programs);
        if (isolation != Isolation.PLAIN) {
            Path seen = Files.createDirectories(directory.resolve("image/rootfs/seen"));
            Files.setPosixFilePermissions(seen, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        tell = isolation == Isolation.PLAIN ? directory + "/tell" : "/bin/tell";
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        node.removeAll();
        node.close();
        assertEquals(List.of(), isolation.left(directory), "left on the host");
    }

    /** An app that tells something at once, and that it is ready when it is asked to. */
    private RuntimeApp teller(String name) {
        String script = "trap 'asked=1' USR1; " + tell + " --wait 'STATUS=warming up'; : > "
                + file("warm") + "; "
                + "while [ -z \"$asked\" ]; do sleep 0.02; done; exec " + tell + " --stay --then " + file("told")
                + " READY=1";
        return app(name, script).withAnnotations(TELLS);
    }

    private RuntimeApp app(String name, String script) {
        return Node.app(name, script)
                .withApp(App.running(List.of("/bin/sh", "-c", script))
                        .user("1000")
                        .group("1000")
                        .build());
    }

    private String file(String name) {
        return isolation == Isolation.PLAIN ? directory + "/" + name : "/seen/" + name;
    }

    private Path fileOf(PodUuid pod, String name) {
        return isolation == Isolation.PLAIN
                ? directory.resolve(name)
                : directory.resolve("pods/" + pod + "/apps/web/upper/seen/" + name);
    }

    private static void awaitFile(Path file) throws InterruptedException {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        while (!Files.exists(file)) {
            assertTrue(System.nanoTime() < deadline, "the app did not make " + file);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private AppStatus web(PodUuid pod) {
        return node.executor.status(pod).requireApp(name("web"));
    }

    private AppStatus await(PodUuid pod, Predicate<AppStatus> wanted) throws InterruptedException {
        return node.await(pod, "web", wanted);
    }

    private static Predicate<AppStatus> says(String text) {
        return app -> app.notice().map(AppNotice::text).equals(Optional.of(text));
    }

    private int exec(PodUuid pod, String app, String script) throws InterruptedException {
        try (var process = node.executor.exec(pod, name(app), ExecSpec.of(List.of("/bin/sh", "-c", script)))) {
            return process.waitFor(Node.SOON).orElseThrow().code();
        }
    }

    @Test
    void an_app_is_ready_when_it_says_so_and_until_it_is_about_to_end() throws InterruptedException {
        var ready = new CopyOnWriteArrayList<PodEvent>();
        try (var _ = node.executor.events(event -> {
            if (event instanceof PodEvent.AppReady) {
                ready.add(event);
            }
        })) {
            var pod = node.run(sandbox(teller("web")));
            assertFalse(await(pod, says("warming up")).isReady());
            assertFalse(node.executor.waitReady(pod, Duration.ofMillis(50)));
            node.executor.signal(pod, name("web"), SIGUSR1);
            assertTrue(node.executor.waitReady(pod, Node.SOON));
            assertTrue(web(pod).isReady());
            exec(pod, "web", tell + " --wait STOPPING=1");
            assertFalse(
                    await(pod, app -> app.notice().orElseThrow().isStopping()).isReady());
            assertEquals(1, ready.size());
        }
    }

    @Test
    void a_process_that_is_executed_in_it_is_heard_and_told_when_it_was() throws InterruptedException {
        var pod = node.run(sandbox(teller("web")));
        if (isolation.isKernel()) {
            assertEquals(0, exec(pod, "web", tell + " READY=1"));
            assertTrue(node.executor.waitReady(pod, Node.SOON));
        } else {
            assertEquals(0, exec(pod, "web", tell + " --wait READY=1")); // ends when its message was read
        }
        assertTrue(web(pod).isReady());
    }

    @Test
    void no_other_app_of_the_pod_is_heard() throws InterruptedException {
        var pod = node.run(sandbox(teller("web"), app("other", "while :; do sleep 0.02; done")));
        await(pod, says("warming up"));
        String way = isolation == Isolation.PLAIN
                ? NoticePlace.path(directory.resolve("pods/" + pod + "/apps/web"))
                        .toString()
                : "/proc/*/root/run/aestus/notify";
        String intrude = "for socket in " + way + "; do [ -S $socket ] && NOTIFY_SOCKET=$socket " + tell
                + " --wait READY=1 STATUS=intruded && exit 0; done; exit 1";
        assertEquals(
                isolation.isKernel() ? 1 : 0,
                exec(pod, "other", intrude),
                "whether the way to the socket of the other was found");
        exec(pod, "web", tell + " --wait 'STATUS=still warming up'");
        assertFalse(await(pod, says("still warming up")).isReady());
    }

    @Test
    void what_is_told_while_nobody_looks_after_the_pod_is_heard_by_who_comes_next() throws Exception {
        var pod = node.run(sandbox(teller("web")));
        long pid = ((AppState.Running) await(pod, says("warming up")).state()).pid();
        awaitFile(fileOf(pod, "warm")); // so that it waits for nobody to hear it
        node.close();
        try (PidFd process = PidFd.open(pid).orElseThrow()) {
            process.signal(SIGUSR1);
        }
        awaitFile(fileOf(pod, "told"));
        node = Node.on(directory, isolation);
        assertTrue(node.executor.waitReady(pod, Node.SOON));
        exec(pod, "web", tell + " --wait STATUS=on");
        assertTrue(await(pod, says("on")).isReady());
    }

    @Test
    void an_app_that_is_started_again_is_not_ready_before_it_says_so_again() throws InterruptedException {
        var pod = node.run(sandbox(teller("web")));
        await(pod, says("warming up"));
        node.executor.signal(pod, name("web"), SIGUSR1);
        assertTrue(node.executor.waitReady(pod, Node.SOON));
        node.executor.stopApp(pod, name("web"), StopOptions.NOW);
        assertEquals(Optional.empty(), web(pod).notice());
        node.executor.startApp(pod, name("web"));
        assertFalse(await(pod, says("warming up")).isReady());
        node.executor.signal(pod, name("web"), SIGUSR1);
        assertTrue(node.executor.waitReady(pod, Node.SOON));
    }

    @Test
    void an_app_that_tells_all_the_time_only_slows_itself() throws InterruptedException {
        String flood = "i=0; while [ $i -lt 100 ]; do i=$((i+1)); " + tell + " STATUS=$i; done; exec " + tell
                + " --stay STATUS=$i READY=1";
        var pod = node.run(sandbox(app("web", flood).withAnnotations(TELLS)));
        var aHundredPrograms = Node.SOON.multipliedBy(4); // each of which a kernel in user space takes its time for
        assertTrue(node.executor.waitReady(pod, aHundredPrograms));
        assertEquals(Optional.of("100"), web(pod).notice().map(AppNotice::text));
    }

    @Test
    void an_app_without_the_annotation_is_ready_when_it_runs_and_finds_no_socket() throws InterruptedException {
        var pod = node.run(sandbox(app("web", "echo \"socket=$NOTIFY_SOCKET\"; exec sleep 1000")));
        assertTrue(node.executor.waitReady(pod, Node.SOON));
        assertEquals(Optional.empty(), web(pod).notice());
        node.awaitLine(pod, "web", "stdout F socket=");
    }

    @Test
    void a_pod_that_ends_is_not_waited_for() throws InterruptedException {
        var pod = node.run(Node.pod(app("web", "exit 0").withAnnotations(TELLS)));
        assertFalse(node.executor.waitReady(pod, Node.SOON));
    }
}
