package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.App;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.Capability;
import io.aestus.cri.v1.CgroupDriver;
import io.aestus.cri.v1.CheckpointContainerRequest;
import io.aestus.cri.v1.Container;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerFilter;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStateValue;
import io.aestus.cri.v1.ContainerStats;
import io.aestus.cri.v1.ContainerStatsRequest;
import io.aestus.cri.v1.ContainerStatus;
import io.aestus.cri.v1.ContainerStatusRequest;
import io.aestus.cri.v1.CreateContainerRequest;
import io.aestus.cri.v1.DNSConfig;
import io.aestus.cri.v1.FilesystemUsage;
import io.aestus.cri.v1.IDMapping;
import io.aestus.cri.v1.Image;
import io.aestus.cri.v1.ImageFsInfoRequest;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.ImageStatusRequest;
import io.aestus.cri.v1.Int64Value;
import io.aestus.cri.v1.KeyValue;
import io.aestus.cri.v1.LinuxContainerConfig;
import io.aestus.cri.v1.LinuxContainerResources;
import io.aestus.cri.v1.LinuxPodSandboxConfig;
import io.aestus.cri.v1.LinuxSandboxSecurityContext;
import io.aestus.cri.v1.ListContainerStatsRequest;
import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.MountPropagation;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.cri.v1.PodSandbox;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxFilter;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PodSandboxState;
import io.aestus.cri.v1.PodSandboxStateValue;
import io.aestus.cri.v1.PodSandboxStatus;
import io.aestus.cri.v1.PodSandboxStatusRequest;
import io.aestus.cri.v1.PortMapping;
import io.aestus.cri.v1.Protocol;
import io.aestus.cri.v1.PullImageRequest;
import io.aestus.cri.v1.RemoveContainerRequest;
import io.aestus.cri.v1.RemoveImageRequest;
import io.aestus.cri.v1.RemovePodSandboxRequest;
import io.aestus.cri.v1.ReopenContainerLogRequest;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.RuntimeConfigRequest;
import io.aestus.cri.v1.RuntimeHandler;
import io.aestus.cri.v1.SecurityProfile;
import io.aestus.cri.v1.StartContainerRequest;
import io.aestus.cri.v1.StatusRequest;
import io.aestus.cri.v1.StatusResponse;
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.StopPodSandboxRequest;
import io.aestus.cri.v1.UpdateContainerResourcesRequest;
import io.aestus.cri.v1.UserNamespace;
import io.aestus.cri.v1.VersionRequest;
import io.aestus.cri.v1.VersionResponse;
import io.aestus.executor.AppOptions;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.json.JsonWriter;
import io.aestus.network.Bandwidth;
import io.aestus.store.StoredImage;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The interface as the kubelet uses it, over its socket, on pods and images in memory. */
class CriTest {
    private static final StoredImage BUSYBOX = FakeImages.image(
            "example.com/busybox",
            "1.36",
            App.running(List.of("/bin/sh")).user("1000").build());

    @TempDir
    Path directory;

    private FakePods pods;
    private FakeImages images;
    private CriServer server;
    private CriClient client;

    @BeforeEach
    void start() {
        pods = new FakePods();
        images = new FakeImages().remote(BUSYBOX);
        serve();
    }

    private void serve() {
        serve(FakeNetwork.MISSING);
    }

    private void serve(FakeNetwork network) {
        var settings = new CriSettings(directory.resolve("run/cri.sock"), Optional.empty(), "0.1.0", network);
        server = new CriServer(settings, pods, images);
        server.start();
        client = new CriClient(settings.socket());
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        server.stop();
    }

