package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.App;
import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.Capability;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerFilter;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatus;
import io.aestus.cri.v1.IDMapping;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.Int64Value;
import io.aestus.cri.v1.LinuxContainerConfig;
import io.aestus.cri.v1.LinuxContainerResources;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.cri.v1.PodSandboxFilter;
import io.aestus.cri.v1.RemoveContainerRequest;
import io.aestus.cri.v1.ReopenContainerLogRequest;
import io.aestus.cri.v1.SecurityProfile;
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.UpdateContainerResourcesRequest;
import io.aestus.executor.AppOptions;
import io.aestus.executor.ExitStatus;
import io.aestus.json.JsonWriter;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Containers, as the kubelet uses them. */
class ContainerTest extends ServedFakes {

    @Test
    void a_container_lives_and_its_status_has_every_field() {
        String sandbox = run(sandbox("web", 0));
        ContainerConfig config = container("app", 2)
                .addMounts(Mount.newBuilder()
                        .setHostPath(directory.toString())
                        .setContainerPath("/dev/termination-log")
                        .setReadonly(true))
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(LinuxContainerResources.newBuilder()
                                .setMemoryLimitInBytes(64 << 20)
                                .setCpuPeriod(100_000)
                                .setCpuQuota(50_000)))
                .build();
        String id = create(sandbox, config.toBuilder());
        assertEquals(id, create(sandbox, config.toBuilder()), "a retry finds it");

        ContainerStatus created = containerStatus(id);
        assertEquals(ContainerState.CONTAINER_CREATED, created.getState());
        assertEquals(config.getMetadata(), created.getMetadata());
        assertEquals(config.getLabelsMap(), created.getLabelsMap());
        assertEquals(config.getAnnotationsMap(), created.getAnnotationsMap());
        assertTrue(created.getCreatedAt() > 0 && created.getStartedAt() == 0);
        assertEquals("example.com/busybox:1.36", created.getImage().getImage());
        assertEquals("example.com/busybox@sha512:" + BUSYBOX.id().hex(), created.getImageRef());
        assertEquals(BUSYBOX.id().toString(), created.getImageId());
        assertEquals("/var/log/pods/web/app/0.log", created.getLogPath());
        assertEquals(config.getMountsList(), created.getMountsList());
        assertEquals(64 << 20, created.getResources().getLinux().getMemoryLimitInBytes());
        assertEquals(50_000, created.getResources().getLinux().getCpuQuota());
        assertEquals(1000, created.getUser().getLinux().getUid());

        startContainer(id);
        assertEquals(ContainerState.CONTAINER_RUNNING, containerStatus(id).getState());
        assertTrue(containerStatus(id).getStartedAt() > created.getCreatedAt());
        refused(
                Status.Code.FAILED_PRECONDITION,
                "cannot start container '" + id + "': it has been started before",
                () -> startContainer(id));

        client.runtime.stopContainer(StopContainerRequest.newBuilder()
                .setContainerId(id)
                .setTimeout(2)
                .build());
        ContainerStatus exited = containerStatus(id);
        assertEquals(ContainerState.CONTAINER_EXITED, exited.getState());
        assertEquals(143, exited.getExitCode());
        assertEquals("Error", exited.getReason());
        assertTrue(exited.getFinishedAt() > exited.getStartedAt());
        refused(
                Status.Code.FAILED_PRECONDITION,
                "cannot start container '" + id + "': it has been started before",
                () -> startContainer(id));

