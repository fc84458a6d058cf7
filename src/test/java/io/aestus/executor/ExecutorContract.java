package io.aestus.executor;

import static io.aestus.executor.Node.SOON;
import static io.aestus.executor.Node.app;
import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.pod;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.App;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The life of pods and apps, on whatever isolates them: with real processes, pipes and pidfds. */
abstract class ExecutorContract extends NodeContract {
    private static final String STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.02; done";

    ExecutorContract(Isolation isolation) {
        super(isolation);
    }

    // --- exits

    @Test
    void a_pod_ends_with_its_app_whose_last_words_are_in_the_log() throws InterruptedException {
        var pod = run(pod(app("web", "echo one; echo two >&2; printf three; exit 7")));
        var exited = node().end(pod);
        assertEquals(Map.of(name("web"), ExitStatus.ofCode(7)), exited.exits());
        assertEquals(7, exited.code());
        var log = node().log(pod, "web");
        assertTrue(log.contains("stdout F one"), log::toString);
        assertTrue(log.contains("stderr F two"), log::toString);
        assertTrue(log.contains("stdout F three") || log.contains("stdout P three"), log::toString);
    }

    /** How it is told that a signal has ended an app. */
    void requireEndedBy(int signal, ExitStatus.Ending ending) {
        assertEquals(
                signal, assertInstanceOf(ExitStatus.Ending.Signal.class, ending).number());
    }

    @Test
    void an_app_that_a_signal_ends_says_so() throws InterruptedException {
        var status = node().end(run(pod(app("web", "kill -SEGV $$")))).exits().get(name("web"));
        requireEndedBy(11, status.ending());
        assertEquals(139, status.code());
        assertEquals(ExitStatus.Reason.ERROR, status.reason());
    }

    @Test
    void the_first_app_that_fails_ends_the_pod_and_the_others() throws InterruptedException {
        var pod = run(pod(app("bad", "exit 3"), app("good", UNTIL_ASKED)));
        var exited = node().end(pod);
        assertEquals(ExitStatus.ofCode(3), exited.exits().get(name("bad")));
        assertTrue(exited.exits().containsKey(name("good")));
        assertEquals(3, exited.code());
    }

    @Test
    void an_app_that_succeeds_leaves_the_others_running() throws InterruptedException {
        var pod = run(pod(app("brief", "exit 0"), app("long", UNTIL_ASKED)));
        assertEquals(ExitStatus.ofCode(0), node().end(pod, "brief"));
        assertInstanceOf(AppState.Running.class, state(pod, "long"));
        awaitLine(pod, "long", "stdout F ready");
        node().executor.stop(pod, StopOptions.DEFAULT);
        assertEquals(
                Map.of(name("brief"), ExitStatus.ofCode(0), name("long"), ExitStatus.ofCode(0)),
                node().end(pod).exits());
    }

    @Test
    void what_an_app_leaves_behind_ends_with_it() throws InterruptedException, IOException {
        var pod = run(sandbox(app("web", "sleep 1000 & sleep 1000 & exit 0")));
        node().end(pod, "web");
        assertEquals(List.of(), isolation.processes(directory, pod, "web"));
    }

    // --- stopping

    @Test
    void an_app_that_will_not_end_is_killed_when_its_grace_is_over() throws InterruptedException {
        var pod = run(sandbox(app("web", STUBBORN)));
        awaitLine(pod, "web", "stdout F ready");
        node().executor.stopApp(pod, name("web"), StopOptions.within(Duration.ofMillis(200)));
        assertEquals(137, node().end(pod, "web").code());
    }

    @Test
    void a_shorter_second_grace_wins() throws InterruptedException {
        var pod = run(sandbox(app("web", STUBBORN)));
        awaitLine(pod, "web", "stdout F ready");
        var long1 = CompletableFuture.runAsync(
                () -> node().executor.stopApp(pod, name("web"), StopOptions.within(Duration.ofMinutes(10))));
        node().executor.stopApp(pod, name("web"), StopOptions.within(Duration.ofMillis(50)));
        long1.join();
        assertEquals(137, node().end(pod, "web").code());
    }

