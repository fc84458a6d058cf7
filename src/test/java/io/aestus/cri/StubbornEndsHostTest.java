package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.aci.Aci;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatsFilter;
import io.aestus.cri.v1.LinuxPodSandboxConfig;
import io.aestus.cri.v1.ListContainerStatsRequest;
import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.PodSandbox;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PodSandboxState;
import io.aestus.cri.v1.PodSandboxStatusRequest;
import io.aestus.cri.v1.RemovePodSandboxRequest;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.StopPodSandboxRequest;
import io.aestus.executor.AppState;
import io.aestus.executor.PodState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What other runtimes stumbled over when things ended otherwise than planned, see docs/cri.md. */
@Tag("host")
class StubbornEndsHostTest extends RealNode {
    private void stop(String id, long seconds) {
        client.runtime.stopContainer(StopContainerRequest.newBuilder()
                .setContainerId(id)
                .setTimeout(seconds)
                .build());
    }

    private PodSandboxState state(String sandbox) {
        return client.runtime
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build())
                .getStatus()
                .getState();
    }

    private long firstProcess() {
        return executor.list().getFirst().state() instanceof PodState.Running running ? running.pid() : 0;
    }

    @Test
    void a_sandbox_whose_first_process_dies_is_not_ready_and_ends_as_often_as_is_asked() throws Exception {
        String sandbox = sandbox("orphaned");
        String id = started(sandbox, "app", "exec sleep 1000");
        assertTrue(ProcessHandle.of(firstProcess()).orElseThrow().destroyForcibly());
        await("the sandbox is not ready", () -> state(sandbox) == PodSandboxState.SANDBOX_NOTREADY);
        await("its container has ended", () -> status(id).getState() == ContainerState.CONTAINER_EXITED);
        for (int i = 0; i < 3; i++) {
            client.runtime.stopPodSandbox(
                    StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
        }
        for (int i = 0; i < 2; i++) {
            client.runtime.removePodSandbox(RemovePodSandboxRequest.newBuilder()
                    .setPodSandboxId(sandbox)
                    .build());
        }
    }

    @Test
    void stopping_what_is_just_ending_is_no_error() throws Exception {
        String sandbox = sandbox("brief");
        for (int i = 0; i < 20; i++) {
            String id = started(sandbox, "app" + i, "exit 0");
            stop(id, i % 3);
            assertEquals(ContainerState.CONTAINER_EXITED, status(id).getState());
        }
    }

    @Test
    void the_shorter_grace_of_two_stops_wins() throws Exception {
        String id = started(sandbox("stubborn"), "app", "trap '' TERM; touch /tmp/deaf; while :; do sleep 1; done");
        await("it is deaf", () -> exec(id, 10, "/bin/cat", "/tmp/deaf").getExitCode() == 0);
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> patient = callers.submit(() -> stop(id, 600));
            stop(id, 1);
            patient.get(60, TimeUnit.SECONDS);
        }
        assertEquals(137, status(id).getExitCode());
    }

    @Test
    void a_command_that_takes_too_long_ends_with_all_that_it_started() throws Exception {
        String id = started(sandbox("probed"), "app", "exec sleep 1000");
        var late = assertThrows(
                StatusRuntimeException.class,
                () -> exec(id, 1, "/bin/sh", "-c", "sleep 4321 & (sleep 4321 & sleep 4321) & exec sleep 4321"));
        assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
        String processes = "for p in /proc/[0-9]*; do cat $p/cmdline; echo; done";
        await("the end of all of it", () -> exec(id, 20, "/bin/sh", "-c", processes)
                .getStdout()
                .toStringUtf8()
                .lines()
                .noneMatch(line -> line.startsWith("sleep\0" + 4321)));
        assertEquals(ContainerState.CONTAINER_RUNNING, status(id).getState());
    }

    @Test
    void one_that_has_ended_does_not_spoil_the_figures_of_the_others() throws Exception {
        String sandbox = sandbox("figures");
        String alive = started(sandbox, "alive", "exec sleep 1000");
        for (int i = 0; i < 5; i++) {
            started(sandbox, "brief" + i, "exit 0"); // some are just ending when they are asked for
            var stats = client.runtime
                    .listContainerStats(ListContainerStatsRequest.newBuilder()
                            .setFilter(ContainerStatsFilter.newBuilder().setPodSandboxId(sandbox))
                            .build())
                    .getStatsList();
            assertTrue(
                    stats.stream()
                            .anyMatch(each -> each.getAttributes().getId().equals(alive)
                                    && each.getMemory().hasWorkingSetBytes()),
                    stats.toString());
        }
    }

    @Test
    void a_link_in_an_image_leads_no_mount_out_of_it() throws Exception {
        String mark = "aestus-escape-" + ProcessHandle.current().pid();
        var aci = Aci.named("example.com/links")
                .version("1")
                .directory("bin")
                .directory("tmp")
                .file("bin/busybox", 0755, Files.readAllBytes(Path.of("/bin/busybox")))
                .symlink("bin/sh", "busybox")
                .symlink("bin/cat", "busybox")
                .symlink("up", "../../../../../../../../tmp")
                .symlink("absolute", "/tmp")
                .symlink("fd", "/proc/1/root/tmp");
        image = stored(aci);
        Path given = Files.writeString(directory.resolve("given"), "given");
        String sandbox = sandbox("links");
        for (String link : List.of("up", "absolute")) {
            String id = create(
                    sandbox,
                    link,
                    "cat /tmp/" + mark,
                    config -> config.addMounts(Mount.newBuilder()
                            .setHostPath(given.toString())
                            .setContainerPath("/" + link + "/" + mark)));
            startContainer(id);
            assertEquals(0, exited(id).getExitCode());
            assertTrue(log(link).contains(" given\n"), log(link));
        }
        String id = create(
                sandbox,
                "fd",
                "exit 0",
                config -> config.addMounts(
                        Mount.newBuilder().setHostPath(given.toString()).setContainerPath("/fd/" + mark)));
        assertThrows(StatusRuntimeException.class, () -> startContainer(id), "its own root has no process yet");
        assertFalse(Files.exists(Path.of("/tmp", mark)), "made on the host");
    }

    @Test
    void a_code_waits_for_an_agent_that_comes_back() throws Exception {
        Path go = directory.resolve("go");
        String id = create(
                sandbox("waiting"),
                "app",
                "until test -e /host/go; do sleep 0.05; done; echo last; exit 7",
                config -> config.addMounts(
                        Mount.newBuilder().setHostPath(directory.toString()).setContainerPath("/host")));
        startContainer(id);
        long process = executor.list().getFirst().apps().getFirst().state() instanceof AppState.Running running
                ? running.pid()
                : 0;
        close();
        Files.createFile(go);
        await("its end", () -> !Files.exists(Path.of("/proc/" + process + "/root/bin")));
        open();
        assertEquals("Error 7", exited(id).getReason() + " " + exited(id).getExitCode());
        await("its last words", () -> log("app").endsWith("stdout F last\n"));
    }

    @Test
    void a_slice_is_a_path_of_slices() throws Exception {
        String name = "aestustest" + ProcessHandle.current().pid();
        var config =
                config("sliced").setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(name + "-pod1.slice"));
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE);
        String sandbox = run(config);
        startContainer(create(sandbox, "app", "exec sleep 1000", container -> {}));
        String cgroups = Files.readString(Path.of("/proc/" + firstProcess() + "/cgroup"));
        assertTrue(cgroups.contains("/" + name + ".slice/" + name + "-pod1.slice/" + sandbox), cgroups);
        client.runtime.removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
        assertEquals(List.of(), removeSlices(name), "left in slices that are not ours");
    }

    /** What is in them; they are removed, as whoever made up their name has to. */
    private static List<Path> removeSlices(String name) throws IOException {
        List<Path> left = new ArrayList<>();
        try (Stream<Path> hierarchies = Files.walk(Path.of("/sys/fs/cgroup"), 2)) {
            for (Path slice : hierarchies
                    .filter(path -> path.getFileName().toString().equals(name + ".slice"))
                    .toList()) {
                try (Stream<Path> tree = Files.walk(slice)) {
                    for (Path each : tree.filter(Files::isDirectory)
                            .sorted(Comparator.reverseOrder())
                            .toList()) {
                        if (!each.getFileName().toString().endsWith(".slice")) {
                            left.add(each);
                        }
                        Files.delete(each);
                    }
                }
            }
        }
        return left;
    }

    private PodSandboxConfig.Builder config(String name) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid("uid-" + name))
                .setLogDirectory(directory.resolve("logs").toString());
    }

    private String run(PodSandboxConfig.Builder config) {
        return client.runtime
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(config).build())
                .getPodSandboxId();
    }

    @Test
    void a_caller_that_gave_up_finds_what_was_made_for_it() {
        var config = config("impatient");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE);
        var request = RunPodSandboxRequest.newBuilder().setConfig(config).build();
        for (int i = 0; i < 5; i++) {
            try {
                client.runtime.withDeadlineAfter(Duration.ofMillis(1 + i)).runPodSandbox(request);
            } catch (StatusRuntimeException e) {
                assertTrue(e.getMessage().contains("DEADLINE"), e.getMessage());
            }
        }
        String sandbox = run(config);
        var all = client.runtime
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList();
        assertEquals(List.of(sandbox), all.stream().map(PodSandbox::getId).toList());
    }

    @Test
    void a_sandbox_that_is_stopped_and_removed_while_containers_are_made_leaves_nothing() throws Exception {
        for (int round = 0; round < 3; round++) {
            String sandbox = sandbox("contested" + round);
            try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> calls = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    String name = "app" + i;
                    calls.add(callers.submit(() -> started(sandbox, name, "exec sleep 1000")));
                }
                client.runtime.stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
                for (Future<?> call : calls) {
                    try {
                        call.get(60, TimeUnit.SECONDS);
                    } catch (ExecutionException e) {
                        assertTrue(e.getCause() instanceof StatusRuntimeException, e.toString());
                    }
                }
            }
            assertEquals(PodSandboxState.SANDBOX_NOTREADY, state(sandbox));
            client.runtime.removePodSandbox(RemovePodSandboxRequest.newBuilder()
                    .setPodSandboxId(sandbox)
                    .build());
        }
        assertEquals(
                0,
                client.runtime
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount());
        try (var left = Files.list(directory.resolve("data/pods"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void what_makes_no_sense_is_refused_before_anything_is_made() {
        String sandbox = sandbox("sane");
        for (String path : List.of("/", "/proc", "relative", "/a/../b")) {
            assertThrows(
                    StatusRuntimeException.class,
                    () -> create(
                            sandbox,
                            "app",
                            "true",
                            config -> config.addMounts(
                                    Mount.newBuilder().setHostPath("/tmp").setContainerPath(path))),
                    path);
        }
        assertEquals(
                0,
                client.runtime
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount());
    }
}