        client.runtime.removeContainer(
                RemoveContainerRequest.newBuilder().setContainerId(id).build());
        assertEquals(List.of(), containers(ContainerFilter.getDefaultInstance()));
    }

    @Test
    void the_digits_that_crictl_shows_tell_containers_of_one_name_apart() {
        String first = create(run(sandbox("a", 0)), container("app", 0));
        String second = create(run(sandbox("b", 0)), container("app", 0));
        assertEquals(first, containerStatus(first.substring(0, 13)).getId());
        assertEquals(second, containerStatus(second.substring(0, 13)).getId());
    }

    @Test
    void a_container_that_does_not_start_has_ended_with_the_reason() {
        String id = create(run(sandbox("web", 0)), container("app", 0));
        pods.nextStartFails =
                Optional.of(new AestusException(Problem.INVALID, "cannot start app: no such program: /bin/slep"));
        refused(Status.Code.INVALID_ARGUMENT, "cannot start app: no such program: /bin/slep", () -> startContainer(id));
        ContainerStatus status = containerStatus(id);
        assertEquals(
                List.of("StartError", 128, "cannot start app: no such program: /bin/slep"),
                List.of(status.getReason(), status.getExitCode(), status.getMessage()));
    }

    @Test
    void words_for_how_containers_end() {
        String sandbox = run(sandbox("web", 0));
        var endings = Map.of(
                "Completed 0", ExitStatus.ofCode(0),
                "Error 3", ExitStatus.ofCode(3),
                "OOMKilled 137", ExitStatus.ofSignal(9).withOutOfMemory(true),
                "Unknown 255", ExitStatus.unknown("nobody saw it"));
        int attempt = 0;
        for (var ending : endings.entrySet()) {
            String id = create(sandbox, container("app", attempt));
            startContainer(id);
            pods.exit(
                    PodUuid.parse(sandbox),
                    Containers.appName(container("app", attempt).getMetadata()),
                    ending.getValue());
            ContainerStatus status = containerStatus(id);
            assertEquals(ending.getKey(), status.getReason() + " " + status.getExitCode());
            attempt++;
        }
    }

    @Test
    void a_restarted_agent_knows_everything() throws InterruptedException {
        String sandbox = run(sandbox("web", 0));
        startContainer(create(sandbox, container("app", 0)));
        var before = List.of(
                sandboxes(PodSandboxFilter.getDefaultInstance()), containers(ContainerFilter.getDefaultInstance()));
        stop();
        serve();
        assertEquals(
                before,
                List.of(
                        sandboxes(PodSandboxFilter.getDefaultInstance()),
                        containers(ContainerFilter.getDefaultInstance())));
        assertEquals(sandbox, run(sandbox("web", 0)));
    }

    @Test
    void a_container_is_confined_as_its_security_context_says() {
        var config = container("app", 0);
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setRunAsUser(Int64Value.newBuilder().setValue(65534))
                .setRunAsGroup(Int64Value.newBuilder().setValue(100))
                .addSupplementalGroups(2000)
                .setNoNewPrivs(true)
                .setReadonlyRootfs(true)
                .setSeccomp(SecurityProfile.newBuilder().setProfileType(SecurityProfile.ProfileType.Unconfined))
                .setCapabilities(
                        Capability.newBuilder().addDropCapabilities("ALL").addAddCapabilities("NET_BIND_SERVICE"))
                .setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER));
        String id = run(sandbox("web", 0));
        create(id, config);
        var app = pods.status(PodUuid.parse(id)).apps().getFirst();
        assertTrue(app.app().readOnlyRootFs());
        assertEquals(AppOptions.Processes.APP, app.options().processes());
        App how = app.app().app().orElseThrow();
        assertEquals(List.of("65534", "100"), List.of(how.user(), how.group()));
        assertEquals(List.of(2000L), how.supplementaryGids());
        assertEquals(List.of("/bin/sleep", "60"), how.exec());
        assertEquals(Optional.of("ä"), how.environment().get("A"));
        assertEquals(
                "[{\"name\":\"os/linux/capabilities-retain-set\",\"value\":{\"set\":[\"CAP_NET_BIND_SERVICE\"]}},"
                        + "{\"name\":\"os/linux/no-new-privileges\",\"value\":true},"
                        + "{\"name\":\"os/linux/seccomp-retain-set\",\"value\":{\"set\":[\"@appc.io/all\"]}}]",
                new String(JsonWriter.compact(how.isolators().toJson()), StandardCharsets.UTF_8));
    }

    @Test
    void what_cannot_be_kept_is_refused_and_not_forgotten() {
        String id = run(sandbox("web", 0));
        refused(
                Status.Code.UNIMPLEMENTED,
                "cannot mount '/tmp': its users are mapped otherwise than those of its sandbox",
                () -> create(
                        id,
                        container("app", 0)
                                .addMounts(Mount.newBuilder()
                                        .setHostPath("/tmp")
                                        .setContainerPath("/tmp")
                                        .addUidMappings(IDMapping.newBuilder().setLength(1)))));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "cannot mount '" + directory.resolve("no").toString() + "': it is not there, or not to be read",
                () -> create(
                        id,
                        container("app", 0)
                                .addMounts(Mount.newBuilder()
                                        .setHostPath(directory.resolve("no").toString())
                                        .setContainerPath("/tmp"))));
        refused(
                Status.Code.NOT_FOUND,
                "cannot create container 'app': image 'example.com/other:1' is not in the store",
                () -> create(
                        id, container("app", 0).setImage(ImageSpec.newBuilder().setImage("example.com/other:1"))));
        assertEquals(List.of(), containers(ContainerFilter.getDefaultInstance()));
    }

    @Test
    void a_resize_changes_what_it_names_and_shows_in_the_status() {
        var config = container("app", 0);
        config.getLinuxBuilder()
                .getResourcesBuilder()
                .setMemoryLimitInBytes(64 << 20)
                .setCpuShares(512);
        String id = create(run(sandbox("web", 0)), config);
        client.runtime.updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(id)
                .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(128 << 20))
                .build());
        LinuxContainerResources resources = containerStatus(id).getResources().getLinux();
        assertEquals(128 << 20, resources.getMemoryLimitInBytes());
        assertEquals(512, resources.getCpuShares());
    }

    @Test
    void calls_for_one_name_at_the_same_time_make_one_sandbox() throws Exception {
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> calls = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                calls.add(callers.submit(() -> run(sandbox("web", 0))));
            }
            Set<String> ids = new HashSet<>();
            for (Future<String> call : calls) {
                ids.add(call.get(30, TimeUnit.SECONDS));
            }
            assertEquals(1, ids.size());
        }
        assertEquals(1, pods.list().size());
    }

    @Test
    void logs_are_reopened_while_the_container_runs() {
        String id = create(run(sandbox("web", 0)), container("app", 0));
        var request = ReopenContainerLogRequest.newBuilder().setContainerId(id).build();
        refused(
                Status.Code.FAILED_PRECONDITION,
                "cannot reopen the log of container '" + id + "': it does not run",
                () -> client.runtime.reopenContainerLog(request));
        startContainer(id);
        client.runtime.reopenContainerLog(request);
        assertEquals(1, pods.reopened());
    }
}
