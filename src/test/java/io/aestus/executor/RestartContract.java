package io.aestus.executor;

import static io.aestus.executor.Node.app;
import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.pod;
import static io.aestus.executor.Node.sandbox;
import static io.aestus.executor.Node.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Restart policies, whoever looks after the pod: the same process, its successor, an agent after a reboot. */
@Timeout(60)
abstract class RestartContract {
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(40), Duration.ofMillis(160));
    private static final Backoff NEVER = new Backoff(Duration.ofHours(1), Duration.ofHours(1));
    private static final String FOR_EVER = "while :; do sleep 0.02; done";
    private static final AppOptions ALWAYS = AppOptions.DEFAULT.withRestart(RestartPolicy.ALWAYS);
    private static final AppOptions ON_FAILURE = AppOptions.DEFAULT.withRestart(RestartPolicy.ON_FAILURE);

    @TempDir
    Path directory;

    private final Isolation isolation;
    private Node node;

    RestartContract(Isolation isolation) {
        this.isolation = isolation;
    }

    private Node node(Backoff waits, ExecutorConfig.Adoption adoption) throws IOException {
        Files.createDirectories(directory);
        return new Node(
                directory,
                isolation.open(directory),
                ExecutorConfig.of(directory).withRestarts(waits).withAdoption(adoption));
    }

    @BeforeEach
    void open() throws IOException {
        node = node(QUICK, ExecutorConfig.Adoption.ON_DEMAND);
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        node.removeAll();
        node.close();
        assertEquals(List.of(), isolation.left(directory), "left on the host");
    }

    private AppStatus web(PodUuid pod) {
        return node.executor.status(pod).requireApp(name("web"));
    }

    private AppStatus await(PodUuid pod, Predicate<AppStatus> wanted) throws InterruptedException {
        return node.await(pod, "web", wanted);
    }

    private void takeOver(Backoff waits, ExecutorConfig.Adoption adoption) throws IOException {
        node.close();
        node = node(waits, adoption);
    }

    @Test
    void an_app_that_always_ends_is_started_again_after_growing_waits() throws InterruptedException {
        var starts = new CopyOnWriteArrayList<Instant>();
        try (var _ = node.executor.events(event -> {
            if (event instanceof PodEvent.AppStarted started) {
                starts.add(started.at());
            }
        })) {
            var pod = node.run(with(pod(app("web", "echo again; exit 0")), "web", ALWAYS));
            await(pod, app -> app.starts() >= 5);
            assertInstanceOf(PodState.Running.class, node.executor.status(pod).state());
            node.executor.stop(pod, StopOptions.NOW);
            assertTrue(node.log(pod, "web").size() >= 4); // the last start may have been killed before it said a word
        }
        for (int i = 2; i < 5; i++) { // the first restart is at once; then 40, 80, 160 ms
            long wait = Duration.between(starts.get(i - 1), starts.get(i)).toMillis();
            assertTrue(wait >= 40L << (i - 2), "start " + i + " after " + wait + " ms");
        }
    }

    @Test
    void on_failure_an_app_that_succeeds_stays_ended_and_its_pod_ends() throws InterruptedException, IOException {
        Path count = Files.createFile(directory.resolve("count"));
        String third = "echo x >> " + count + "; [ $(wc -l < " + count + ") = 3 ]";
        if (isolation != Isolation.PLAIN) {
            third = "echo x >> /count; [ $(wc -l < /count) = 3 ]"; // its root is kept from start to start
        }
        var pod = node.run(with(pod(app("web", third)), "web", ON_FAILURE));
        assertEquals(0, node.end(pod).code());
        assertEquals(3, web(pod).starts());
    }

    @Test
    void a_failure_that_is_tried_again_ends_no_pod_and_one_that_is_final_does() throws InterruptedException {
        var pod = node.run(with(pod(app("web", "exit 3"), app("log", FOR_EVER)), "web", ON_FAILURE));
        await(pod, app -> app.starts() >= 3);
        assertInstanceOf(PodState.Running.class, node.executor.status(pod).state());
        node.executor.setRestartPolicy(pod, name("web"), RestartPolicy.NEVER);
        assertEquals(3, node.end(pod).exits().get(name("web")).code());
    }

    @Test
    void a_pod_that_lives_until_all_its_apps_have_ended_survives_the_failure_of_one() throws InterruptedException {
        var spec = pod(app("web", "exit 3"), app("log", "sleep 0.3; exit 0"));
        var pod = node.run(spec.withOptions(spec.options().withLife(PodOptions.Life.UNTIL_ALL_APPS_END)));
        node.end(pod, "web");
        var exits = node.end(pod).exits();
        assertEquals(ExitStatus.ofCode(0), exits.get(name("log")));
        assertEquals(ExitStatus.ofCode(3), exits.get(name("web")));
    }

    @Test
    void an_app_that_somebody_stopped_stays_so_until_somebody_starts_it() throws InterruptedException, IOException {
        var pod = node.run(with(sandbox(app("web", FOR_EVER)), "web", ALWAYS));
        node.executor.stopApp(pod, name("web"), StopOptions.NOW);
        assertEquals(Optional.empty(), web(pod).due());
        takeOver(QUICK, ExecutorConfig.Adoption.ON_DEMAND);
        node.executor.addApp(pod, AppSpec.of(app("more", "exit 0"))); // the pod has an owner again
        assertEquals(1, web(pod).starts());
        node.executor.startApp(pod, name("web"));
        assertInstanceOf(AppState.Running.class, web(pod).state());
        assertEquals(2, web(pod).starts());
    }

    @Test
    void an_app_that_waits_can_be_stopped_started_or_removed() throws InterruptedException, IOException {
        takeOver(NEVER, ExecutorConfig.Adoption.ON_DEMAND);
        var pod = node.run(with(sandbox(app("web", "[ -e /tmp/none ]")), "web", ALWAYS));
        await(pod, app -> app.starts() == 2 && app.due().isPresent());
        node.executor.stopApp(pod, name("web"), StopOptions.DEFAULT);
        assertEquals(Optional.empty(), web(pod).due());
        node.executor.startApp(pod, name("web"));
        await(pod, app -> app.starts() == 4 && app.due().isPresent()); // asked for, and once more at once
        node.executor.removeApp(pod, name("web"));
        assertEquals(List.of(), node.executor.status(pod).apps());
    }

    @Test
    void what_waits_goes_on_waiting_with_the_next_owner() throws InterruptedException, IOException {
        takeOver(new Backoff(Duration.ofMillis(1500), Duration.ofMinutes(1)), ExecutorConfig.Adoption.ON_DEMAND);
        var pod = node.run(with(sandbox(app("web", "exit 4")), "web", ON_FAILURE));
        var before = await(pod, app -> app.starts() == 2 && app.due().isPresent());
        takeOver(NEVER, ExecutorConfig.Adoption.ALL);
        assertEquals(before.due(), web(pod).due());
        var after = await(pod, app -> app.starts() == 3 && app.due().isPresent());
        assertTrue(
                ((AppState.Exited) after.state()).since().isAfter(before.due().orElseThrow()));
        assertTrue(after.due()
                .orElseThrow()
                .isAfter(node.executor.status(pod).created().plusSeconds(3000)));
    }

    @Test
    void a_start_that_fails_counts_as_a_failure_and_is_tried_again() throws InterruptedException {
        var pod = node.run(with(sandbox(app("web", FOR_EVER)), "web", ALWAYS));
        node.executor.signal(pod, name("web"), 9);
        var again = await(pod, app -> app.starts() == 2 && app.state() instanceof AppState.Running);
        assertEquals(Optional.empty(), again.due());
    }

    @Test
    void after_a_reboot_a_pod_has_ended_and_only_an_agent_starts_it_again() throws Exception {
        var spec = pod(app("web", "echo begin; " + FOR_EVER), app("once", "echo once; exit 0"));
        var pod = node.run(with(spec, "web", ALWAYS));
        node.end(pod, "once");
        forget(pod);
        var ended = assertInstanceOf(
                PodState.Exited.class, node.executor.status(pod).state());
        assertEquals(ExitStatus.unknown("the host was restarted"), ended.exits().get(name("web")));
        takeOver(QUICK, ExecutorConfig.Adoption.ALL);
        await(pod, app -> app.state() instanceof AppState.Running);
        assertEquals(2, web(pod).starts());
        assertEquals(1, node.executor.status(pod).requireApp(name("once")).starts());
        assertEquals(List.of("stdout F once"), node.log(pod, "once"));
    }

    @Test
    void a_pod_that_somebody_stopped_is_not_started_again_after_a_reboot() throws Exception {
        var pod = node.run(with(pod(app("web", FOR_EVER)), "web", ALWAYS));
        node.executor.stop(pod, StopOptions.NOW);
        takeOver(QUICK, ExecutorConfig.Adoption.ALL);
        var other = node.run(with(pod(app("web", FOR_EVER)), "web", ALWAYS));
        kill(other); // the next round of the agent starts this one
        // Once more than that, if the app was tried again before it was seen that the pod has ended.
        await(other, app -> app.starts() >= 2 && app.state() instanceof AppState.Running);
        assertEquals(1, web(pod).starts());
        assertFalse(node.executor.status(pod).state() instanceof PodState.Running);
    }

    /** Kills the first process of a pod, as the kernel may. */
    private void kill(PodUuid pod) throws IOException {
        var state = assertInstanceOf(
                PodState.Running.class, node.executor.status(pod).state());
        ProcessHandle.of(state.pid()).orElseThrow().destroyForcibly();
    }

    /** Ends a pod's processes and has its records be those of an earlier boot. */
    private void forget(PodUuid pod) throws IOException, InterruptedException {
        PodState.Running running = assertInstanceOf(
                PodState.Running.class, node.executor.status(pod).state());
        node.close();
        for (Path record : List.of(
                directory.resolve("pods/" + pod + "/pod.json"),
                directory.resolve("pods/" + pod + "/apps/web/app.json"))) {
            String text = Files.readString(record);
            Files.writeString(record, text.replace(ProcessIdentity.Boot.id(), "00000000-1111-2222-3333-444444444444"));
        }
        var processes = new ArrayList<PidFd>();
        for (long process : isolation.processes(directory, pod, "web")) {
            var parent = ProcessHandle.of(process).flatMap(ProcessHandle::parent); // none if it has just ended
            if (parent.filter(ProcessHandle.current()::equals).isPresent()) {
                processes.add(PidFd.open(process).orElseThrow());
            }
        }
        processes.add(PidFd.open(running.pid()).orElseThrow());
        for (PidFd process : processes.reversed()) {
            process.signal(9);
        }
        for (PidFd process : processes) { // our children, which a reboot would not leave as zombies
            if (process.awaitEnd(Node.SOON)) {
                process.tryReap();
            }
            process.close();
        }
        node = node(QUICK, ExecutorConfig.Adoption.ON_DEMAND);
    }
}