    @Test
    void the_app_chooses_its_stop_signal() throws InterruptedException {
        var spec = Node.with(
                sandbox(app("web", "trap 'exit 5' QUIT; echo ready; while :; do sleep 0.02; done")),
                "web",
                AppOptions.DEFAULT.withStopSignal("SIGQUIT"));
        var pod = run(spec);
        awaitLine(pod, "web", "stdout F ready");
        node().executor.stopApp(pod, name("web"), StopOptions.DEFAULT);
        assertEquals(ExitStatus.ofCode(5), node().end(pod, "web"));
    }

    @Test
    void stopping_what_does_not_run_is_done_at_once() {
        var pod = run(sandbox());
        node().executor.stop(pod, StopOptions.NOW);
        node().executor.stop(pod, StopOptions.DEFAULT);
        assertInstanceOf(PodState.Exited.class, node().executor.status(pod).state());
    }

    @Test
    void a_pod_whose_first_process_is_killed_has_ended() throws InterruptedException, IOException {
        var pod = run(sandbox(app("web", UNTIL_ASKED)));
        var running = assertInstanceOf(
                PodState.Running.class, node().executor.status(pod).state());
        try (var first = io.aestus.linux.PidFd.open(running.pid()).orElseThrow()) {
            first.signal(9);
        }
        assertEquals(137, node().end(pod).exits().get(name("web")).code());
    }

    // --- starting

    @Test
    void a_pod_of_which_an_app_cannot_start_is_undone() throws IOException {
        var missing = RuntimeApp.of(name("web"), RuntimeImage.of(Node.IMAGE))
                .withApp(App.running(List.of("/no/such/program")).build());
        var spec = pod(app("first", UNTIL_ASKED), missing);
        var failure = assertThrows(AestusException.class, () -> run(spec));
        assertTrue(failure.message().contains("/no/such/program"), failure::message);
        var status = node().executor.list().getFirst();
        var aborted = assertInstanceOf(PodState.Aborted.class, status.state());
        assertTrue(aborted.why().contains("/no/such/program"), aborted::why);
        assertEquals(List.of(), isolation.left(directory));
    }

    @Test
    void a_pod_starts_once() {
        var pod = run(sandbox());
        assertEquals(
                Problem.CONFLICT,
                assertThrows(AestusException.class, () -> node().executor.start(pod))
                        .problem());
    }

    @Test
    void a_prepared_pod_waits_for_its_start() throws InterruptedException {
        var pod = node().executor.prepare(pod(app("web", "exit 4")));
        assertInstanceOf(PodState.Prepared.class, node().executor.status(pod).state());
        node().executor.start(pod);
        assertEquals(4, node().end(pod).code());
    }

    @Test
    void a_pod_of_images_without_an_id_is_refused() {
        var app = RuntimeApp.of(name("web"), RuntimeImage.of(io.aestus.appc.ImageQuery.parse("example.com/web")));
        assertEquals(
                Problem.INVALID,
                assertThrows(AestusException.class, () -> node().executor.prepare(pod(app)))
                        .problem());
    }

    // --- apps that come and go

    @Test
    void apps_come_and_go_in_a_pod_that_stays() throws InterruptedException {
        var pod = run(sandbox());
        node().executor.addApp(pod, AppSpec.of(app("web", "echo hello; exit 2")));
        assertInstanceOf(AppState.Created.class, state(pod, "web"));
        node().executor.startApp(pod, name("web"));
        assertEquals(ExitStatus.ofCode(2), node().end(pod, "web"));
        node().executor.startApp(pod, name("web"));
        assertEquals(ExitStatus.ofCode(2), node().end(pod, "web"));
        assertEquals(2, node().executor.status(pod).requireApp(name("web")).starts());
        assertEquals(List.of("stdout F hello", "stdout F hello"), node().log(pod, "web"));
        node().executor.removeApp(pod, name("web"));
        node().executor.removeApp(pod, name("web"));
        assertEquals(List.of(), node().executor.status(pod).apps());
        assertInstanceOf(PodState.Running.class, node().executor.status(pod).state());
    }

