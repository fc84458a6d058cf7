package io.aestus.executor;

import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.pod;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.Annotations;
import io.aestus.appc.App;
import io.aestus.appc.EventHandler;
import io.aestus.appc.EventHandler.Event;
import io.aestus.appc.Mount;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Event handlers of apps, whatever isolates them. They write what they do into a volume. */
@Timeout(90)
abstract class HandlersContract {
    private static final String FOR_EVER = "while :; do sleep 0.02; done";

    @TempDir
    Path directory;

    private final Isolation isolation;
    private Node node;
    private Path volume;

    HandlersContract(Isolation isolation) {
        this.isolation = isolation;
    }

    @BeforeEach
    void open() throws IOException {
        node = Node.on(directory, isolation);
        volume = Files.createDirectories(directory.resolve("volume"));
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        node.removeAll();
        node.close();
        assertEquals(List.of(), isolation.left(directory), "left on the host");
    }

    private static RuntimeApp app(String script, String before, String after) {
        return app("web", script, before, after);
    }

    private static RuntimeApp app(String name, String script, String before, String after) {
        var handlers = new ArrayList<EventHandler>();
        if (!before.isEmpty()) {
            handlers.add(new EventHandler(Event.PRE_START, List.of("/bin/sh", "-c", before)));
        }
        if (!after.isEmpty()) {
            handlers.add(new EventHandler(Event.POST_STOP, List.of("/bin/sh", "-c", after)));
        }
        return Node.app(name, script)
                .withApp(App.running(List.of("/bin/sh", "-c", script))
                        .eventHandlers(handlers)
                        .build())
                .withMounts(List.of(Mount.of(name("seen"), AbsolutePath.parse("/seen"))));
    }

    private static RuntimeApp within(RuntimeApp app, String limit) {
        return app.withAnnotations(Annotations.NONE.with(Annotations.EVENT_HANDLER_TIMEOUT, limit));
    }

    private PodSpec withVolume(PodSpec spec) {
        var seen = new Volume.Host(name("seen"), AbsolutePath.parse(volume.toString()), false, false);
        PodManifest manifest = spec.manifest().withVolumes(List.of(seen));
        return new PodSpec(manifest, spec.options(), spec.apps(), spec.stage1());
    }

    private PodUuid run(PodSpec spec) {
        return node.run(withVolume(spec));
    }