    private static PodSandboxConfig.Builder sandbox(String name, int attempt) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid("uid-" + name)
                        .setAttempt(attempt))
                .setHostname(name)
                .setLogDirectory("/var/log/pods/" + name)
                .putLabels("io.kubernetes.pod.uid", "uid-" + name)
                .putAnnotations("kubernetes.io/config.source", "file")
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent("/kubepods/pod1")
                        .putSysctls("net.core.somaxconn", "1024")
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(NamespaceOption.newBuilder()
                                        .setNetwork(NamespaceMode.NODE)
                                        .setPid(NamespaceMode.CONTAINER))));
    }

    private static ContainerConfig.Builder container(String name, int attempt) {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(attempt))
                .setImage(ImageSpec.newBuilder()
                        .setImage(BUSYBOX.id().toString())
                        .setUserSpecifiedImage("example.com/busybox:1.36"))
                .addCommand("/bin/sleep")
                .addArgs("60")
                .addEnvs(KeyValue.newBuilder().setKey("A").setValue(ByteString.copyFromUtf8("ä")))
                .setLogPath(name + "/0.log")
                .putLabels("io.kubernetes.container.name", name)
                .putAnnotations("io.kubernetes.container.hash", "cafe");
    }

    private String run(PodSandboxConfig.Builder config) {
        return client.runtime
                .runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(config)
                        .setRuntimeHandler("aestus")
                        .build())
                .getPodSandboxId();
    }

    private String create(String sandbox, ContainerConfig.Builder config) {
        images.pull("example.com/busybox:1.36");
        return client.runtime
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(config)
                        .build())
                .getContainerId();
    }

    private void startContainer(String id) {
        client.runtime.startContainer(
                StartContainerRequest.newBuilder().setContainerId(id).build());
    }

    private ContainerStatus containerStatus(String id) {
        return client.runtime
                .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(id).build())
                .getStatus();
    }

    private PodSandboxStatus sandboxStatus(String id) {
        return client.runtime
                .podSandboxStatus(
                        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
                .getStatus();
    }

    private List<PodSandbox> sandboxes(PodSandboxFilter filter) {
        return client.runtime
                .listPodSandbox(
                        ListPodSandboxRequest.newBuilder().setFilter(filter).build())
                .getItemsList();
    }

    private List<Container> containers(ContainerFilter filter) {
        return client.runtime
                .listContainers(
                        ListContainersRequest.newBuilder().setFilter(filter).build())
                .getContainersList();
    }

    private static void refused(Status.Code code, String words, Executable call) {
        var failure = assertThrows(StatusRuntimeException.class, call);
        assertEquals(code, failure.getStatus().getCode(), failure.getMessage());
        assertEquals(words, failure.getStatus().getDescription());
    }

    // --- the node

    @Test
    void version_and_status_say_what_the_kubelet_insists_on() {
        VersionResponse version = client.runtime.version(VersionRequest.getDefaultInstance());
        assertEquals(
                List.of("0.1.0", "aestus", "0.1.0", "v1"),
                List.of(
                        version.getVersion(),
                        version.getRuntimeName(),
                        version.getRuntimeVersion(),
                        version.getRuntimeApiVersion()));
        StatusResponse status = client.runtime.status(StatusRequest.getDefaultInstance());
        assertEquals(
                Map.of("RuntimeReady", true, "NetworkReady", false),
                Map.of(
                        status.getStatus().getConditions(0).getType(),
                        status.getStatus().getConditions(0).getStatus(),
                        status.getStatus().getConditions(1).getType(),
                        status.getStatus().getConditions(1).getStatus()));
        assertEquals(
                List.of("", "aestus"),
                status.getRuntimeHandlersList().stream()
                        .map(RuntimeHandler::getName)
                        .toList());
        assertEquals(
                CgroupDriver.CGROUPFS,
                client.runtime
                        .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                        .getLinux()
                        .getCgroupDriver());
    }

    @Test
    void what_is_not_here_says_so() {
        assertEquals(
                Status.Code.UNIMPLEMENTED,
                assertThrows(
                                StatusRuntimeException.class,
                                () -> client.runtime.checkpointContainer(
                                        CheckpointContainerRequest.getDefaultInstance()))
                        .getStatus()
                        .getCode());
    }

    // --- sandboxes

    @Test
    void a_sandbox_becomes_a_pod_that_stays_until_it_is_stopped() {
        String id = run(sandbox("web", 3)
                .setDnsConfig(DNSConfig.newBuilder().addServers("10.0.0.10").addOptions("ndots:5")));
        PodOptions options = pods.status(PodUuid.parse(id)).options();
        assertEquals(PodOptions.Life.UNTIL_STOPPED, options.life());
        assertEquals(PodOptions.NetworkMode.HOST, options.network());
        assertEquals(PodOptions.UserNamespace.HOST, options.userNamespace());
        assertEquals(Optional.of("web"), options.hostname());
        assertEquals(Optional.of(Path.of("/var/log/pods/web")), options.logDirectory());
        assertEquals(Optional.of("/kubepods/pod1"), options.cgroupParent());
        assertEquals(
                Optional.of(new PodOptions.Dns(List.of("10.0.0.10"), List.of(), List.of("ndots:5"))), options.dns());
        assertEquals(
                "[{\"name\":\"os/unix/sysctl\",\"value\":{\"net.core.somaxconn\":\"1024\"}}]",
                new String(
                        JsonWriter.compact(pods.status(PodUuid.parse(id))
                                .manifest()
                                .isolators()
                                .toJson()),
                        StandardCharsets.UTF_8));
    }

    @Test
    void a_sandbox_off_the_hosts_network_is_in_the_nodes_network_with_its_ports() {
        String id = run(sandbox("web", 0)
                .setLinux(LinuxPodSandboxConfig.getDefaultInstance())
                .putAnnotations("kubernetes.io/egress-bandwidth", "10M")
                .addPortMappings(PortMapping.newBuilder().setContainerPort(80))
                .addPortMappings(PortMapping.newBuilder()
                        .setProtocol(Protocol.UDP)
                        .setHostIp("127.0.0.1")
                        .setHostPort(5353)
                        .setContainerPort(53)));
        PodOptions options = pods.status(PodUuid.parse(id)).options();
        assertEquals(PodOptions.NetworkMode.POD, options.network());
        var choice = options.connections().networks().getFirst();
        assertEquals("pods", choice.network());
        assertEquals(
                Map.of(
                        "IgnoreUnknown", "1",
                        "K8S_POD_NAMESPACE", "default",
                        "K8S_POD_NAME", "web",
                        "K8S_POD_UID", "uid-web"),
                choice.arguments());
        assertEquals("[127.0.0.1:5353->53/udp]", options.connections().ports().toString());
        assertEquals(
                Optional.of(new Bandwidth(OptionalLong.empty(), OptionalLong.of(10_000_000))),
                options.connections().bandwidth());
    }

    @Test
    void the_network_is_ready_when_nothing_speaks_against_it() throws InterruptedException {
        assertEquals(
                "cannot find network 'pods'",
                client.runtime
                        .status(StatusRequest.getDefaultInstance())
                        .getStatus()
                        .getConditions(1)
                        .getMessage());
        stop();
        serve(FakeNetwork.READY);
        assertTrue(client.runtime
                .status(StatusRequest.getDefaultInstance())
                .getStatus()
                .getConditions(1)
                .getStatus());
    }

    @Test
    void and_comes_back_as_it_was_asked_for() {
        PodSandboxConfig config = sandbox("web", 3).build();
        String id = run(config.toBuilder());
        PodSandboxStatus status = sandboxStatus(id);
        assertEquals(config.getMetadata(), status.getMetadata());
        assertEquals(config.getLabelsMap(), status.getLabelsMap());
        assertEquals(config.getAnnotationsMap(), status.getAnnotationsMap());
        assertEquals("aestus", status.getRuntimeHandler());
        assertEquals(PodSandboxState.SANDBOX_READY, status.getState());
        assertEquals(1_767_225_600_000_000_123L, status.getCreatedAt());
        NamespaceOption namespaces = status.getLinux().getNamespaces().getOptions();
        assertEquals(NamespaceMode.NODE, namespaces.getNetwork());
        assertEquals(NamespaceMode.CONTAINER, namespaces.getPid());
        assertEquals(NamespaceMode.POD, namespaces.getIpc());

        PodSandbox listed = sandboxes(PodSandboxFilter.getDefaultInstance()).getFirst();
        assertEquals(id, listed.getId());
        assertEquals(status.getMetadata(), listed.getMetadata());
        assertEquals(status.getAnnotationsMap(), listed.getAnnotationsMap());
    }

    @Test
    void the_users_of_a_sandbox_are_those_that_the_kubelet_picked() {
        var range = IDMapping.newBuilder().setHostId(-65536).setLength(65536);
        var config = sandbox("mapped", 0);
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setUsernsOptions(UserNamespace.newBuilder()
                        .setMode(NamespaceMode.POD)
                        .addUids(range)
                        .addGids(range));
        String id = run(config);
        assertEquals(
                new PodOptions.UserNamespace.Range(0xFFFF_0000L, 65536),
                pods.status(PodUuid.parse(id)).options().userNamespace());
        assertEquals(
                range.build(),
                sandboxStatus(id)
                        .getLinux()
                        .getNamespaces()
                        .getOptions()
                        .getUsernsOptions()
                        .getUids(0));
    }

    @Test
    void a_retry_finds_the_sandbox_that_the_first_call_made() {
        String id = run(sandbox("web", 0));
        assertEquals(id, run(sandbox("web", 0)));
        assertNotEquals(id, run(sandbox("web", 1)));
        pods.die(PodUuid.parse(id));
        assertEquals(PodSandboxState.SANDBOX_NOTREADY, sandboxStatus(id).getState());
        refused(
                Status.Code.FAILED_PRECONDITION,
                "cannot run sandbox 'web': attempt 0 has ended, and is still here as " + id,
                () -> run(sandbox("web", 0)));
    }

    @Test
    void a_sandbox_that_does_not_start_leaves_nothing() {
        pods.nextStartFails = Optional.of(
                new AestusException(Problem.EXHAUSTED, "cannot run pod: no space left").withRemedy("aestus gc"));
        refused(
                Status.Code.RESOURCE_EXHAUSTED,
                "cannot run pod: no space left [aestus gc]",
                () -> run(sandbox("web", 0)));
        assertEquals(List.of(), pods.list());
        run(sandbox("web", 0));
    }

    @Test
    void stopping_and_removing_what_is_not_there_is_done_already() {
        for (String id : List.of("", "nothing", PodUuid.random().toString())) {
            client.runtime.stopPodSandbox(
                    StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
            client.runtime.removePodSandbox(
                    RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
            client.runtime.stopContainer(
                    StopContainerRequest.newBuilder().setContainerId(id).build());
            client.runtime.removeContainer(
                    RemoveContainerRequest.newBuilder().setContainerId(id).build());
        }
        refused(Status.Code.NOT_FOUND, "cannot find sandbox 'nothing': there is none", () -> sandboxStatus("nothing"));
        refused(
                Status.Code.NOT_FOUND,
                "cannot find container 'nothing': there is none",
                () -> containerStatus("nothing"));
    }

    @Test
    void a_removed_sandbox_takes_running_containers_with_it() {
        String id = run(sandbox("web", 0));
        startContainer(create(id, container("app", 0)));
        client.runtime.stopPodSandbox(
                StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
        assertEquals(PodSandboxState.SANDBOX_NOTREADY, sandboxStatus(id).getState());
        assertEquals(
                137,
                containerStatus(containers(ContainerFilter.getDefaultInstance())
                                .getFirst()
                                .getId())
                        .getExitCode());
        client.runtime.removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
        assertEquals(List.of(), pods.list());
    }

    @Test
    void pods_of_other_fronts_are_invisible_and_untouchable() {
        PodUuid foreign = pods.run(PodSpec.of(PodManifest.of()));
        assertEquals(List.of(), sandboxes(PodSandboxFilter.getDefaultInstance()));
        client.runtime.removePodSandbox(RemovePodSandboxRequest.newBuilder()
                .setPodSandboxId(foreign.toString())
                .build());
        assertEquals(1, pods.list().size());
    }

    @Test
    void filters_are_all_to_be_met() {
        String first = run(sandbox("one", 0));
        String second = run(sandbox("two", 0));
        pods.die(PodUuid.parse(second));
        var ready = PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_READY);
        assertEquals(
                first,
                only(sandboxes(PodSandboxFilter.newBuilder().setState(ready).build()))
                        .getId());
        assertEquals(
                second,
                only(sandboxes(PodSandboxFilter.newBuilder()
                                .putLabelSelector("io.kubernetes.pod.uid", "uid-two")
                                .build()))
                        .getId());
        assertEquals(
                first,
                only(sandboxes(PodSandboxFilter.newBuilder()
                                .setId(first.substring(0, 9))
                                .build()))
                        .getId());
        assertEquals(
                List.of(),
                sandboxes(PodSandboxFilter.newBuilder()
                        .setId(second)
                        .setState(ready)
                        .build()));

        String a = create(first, container("a", 0));
        String b = create(first, container("b", 0));
        startContainer(b);
        assertEquals(
                List.of(a, b),
                containers(ContainerFilter.newBuilder().setPodSandboxId(first).build()).stream()
                        .map(Container::getId)
                        .toList());
        var running = ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING);
        assertEquals(
                b,
                only(containers(ContainerFilter.newBuilder().setState(running).build()))
                        .getId());
        assertEquals(
                a,
                only(containers(ContainerFilter.newBuilder()
                                .setId(a.substring(0, 13))
                                .build()))
                        .getId());
        assertEquals(a, containerStatus(a.substring(0, 13)).getId());
    }

    private static <T> T only(List<T> list) {
        assertEquals(1, list.size(), list.toString());
        return list.getFirst();
    }

    // --- containers

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
                "cannot mount '/tmp': mounts that are passed on between host and container are not supported",
                () -> create(
                        id,
                        container("app", 0)
                                .addMounts(Mount.newBuilder()
                                        .setHostPath("/tmp")
                                        .setContainerPath("/tmp")
                                        .setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL))));
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
                Status.Code.INVALID_ARGUMENT,
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

    @Test
    void statistics_leave_out_what_the_host_does_not_count() {
        String id = create(run(sandbox("web", 0)), container("app", 0));
        assertEquals(
                0,
                client.runtime
                        .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                        .getStatsCount());
        startContainer(id);
        ContainerStats stats = client.runtime
                .containerStats(
                        ContainerStatsRequest.newBuilder().setContainerId(id).build())
                .getStats();
        assertEquals(5_000, stats.getCpu().getUsageCoreNanoSeconds().getValue());
        assertEquals(2_048, stats.getMemory().getWorkingSetBytes().getValue());
        assertFalse(stats.getMemory().hasMajorPageFaults());
        assertFalse(stats.hasSwap());
    }

    // --- images

    @Test
    void images_are_known_by_every_name_that_kubernetes_makes_of_them() {
        String id = client.images
                .pullImage(PullImageRequest.newBuilder()
                        .setImage(spec("example.com/busybox:1.36"))
                        .build())
                .getImageRef();
        assertEquals(BUSYBOX.id().toString(), id);
        for (String name : List.of(
                id,
                id + ":latest",
                "example.com/busybox",
                "example.com/busybox:latest",
                "example.com/busybox:1.36",
                "example.com/busybox@sha512:" + BUSYBOX.id().hex(),
                "example.com/busybox:1.36@sha512:" + BUSYBOX.id().hex())) {
            Image image = client.images
                    .imageStatus(
                            ImageStatusRequest.newBuilder().setImage(spec(name)).build())
                    .getImage();
            assertEquals(id, image.getId(), name);
            assertTrue(image.getSize() > 0);
            assertEquals(1000, image.getUid().getValue());
            assertEquals(List.of("example.com/busybox:1.36"), List.copyOf(image.getRepoTagsList()));
        }
    }

    private static ImageSpec spec(String image) {
        return ImageSpec.newBuilder().setImage(image).build();
    }

    @Test
    void an_image_that_is_not_here_is_no_error_except_for_pulling() {
        assertFalse(client.images
                .imageStatus(ImageStatusRequest.newBuilder()
                        .setImage(spec("example.com/none:1"))
                        .build())
                .hasImage());
        client.images.removeImage(RemoveImageRequest.newBuilder()
                .setImage(spec("example.com/none:1"))
                .build());
        refused(
                Status.Code.UNKNOWN,
                "SignatureValidationFailed: cannot verify example.com/none:1: signed by key 0123 [aestus trust]",
                () -> client.images.pullImage(PullImageRequest.newBuilder()
                        .setImage(spec("example.com/none:1"))
                        .build()));
    }

    @Test
    void nobody_reads_files_of_the_node_by_naming_them_as_images() {
        for (String name : List.of("/etc/passwd", "./x.aci", "https://example.com/x.aci", "docker://busybox")) {
            assertEquals(
                    Status.Code.INVALID_ARGUMENT,
                    assertThrows(
                                    StatusRuntimeException.class,
                                    () -> client.images.pullImage(PullImageRequest.newBuilder()
                                            .setImage(spec(name))
                                            .build()))
                            .getStatus()
                            .getCode(),
                    name);
        }
    }

    @Test
    void images_are_listed_counted_and_removed() {
        images.pull("example.com/busybox");
        assertEquals(
                1,
                client.images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount());
        FilesystemUsage usage = client.images
                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                .getImageFilesystems(0);
        assertTrue(usage.hasUsedBytes());
        assertEquals("/var/lib/aestus", usage.getFsId().getMountpoint());
        client.images.removeImage(RemoveImageRequest.newBuilder()
                .setImage(spec(BUSYBOX.id().toString()))
                .build());
        assertEquals(
                0,
                client.images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount());
    }
}