    @Test
    void a_running_app_that_is_removed_is_killed_first() throws IOException {
        var pod = run(sandbox(app("web", STUBBORN)));
        node().executor.removeApp(pod, name("web"));
        assertEquals(List.of(), isolation.processes(directory, pod, "web"));
        assertFalse(Files.exists(directory.resolve("pods/" + pod + "/apps/web")));
    }

    @Test
    void two_apps_of_one_name_are_refused() {
        var pod = run(sandbox(app("web", UNTIL_ASKED)));
        var again = AppSpec.of(app("web", "exit 0"));
        assertEquals(
                Problem.CONFLICT,
                assertThrows(AestusException.class, () -> node().executor.addApp(pod, again))
                        .problem());
    }

    @Test
    void a_running_pod_is_not_removed() {
        var pod = run(sandbox());
        assertEquals(
                Problem.CONFLICT,
                assertThrows(AestusException.class, () -> node().executor.remove(pod))
                        .problem());
    }

    // --- pausing

    @Test
    void who_follows_the_log_of_an_app_that_is_removed_comes_to_its_end() throws InterruptedException {
        var pod = run(sandbox(app("web", "echo hello; sleep 1000")));
        try (var reader =
                node().executor.log(pod, name("web")).read(LogQuery.all().following())) {
            assertEquals("stdout F hello", Node.show(reader.next(SOON).orElseThrow()));
            node().executor.removeApp(pod, name("web"));
            assertEquals(Optional.empty(), reader.next(SOON));
            assertTrue(reader.atEnd());
        }
    }