    private List<String> seen() throws IOException {
        Path file = volume.resolve("log");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private void awaitSeen(String line) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        while (!seen().contains(line)) {
            assertTrue(System.nanoTime() < deadline, "never " + line);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    void the_handlers_run_before_the_app_and_after_it_as_root_in_its_root() throws Exception {
        var app = app(
                "echo app $(cat /made) >> /seen/log",
                "echo by the handler > /made; echo before $(id -u) $AC_APP_NAME >> /seen/log",
                "echo after $(cat /made) >> /seen/log");
        var owned = app.withApp(app.app().orElseThrow().toBuilder().user("0").build());
        var pod = run(pod(owned));
        assertEquals(0, node.end(pod).code());
        awaitSeen("after by the handler");
        assertEquals(List.of("before 0 web", "app by the handler", "after by the handler"), seen());
    }

    @Test
    void when_the_handler_before_the_start_fails_the_app_is_not_started_and_the_one_after_cleans_up() throws Exception {
        var spec = pod(app("echo app >> /seen/log", "echo before >> /seen/log; exit 3", "echo after >> /seen/log"));
        var failed = assertThrows(AestusException.class, () -> run(spec));
        assertEquals("cannot run handler pre-start of web: it ended with 3", failed.message());
        assertEquals(List.of("before", "after"), seen());
        PodStatus pod = node.executor.list().getFirst();
        assertEquals(
                "cannot run handler pre-start of web: it ended with 3",
                assertInstanceOf(PodState.Aborted.class, pod.state()).why());
    }

    @Test
    void in_a_pod_that_stays_the_app_alone_has_failed_and_can_be_tried_again() throws Exception {
        var pod = run(sandbox());
        node.executor.addApp(pod, AppSpec.of(app(FOR_EVER, "[ -e /seen/go ]", "")));
        assertThrows(AestusException.class, () -> node.executor.startApp(pod, name("web")));
        var ended = assertInstanceOf(
                AppState.Exited.class,
                node.executor.status(pod).requireApp(name("web")).state());
        assertEquals(
                new ExitStatus.Ending.NotStarted("cannot run handler pre-start of web: it ended with 1"),
                ended.status().ending());
        Files.createFile(volume.resolve("go"));
        node.executor.startApp(pod, name("web"));
        assertInstanceOf(
                AppState.Running.class,
                node.executor.status(pod).requireApp(name("web")).state());
    }

    @Test
    void a_handler_that_takes_too_long_is_killed_with_all_it_started() throws Exception {
        var app = app("echo app >> /seen/log", "sleep 1000 & echo before >> /seen/log; sleep 1000", "");
        var failed = assertThrows(AestusException.class, () -> run(pod(within(app, "1s"))));
        assertEquals("cannot run handler pre-start of web: it was not done after 1 s", failed.message());
        assertEquals(List.of("before"), seen());
    }

    @Test
    void what_a_handler_leaves_behind_ends_with_it() throws Exception {
        var pod = run(sandbox(app(FOR_EVER, "sleep 1000 & exit 0", "")));
        assertTrue(isolation.processes(directory, pod, "web").stream().noneMatch(HandlersContract::isLeft));
    }

    private static boolean isLeft(long process) {
        return ProcessHandle.of(process)
                .flatMap(handle -> handle.info().arguments())
                .filter(words -> List.of(words).contains("1000"))
                .isPresent();
    }

    @Test
    void a_handler_after_the_end_that_fails_or_hangs_keeps_nothing_from_ending() throws Exception {
        var pod = run(pod(within(app("exit 4", "", "echo after >> /seen/log; sleep 1000"), "1s")));
        assertEquals(4, node.end(pod).code());
        awaitSeen("after");
        var other = run(pod(app("exit 5", "", "exit 6")));
        assertEquals(5, node.end(other).code());
    }

    @Test
    void a_stop_ends_a_handler_that_hangs_when_its_grace_is_over() throws Exception {
        var pod = run(sandbox());
        node.executor.addApp(pod, AppSpec.of(app(FOR_EVER, "echo before >> /seen/log; sleep 1000", "")));
        var starting = CompletableFuture.runAsync(() -> node.executor.startApp(pod, name("web")));
        awaitSeen("before");
        node.executor.stopApp(pod, name("web"), StopOptions.within(Duration.ofMillis(50)));
        assertThrows(Exception.class, () -> starting.get(20, TimeUnit.SECONDS));
        assertInstanceOf(
                AppState.Exited.class,
                node.executor.status(pod).requireApp(name("web")).state());
    }

    @Test
    void a_stop_asks_an_app_too_that_begins_to_run_meanwhile() throws Exception {
        String until = "until [ -e /seen/%s ]; do sleep 0.02; done; ";
        var pod = run(sandbox(app("first", "trap ': > /seen/stopping' TERM; " + until.formatted("runs"), "", "")));
        String asked = "trap 'echo asked >> /seen/log; exit' TERM; : > /seen/runs; " + FOR_EVER;
        var app = app(asked, "echo before >> /seen/log; " + until.formatted("stopping"), "");
        node.executor.addApp(pod, AppSpec.of(within(app, "20s")));
        var starting = CompletableFuture.runAsync(() -> node.executor.startApp(pod, name("web")));
        awaitSeen("before");
        node.executor.stop(pod, StopOptions.within(Duration.ofSeconds(20)));
        starting.get(20, TimeUnit.SECONDS);
        assertEquals(List.of("before", "asked"), seen());
        assertInstanceOf(PodState.Exited.class, node.executor.status(pod).state());
    }

    @Test
    void the_handler_after_the_end_runs_too_when_the_app_had_to_be_killed_with_all_it_started() throws Exception {
        var app = app("trap '' TERM; sleep 1000 & echo app >> /seen/log; " + FOR_EVER, "", "echo after >> /seen/log");
        var pod = run(sandbox(app));
        awaitSeen("app");
        node.executor.stopApp(pod, name("web"), StopOptions.within(Duration.ofMillis(100)));
        awaitSeen("after");
        node.executor.startApp(pod, name("web"));
        assertInstanceOf(
                AppState.Running.class,
                node.executor.status(pod).requireApp(name("web")).state());
    }

    @Test
    void what_handlers_write_is_in_the_log_before_and_after_what_the_app_does() throws Exception {
        var app = app(
                "echo app; echo app >&2",
                "echo before; echo wrong >&2; printf open",
                "echo after > /dev/stdout; printf last");
        var pod = run(pod(app));
        node.end(pod);
        var log = node.log(pod, "web");
        assertEquals("before\nopen\napp\nafter\nlast\n", text(log, "stdout"), log::toString);
        assertEquals("wrong\napp\n", text(log, "stderr"), log::toString);
        assertTrue(log.indexOf("stderr F wrong") < log.indexOf("stdout F app"), log::toString);
        assertTrue(log.indexOf("stderr F app") < log.indexOf("stdout F after"), log::toString);
    }

    @Test
    void who_follows_the_log_of_an_app_sees_what_its_last_handler_writes() throws Exception {
        var pod = run(pod(app("echo app", "", "sleep 0.3; echo after")));
        var followed = node.read(pod, "web", LogQuery.all().following());
        assertEquals(List.of("stdout F app", "stdout F after"), followed);
    }

    @Test
    void so_does_who_does_not_look_after_its_pod() throws Exception {
        String until = "until [ -e /seen/%s ]; do sleep 0.02; done; echo %s";
        var pod = run(pod(within(app(until.formatted("go", "app"), "", until.formatted("done", "after")), "20s")));
        try (var onlooker = node.neighbour();
                var reader = onlooker.executor
                        .log(pod, name("web"))
                        .read(LogQuery.all().following())) {
            Files.createFile(volume.resolve("go"));
            assertEquals("stdout F app", Node.show(reader.next(Node.SOON).orElseThrow()));
            onlooker.end(pod, "web");
            for (int look = 0; look < 10; look++) {
                assertEquals(Optional.empty(), reader.next(Duration.ofMillis(20)));
                assertFalse(reader.atEnd(), "ended before the handler");
            }
            Files.createFile(volume.resolve("done"));
            assertEquals("stdout F after", Node.show(reader.next(Node.SOON).orElseThrow()));
            assertEquals(Optional.empty(), reader.next(Node.SOON));
            assertTrue(reader.atEnd(), "goes on after the handler");
        }
    }

    private static String text(List<String> log, String stream) {
        var text = new StringBuilder();
        for (String entry : log) {
            if (entry.startsWith(stream)) {
                boolean isPartial = entry.startsWith(stream + " P ");
                text.append(entry, stream.length() + 3, entry.length()).append(isPartial ? "" : "\n");
            }
        }
        return text.toString();
    }

    @Test
    void handlers_of_an_app_with_a_terminal_write_into_the_log_and_not_to_the_terminal() throws Exception {
        var app = app("[ -t 1 ] && echo app", "[ -t 1 ] || echo before; cat", "[ -t 1 ] || echo after");
        var terminal = AppOptions.DEFAULT.withTerminal(AppOptions.Terminal.TTY);
        var pod = run(Node.with(pod(app), "web", terminal));
        node.end(pod);
        assertEquals(List.of("stdout F before", "stdout F app\r", "stdout F after"), node.log(pod, "web"));
    }

    @Test
    void what_a_handler_wrote_before_it_failed_or_was_killed_says_why() throws Exception {
        var pod = run(sandbox());
        node.executor.addApp(pod, AppSpec.of(app("echo app", "echo no port >&2; exit 3", "")));
        assertThrows(AestusException.class, () -> node.executor.startApp(pod, name("web")));
        assertEquals(List.of("stderr F no port"), node.log(pod, "web"));
        node.executor.removeApp(pod, name("web"));
        node.executor.addApp(
                pod, AppSpec.of(within(app("echo app", "(while :; do echo more; done) & sleep 1000", ""), "1s")));
        assertThrows(AestusException.class, () -> node.executor.startApp(pod, name("web")));
        assertTrue(node.log(pod, "web").contains("stdout F more"));
    }

    @Test
    void a_stop_waits_for_the_handler_after_the_end_longer_than_for_anything_else() throws Exception {
        node.close();
        node = new Node(
                directory,
                isolation.open(directory),
                ExecutorConfig.of(directory).withPatience(Duration.ofMillis(200)));
        var pod = run(sandbox(app(FOR_EVER, "", "sleep 1; echo after >> /seen/log")));
        node.executor.stop(pod, StopOptions.NOW);
        assertEquals(List.of("after"), seen());
        assertInstanceOf(PodState.Exited.class, node.executor.status(pod).state());
    }
}
