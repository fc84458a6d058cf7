package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.aestus.cri.v1.Capability;
import io.aestus.cri.v1.ContainerFilter;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatsRequest;
import io.aestus.cri.v1.ContainerStatus;
import io.aestus.cri.v1.ExecSyncResponse;
import io.aestus.cri.v1.GetEventsRequest;
import io.aestus.cri.v1.Int64Value;
import io.aestus.cri.v1.KeyValue;
import io.aestus.cri.v1.LinuxContainerResources;
import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.PodSandboxState;
import io.aestus.cri.v1.PodSandboxStatsRequest;
import io.aestus.cri.v1.PodSandboxStatusRequest;
import io.aestus.cri.v1.RemoveContainerRequest;
import io.aestus.cri.v1.RemovePodSandboxRequest;
import io.aestus.cri.v1.ReopenContainerLogRequest;
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.StopPodSandboxRequest;
import io.aestus.cri.v1.UpdateContainerResourcesRequest;
import io.aestus.executor.PodState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The interface with everything behind it real. */
@Tag("host")
class CriHostTest extends RealNode {
    @Test
    void a_pod_lives_from_its_sandbox_to_its_removal() throws Exception {
        String sandbox = sandbox("web");
        String id = create(
                sandbox,
                "app",
                "echo $GREETING; echo oops >&2; hostname; exec sleep 1000",
                config -> config.addEnvs(
                        KeyValue.newBuilder().setKey("GREETING").setValue(ByteString.copyFromUtf8("grüß dich"))));
        assertEquals(ContainerState.CONTAINER_CREATED, status(id).getState());
        startContainer(id);
        assertEquals(ContainerState.CONTAINER_RUNNING, status(id).getState());
        await("three lines in the log", () -> log("app").lines().count() == 3);
        List<String> lines = log("app")
                .lines()
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
        assertTrue(lines.containsAll(List.of("stdout F grüß dich", "stderr F oops", "stdout F web")), lines.toString());
        assertTrue(log("app").matches("(?s)\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z .*"), log("app"));

        client.runtime.stopContainer(StopContainerRequest.newBuilder()
                .setContainerId(id)
                .setTimeout(1)
                .build());
        ContainerStatus stopped = status(id);
        assertEquals(ContainerState.CONTAINER_EXITED, stopped.getState());
        assertTrue(List.of(137, 143).contains(stopped.getExitCode()), stopped.toString());
        client.runtime.removeContainer(
                RemoveContainerRequest.newBuilder().setContainerId(id).build());
        client.runtime.stopPodSandbox(
                StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
        assertEquals(
                PodSandboxState.SANDBOX_NOTREADY,
                client.runtime
                        .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                                .setPodSandboxId(sandbox)
                                .build())
                        .getStatus()
                        .getState());
        client.runtime.removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
        try (var left = Files.list(directory.resolve("data/pods"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void a_pod_does_not_hold_the_agents_own_output() throws Exception {
        sandbox("quiet");
        long pid = executor.list().getFirst().state() instanceof PodState.Running running ? running.pid() : 0;
        for (int descriptor = 0; descriptor <= 2; descriptor++) {
            assertEquals(Path.of("/dev/null"), Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/" + descriptor)));
        }
    }

    @Test
    void codes_and_reasons_of_what_ended_by_itself() throws Exception {
        String sandbox = sandbox("codes");
        ContainerStatus done = exited(started(sandbox, "done", "true"));
        assertEquals("Completed 0", done.getReason() + " " + done.getExitCode());
        ContainerStatus failed = exited(started(sandbox, "failed", "exit 3"));
        assertEquals("Error 3", failed.getReason() + " " + failed.getExitCode());
        ContainerStatus killed = exited(started(sandbox, "killed", "kill -9 $$; sleep 5"));
        assertTrue(killed.getFinishedAt() >= killed.getStartedAt());

        String missing = create(sandbox, "missing", "", config -> config.clearCommand()
                .clearArgs()
                .addCommand("/bin/nonesuch"));
        assertThrows(StatusRuntimeException.class, () -> startContainer(missing));
        ContainerStatus status = status(missing);
        assertEquals("StartError 128", status.getReason() + " " + status.getExitCode());
        assertTrue(status.getMessage().contains("/bin/nonesuch"), status.getMessage());
    }

    @Test
    void probes_run_inside_the_container_and_their_codes_are_answers() throws Exception {
        String id = started(sandbox("probes"), "app", "touch /tmp/ready; exec sleep 1000");
        await("the app's file", () -> exec(id, 5, "/bin/cat", "/tmp/ready").getExitCode() == 0);
        ExecSyncResponse both = exec(id, 5, "/bin/sh", "-c", "echo out; echo err >&2; exit 7");
        assertEquals(
                List.of("out\n", "err\n", 7),
                List.of(both.getStdout().toStringUtf8(), both.getStderr().toStringUtf8(), both.getExitCode()));
        var late = assertThrows(StatusRuntimeException.class, () -> exec(id, 1, "/bin/sleep", "1000"));
        assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
        assertEquals(ContainerState.CONTAINER_RUNNING, status(id).getState(), "only the probe is killed");
        assertTrue(client.runtime
                .containerStats(
                        ContainerStatsRequest.newBuilder().setContainerId(id).build())
                .getStats()
                .getMemory()
                .hasWorkingSetBytes());
    }

    @Test
    void a_container_gets_the_user_mounts_and_capabilities_that_it_was_given() throws Exception {
        Path shared = Files.writeString(directory.resolve("config"), "from the host");
        String id = create(sandbox("confined"), "app", "exec sleep 1000", config -> {
            config.addMounts(Mount.newBuilder()
                    .setHostPath(shared.toString())
                    .setContainerPath("/etc/app/config")
                    .setReadonly(true));
            config.getLinuxBuilder()
                    .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(64 << 20));
            config.getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .setRunAsUser(Int64Value.newBuilder().setValue(65534))
                    .setRunAsGroup(Int64Value.newBuilder().setValue(100))
                    .addSupplementalGroups(2000)
                    .setNoNewPrivs(true)
                    .setCapabilities(Capability.newBuilder().addDropCapabilities("ALL"));
        });
        startContainer(id);
        assertEquals(
                "from the host",
                exec(id, 5, "/bin/cat", "/etc/app/config").getStdout().toStringUtf8());
        assertTrue(exec(id, 5, "/bin/sh", "-c", "echo x > /etc/app/config").getExitCode() != 0);
        String who = exec(id, 5, "/bin/id").getStdout().toStringUtf8();
        assertTrue(who.startsWith("uid=65534 gid=100") && who.contains("2000"), who);
        String status = exec(id, 5, "/bin/cat", "/proc/self/status").getStdout().toStringUtf8();
        assertTrue(status.contains("NoNewPrivs:\t1"), status);
        assertTrue(status.contains("CapBnd:\t0000000000000000"), status);
    }

    @Test
    void want_of_memory_is_told_from_other_ends_and_limits_can_grow() throws Exception {
        String sandbox = sandbox("memory");
        String hungry = create(
                sandbox,
                "hungry",
                "dd if=/dev/zero of=/dev/null bs=64M count=1; exit 0",
                config -> config.getLinuxBuilder()
                        .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(16 << 20)));
        startContainer(hungry);
        assertEquals("OOMKilled", exited(hungry).getReason());

        String fed = create(sandbox, "fed", "exec sleep 1000", config -> config.getLinuxBuilder()
                .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(16 << 20)));
        startContainer(fed);
        client.runtime.updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(fed)
                .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(128 << 20))
                .build());
        assertEquals(128 << 20, status(fed).getResources().getLinux().getMemoryLimitInBytes());
        assertEquals(
                0,
                exec(fed, 10, "/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1")
                        .getExitCode());
    }