    @Test
    void a_paused_pod_stands_still_until_it_is_resumed_whoever_owns_it() throws Exception {
        var pod = run(sandbox(app("web", "while :; do echo tick; sleep 0.02; done")));
        awaitLine(pod, "web", "stdout F tick");
        try (var other = node().neighbour()) {
            other.executor.pause(pod);
            other.executor.pause(pod);
            assertEquals("paused", other.executor.status(pod).word());
        }
        awaitSilence(pod);
        for (Runnable refused : List.<Runnable>of(
                () -> node().executor.stopApp(pod, name("web"), StopOptions.NOW),
                () -> node().executor.exec(pod, name("web"), ExecSpec.of(List.of("/bin/true"))))) {
            var why = assertThrows(AestusException.class, refused::run);
            assertEquals(Problem.CONFLICT, why.problem());
            assertTrue(why.message().endsWith("pod " + pod + " is paused"), why.message());
        }
        node().executor.addApp(pod, AppSpec.of(app("more", "exit 0")));
        assertThrows(AestusException.class, () -> node().executor.startApp(pod, name("more")));
        reopen();
        assertEquals("paused", node().executor.status(pod).word());
        int before = node().log(pod, "web").size();
        node().executor.resume(pod);
        node().executor.resume(pod);
        assertEquals("running", node().executor.status(pod).word());
        node().executor.startApp(pod, name("more"));
        node().end(pod, "more");
        long deadline = System.nanoTime() + SOON.toNanos();
        while (node().log(pod, "web").size() <= before) {
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> "it does not go on: " + node().executor.status(pod));
        }
    }

    @Test
    void a_paused_pod_can_be_stopped_and_its_apps_hear_their_signal() throws InterruptedException {
        var pod = run(sandbox(app("web", UNTIL_ASKED)));
        awaitLine(pod, "web", "stdout F ready");
        node().executor.pause(pod);
        node().executor.stop(pod, StopOptions.within(SOON));
        assertEquals(ExitStatus.ofCode(0), node().end(pod).exits().get(name("web")));
        assertEquals("exited", node().executor.status(pod).word());
        var refused = assertThrows(AestusException.class, () -> node().executor.pause(pod));
        assertEquals("cannot pause pod " + pod + ": it does not run", refused.message());
    }

    @Test
    void a_paused_pod_can_be_killed() throws InterruptedException {
        var pod = run(sandbox(app("web", STUBBORN)));
        node().executor.pause(pod);
        node().executor.stop(pod, StopOptions.NOW);
        assertEquals(137, node().end(pod).exits().get(name("web")).code());
    }

    /** Two looks at a log that would have grown in between. */
    private void awaitSilence(PodUuid pod) throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        int before = -1;
        for (int now = node().log(pod, "web").size();
                now != before;
                now = node().log(pod, "web").size()) {
            assertTrue(System.nanoTime() < deadline, "it goes on");
            before = now;
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    // --- several processes

    @Test
    void who_does_not_own_a_pod_sees_it_and_may_change_it() throws Exception {
        var pod = run(sandbox(app("web", UNTIL_ASKED), app("log", UNTIL_ASKED)));
        try (var other = node().neighbour()) {
            assertInstanceOf(
                    AppState.Running.class,
                    other.executor.status(pod).requireApp(name("web")).state());
            other.executor.addApp(pod, AppSpec.of(app("more", "echo more; exit 4")));
            other.executor.startApp(pod, name("more"));
            assertEquals(ExitStatus.ofCode(4), other.end(pod, "more"));
            assertEquals(List.of("stdout F more"), node().log(pod, "more"));
            var refused = assertThrows(
                    AestusException.class, () -> other.executor.addApp(pod, AppSpec.of(app("web", "exit 0"))));
            assertEquals("cannot add app web: pod " + pod + " has one", refused.message());
            assertEquals(Problem.CONFLICT, refused.problem());
            other.executor.removeApp(pod, name("more"));
            assertEquals(2, node().executor.status(pod).apps().size());
            other.executor.stopApp(pod, name("web"), StopOptions.DEFAULT);
            assertEquals(ExitStatus.ofCode(0), other.end(pod, "web"));
            other.executor.stop(pod, StopOptions.within(Duration.ofSeconds(5)));
            assertEquals(ExitStatus.ofCode(0), other.end(pod).exits().get(name("log")));
        }
    }

    @Test
    void the_next_process_goes_on_where_the_last_one_let_go() throws Exception {
        var pod = run(sandbox(app("web", "echo one; read x; echo two; exit 5")));
        awaitLine(pod, "web", "stdout F one");
        reopen();
        assertEquals(ExitStatus.ofCode(5), node().end(pod, "web"));
        assertEquals(List.of("stdout F one", "stdout F two"), node().log(pod, "web"));
    }

    @Test
    void pods_are_found_by_the_beginning_of_their_uuid() {
        var pod = node().executor.prepare(pod(app("web", "exit 0")));
        assertEquals(pod, node().executor.find(pod.toString().substring(0, 8)));
        assertEquals(
                Problem.NOT_FOUND,
                assertThrows(AestusException.class, () -> node().executor.find("zz"))
                        .problem());
    }

    // --- after the end

    @Test
    void garbage_is_what_nobody_needs_any_more() throws InterruptedException {
        var exited = run(pod(app("web", "exit 0")));
        node().end(exited);
        var prepared = node().executor.prepare(pod(app("web", "exit 0")));
        var running = run(sandbox());
        assertEquals(node().executor.list(), PodSnapshot.list(directory).orElseThrow());
        assertEquals(List.of(), node().executor.gc(GcOptions.DEFAULT));
        assertEquals(List.of(exited), node().executor.gc(new GcOptions(Duration.ZERO, Duration.ofDays(1))));
        assertEquals(List.of(prepared), node().executor.gc(new GcOptions(Duration.ZERO, Duration.ZERO)));
        assertEquals(
                List.of(running),
                node().executor.list().stream().map(PodStatus::uuid).toList());
    }
}