    @Test
    void many_pods_at_once_do_not_get_into_each_others_way() throws Exception {
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> lives = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String name = "pod" + i;
                lives.add(callers.submit(() -> live(name)));
            }
            for (Future<?> life : lives) {
                life.get(120, TimeUnit.SECONDS);
            }
        }
        assertEquals(
                0,
                client.runtime
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsCount());
    }

    private Void live(String name) throws Exception {
        String sandbox = sandbox(name);
        String id = started(sandbox, name, "hostname; exit 5");
        assertEquals(5, exited(id).getExitCode());
        assertTrue(log(name).endsWith("stdout F " + name + "\n"), log(name));
        client.runtime.removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
        return null;
    }

    @Test
    void an_agent_that_comes_back_finds_its_containers_running_and_their_logs_go_on() throws Exception {
        String sandbox = sandbox("steady");
        String id = started(sandbox, "app", "n=0; while true; do n=$((n+1)); echo line $n; sleep 0.05; done");
        await("output", () -> log("app").contains("line 3"));
        ContainerStatus before = status(id);
        close();
        open();
        assertEquals(before, status(id));
        assertEquals(
                1,
                client.runtime
                        .listContainers(ListContainersRequest.newBuilder()
                                .setFilter(ContainerFilter.newBuilder().setPodSandboxId(sandbox))
                                .build())
                        .getContainersCount());
        long lines = log("app").lines().count();
        await("further output", () -> log("app").lines().count() > lines + 5);
        int expected = 1;
        for (String line : log("app").lines().toList()) {
            assertTrue(line.endsWith("line " + expected), "expected line " + expected + ": " + line);
            expected++;
        }
    }

    @Test
    void a_log_that_was_moved_away_is_begun_anew_on_demand() throws Exception {
        String id = started(sandbox("rotated"), "app", "n=0; while true; do n=$((n+1)); echo $n; sleep 0.02; done");
        await("output", () -> log("app").lines().count() > 3);
        Path log = directory.resolve("logs/app/0.log");
        Files.move(log, log.resolveSibling("0.log.1"));
        client.runtime.reopenContainerLog(
                ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
        long old = Files.size(log.resolveSibling("0.log.1"));
        await("output in the new file", () -> log("app").lines().count() > 3);
        assertEquals(old, Files.size(log.resolveSibling("0.log.1")), "still written to after reopening");
    }

    @Test
    void everything_that_happens_is_told_in_order() throws Exception {
        var events = client.runtime.getContainerEvents(GetEventsRequest.getDefaultInstance());
        // Whether it is heard already cannot be seen from outside: so what comes first is asked for until it is told.
        String first = started(sandbox("early"), "app", "true");
        exited(first);
        String sandbox = sandbox("told");
        String id = started(sandbox, "app", "exit 3");
        exited(id);
        List<String> told = new ArrayList<>();
        while (told.isEmpty() || !told.getLast().equals("CONTAINER_STOPPED_EVENT 3")) {
            var event = events.next();
            if (event.getContainerId().equals(id)) {
                told.add(event.getContainerEventType() + " "
                        + event.getContainersStatuses(0).getExitCode());
                assertEquals(sandbox, event.getPodSandboxStatus().getId());
            }
        }
        assertEquals(
                List.of("CONTAINER_CREATED_EVENT", "CONTAINER_STARTED_EVENT", "CONTAINER_STOPPED_EVENT"),
                told.stream().map(line -> line.split(" ", -1)[0]).toList());
    }

    @Test
    void a_sandbox_is_measured_with_its_containers() throws Exception {
        String sandbox = sandbox("busy");
        String id = started(sandbox, "app", "dd if=/dev/zero of=/dev/null bs=1M count=200; exec sleep 1000");
        var request =
                PodSandboxStatsRequest.newBuilder().setPodSandboxId(sandbox).build();
        await("processor time", () -> {
            var linux = client.runtime.podSandboxStats(request).getStats().getLinux();
            return linux.getCpu().getUsageCoreNanoSeconds().getValue() > 1_000_000
                    && linux.getMemory().hasWorkingSetBytes()
                    && linux.getContainersCount() == 1
                    && linux.getContainers(0).getAttributes().getId().equals(id);
        });
    }

    @Test
    void a_container_is_held_to_its_processors() throws Exception {
        String id = create(sandbox("pinned"), "app", "exec cat /proc/self/status", config -> config.getLinuxBuilder()
                .getResourcesBuilder()
                .setCpusetCpus("0"));
        startContainer(id);
        exited(id);
        assertTrue(log("app").contains("Cpus_allowed_list:\t0\n"), log("app"));
        assertEquals("0", status(id).getResources().getLinux().getCpusetCpus());
    }
}
