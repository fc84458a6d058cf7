package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.PodUuid;
import io.aestus.cri.streaming.LocalProcess;
import io.aestus.cri.v1.AttachRequest;
import io.aestus.cri.v1.CgroupDriver;
import io.aestus.cri.v1.CheckpointContainerRequest;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerEventResponse;
import io.aestus.cri.v1.ContainerEventType;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatsRequest;
import io.aestus.cri.v1.ContainerStatusRequest;
import io.aestus.cri.v1.CreateContainerRequest;
import io.aestus.cri.v1.ExecRequest;
import io.aestus.cri.v1.ExecSyncRequest;
import io.aestus.cri.v1.GetEventsRequest;
import io.aestus.cri.v1.ImageFsInfoRequest;
import io.aestus.cri.v1.ImageServiceGrpc;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.ImageStatusRequest;
import io.aestus.cri.v1.LinuxContainerResources;
import io.aestus.cri.v1.LinuxPodSandboxConfig;
import io.aestus.cri.v1.LinuxSandboxSecurityContext;
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.ListMetricDescriptorsRequest;
import io.aestus.cri.v1.Metric;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PodSandboxStatsRequest;
import io.aestus.cri.v1.PodSandboxStatusRequest;
import io.aestus.cri.v1.PortForwardRequest;
import io.aestus.cri.v1.PullImageRequest;
import io.aestus.cri.v1.RemoveImageRequest;
import io.aestus.cri.v1.ReopenContainerLogRequest;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.RuntimeConfigRequest;
import io.aestus.cri.v1.RuntimeServiceGrpc;
import io.aestus.cri.v1.StartContainerRequest;
import io.aestus.cri.v1.StatusRequest;
import io.aestus.cri.v1.StreamImagesRequest;
import io.aestus.cri.v1.StreamPodSandboxesRequest;
import io.aestus.cri.v1.UpdateContainerResourcesRequest;
import io.aestus.cri.v1.UpdatePodSandboxResourcesRequest;
import io.aestus.cri.v1.UpdateRuntimeConfigRequest;
import io.aestus.cri.v1.UpdateRuntimeConfigResponse;
import io.aestus.cri.v1.VersionRequest;
import io.aestus.executor.CheckpointSpec;
import io.aestus.executor.PodEvent;
import io.aestus.store.StoredImage;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** One walk through every method of the interface: a method that is added and not walked through fails here. */
class EveryMethodTest {
    private static final StoredImage BUSYBOX = FakeImages.image(
            "example.com/busybox", "1.36", App.running(List.of("/bin/sh")).build());

    @TempDir
    Path directory;

    private final FakePods pods = new FakePods();
    private CriServer server;
    private CriClient client;
    private MethodWalk walk;
    private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime;
    private ImageServiceGrpc.ImageServiceBlockingStub images;

    @BeforeEach
    void start() {
        var settings = new CriSettings(directory.resolve("cri.sock"), Optional.empty(), "0.1.0", FakeNetwork.MISSING);
        server = new CriServer(settings, pods, new FakeImages().remote(BUSYBOX));
        server.start();
        client = new CriClient(settings.socket());
        walk = new MethodWalk(client);
        runtime = walk.runtime;
        images = walk.images;
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        server.stop();
    }

    @Test
    void no_method_is_left_out() {
        walkThroughNode();
        walkThroughImages();
        String sandbox = runtime.runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(PodSandboxConfig.newBuilder()
                                .setMetadata(PodSandboxMetadata.newBuilder()
                                        .setName("web")
                                        .setNamespace("default")
                                        .setUid("1"))
                                .setLinux(LinuxPodSandboxConfig.newBuilder()
                                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                                .setNamespaceOptions(NamespaceOption.newBuilder()
                                                        .setNetwork(NamespaceMode.NODE)))))
                        .build())
                .getPodSandboxId();
        Iterator<ContainerEventResponse> events = runtime.getContainerEvents(GetEventsRequest.getDefaultInstance());
        String container = walkThroughContainer(sandbox);
        walkThroughEvents(sandbox, container, events);
        walkThroughStatistics(sandbox, container);
        walkThroughEnd(sandbox, container);
        walk.assertWhole();
    }

    private void walkThroughNode() {
        assertEquals("v1", runtime.version(VersionRequest.getDefaultInstance()).getRuntimeApiVersion());
        assertEquals(
                "{\"socket\":\"" + directory.resolve("cri.sock")
                        + "\",\"version\":\"0.1.0\",\"cgroupDriver\":\"cgroupfs\",\"streamingHost\":\"127.0.0.1\"}",
                runtime.status(StatusRequest.newBuilder().setVerbose(true).build())
                        .getInfoOrThrow("config"));
        assertEquals(
                CgroupDriver.CGROUPFS,
                runtime.runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                        .getLinux()
                        .getCgroupDriver());
        assertEquals(
                UpdateRuntimeConfigResponse.getDefaultInstance(),
                runtime.updateRuntimeConfig(UpdateRuntimeConfigRequest.getDefaultInstance()));
        assertFalse(runtime.listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
                .getDescriptorsList()
                .isEmpty());
    }

    private void walkThroughImages() {
        var spec = ImageSpec.newBuilder().setImage("example.com/busybox:1.36");
        String id = images.pullImage(
                        PullImageRequest.newBuilder().setImage(spec).build())
                .getImageRef();
        assertEquals(
                id,
                images.imageStatus(
                                ImageStatusRequest.newBuilder().setImage(spec).build())
                        .getImage()
                        .getId());
        assertEquals(
                1, images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount());
        assertEquals(
                id,
                images.streamImages(StreamImagesRequest.getDefaultInstance())
                        .next()
                        .getImages(0)
                        .getId());
        assertTrue(images.imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                .getImageFilesystems(0)
                .hasUsedBytes());
    }

    private String walkThroughContainer(String sandbox) {
        String id = runtime.createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(ContainerConfig.newBuilder()
                                .setMetadata(ContainerMetadata.newBuilder().setName("app"))
                                .setImage(ImageSpec.newBuilder().setImage("example.com/busybox:1.36")))
                        .build())
                .getContainerId();
        runtime.startContainer(
                StartContainerRequest.newBuilder().setContainerId(id).build());
        var status = runtime.containerStatus(ContainerStatusRequest.newBuilder()
                .setContainerId(id)
                .setVerbose(true)
                .build());
        assertEquals(ContainerState.CONTAINER_RUNNING, status.getStatus().getState());
        assertTrue(
                status.getInfoOrThrow("info").contains("\"pid\":43"),
                status.getInfoMap().toString());
        walk.assertContainerListed(id);
        runtime.updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(id)
                .setLinux(LinuxContainerResources.newBuilder().setCpuShares(512))
                .build());
        runtime.reopenContainerLog(
                ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
        assertEquals(1, pods.reopened());
        walkThroughCheckpoints(id);
        walkThroughStreams(sandbox, id);
        return id;
    }

    private void walkThroughCheckpoints(String id) {
        var request = CheckpointContainerRequest.newBuilder().setContainerId(id).setLocation("/srv/checkpoint.tar");
        runtime.checkpointContainer(request.build());
        CheckpointSpec spec = pods.checkpoints().getFirst();
        assertEquals(Path.of("/srv/checkpoint.tar"), spec.archive());
        assertEquals(id, spec.id());
        assertEquals(Duration.ofMinutes(2), spec.limit());
        assertRefused(
                Status.Code.DEADLINE_EXCEEDED,
                () -> runtime.checkpointContainer(request.clone().setTimeout(1).build()));
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                () -> runtime.checkpointContainer(request.clone().setTimeout(-1).build()));
        assertRefused(
                Status.Code.INVALID_ARGUMENT,
                () -> runtime.checkpointContainer(
                        request.clone().setLocation("").build()));
        assertEquals(1, pods.checkpoints().size());
    }

    private void walkThroughStreams(String sandbox, String id) {
        pods.exec = what -> LocalProcess.shell("echo hi; exit 2");
        var said = runtime.execSync(ExecSyncRequest.newBuilder()
                .setContainerId(id)
                .addCmd("/bin/sh")
                .build());
        assertEquals("hi\n", said.getStdout().toStringUtf8());
        assertEquals(2, said.getExitCode());
        assertTrue(runtime.exec(ExecRequest.newBuilder()
                        .setContainerId(id)
                        .addCmd("/bin/sh")
                        .setStdout(true)
                        .build())
                .getUrl()
                .matches("http://127\\.0\\.0\\.1:\\d+/exec/.*"));
        assertTrue(runtime.attach(AttachRequest.newBuilder()
                        .setContainerId(id)
                        .setStdout(true)
                        .build())
                .getUrl()
                .contains("/attach/"));
        assertTrue(runtime.portForward(
                        PortForwardRequest.newBuilder().setPodSandboxId(sandbox).build())
                .getUrl()
                .contains("/portforward/"));
    }

    /** What happened before anybody listened is not told: here only what the fake is told to tell. */
    private void walkThroughEvents(String sandbox, String container, Iterator<ContainerEventResponse> events) {
        while (!pods.hasListeners()) {
            Thread.onSpinWait();
        }
        Instant at = Instant.parse("2026-01-01T00:00:00Z");
        pods.publish(new PodEvent.AppStarted(PodUuid.parse(sandbox), AcName.parse("app-0"), at));
        ContainerEventResponse event = events.next();
        assertEquals(container, event.getContainerId());
        assertEquals(ContainerEventType.CONTAINER_STARTED_EVENT, event.getContainerEventType());
        assertEquals(at.getEpochSecond() * 1_000_000_000L, event.getCreatedAt());
        assertEquals(sandbox, event.getPodSandboxStatus().getId());
        assertEquals(container, event.getContainersStatuses(0).getId());
        pods.publish(new PodEvent.Missed(at, 7));
        assertRefused(Status.Code.RESOURCE_EXHAUSTED, events::hasNext);
    }

    private static void assertRefused(Status.Code code, Executable call) {
        assertEquals(
                code,
                assertThrows(StatusRuntimeException.class, call).getStatus().getCode());
    }

    private void walkThroughStatistics(String sandbox, String container) {
        assertEquals(
                5000,
                runtime.containerStats(ContainerStatsRequest.newBuilder()
                                .setContainerId(container)
                                .build())
                        .getStats()
                        .getCpu()
                        .getUsageCoreNanoSeconds()
                        .getValue());
        var stats = runtime.podSandboxStats(PodSandboxStatsRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build())
                .getStats();
        assertEquals("web", stats.getAttributes().getMetadata().getName());
        assertEquals(4096, stats.getLinux().getMemory().getWorkingSetBytes().getValue());
        assertEquals(2, stats.getLinux().getProcess().getProcessCount().getValue());
        assertEquals(
                container, stats.getLinux().getContainers(0).getAttributes().getId());
        assertFalse(stats.getLinux().hasNetwork(), "the host's traffic is nobody's");
        var metrics = walk.assertMeasured(sandbox, container);
        Metric cpu = metrics.getMetrics(0);
        assertEquals("container_cpu_usage_seconds_total", cpu.getName());
        assertEquals(9, cpu.getValue().getValue());
        assertEquals(List.of("", sandbox, "", sandbox, "default", "web"), cpu.getLabelValuesList());
        assertEquals(container, metrics.getContainerMetrics(0).getContainerId());
    }

    private void walkThroughEnd(String sandbox, String container) {
        runtime.updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .build());
        var status = runtime.podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .setVerbose(true)
                .build());
        assertTrue(status.getTimestamp() > 0);
        assertEquals(container, status.getContainersStatuses(0).getId());
        assertTrue(status.getInfoOrThrow("info").contains("\"pid\":42"));
        walk.removeContainer(container);
        walk.stopSandbox(sandbox);
        walk.assertSandboxListed(sandbox);
        walk.removeSandbox(sandbox);
        images.removeImage(RemoveImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage("example.com/busybox:1.36"))
                .build());
        assertRefused(
                Status.Code.NOT_FOUND,
                () -> runtime.updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build()));
        var rest = runtime.streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance());
        rest.next();
        assertFalse(rest.hasNext(), "one, if empty");
    }
}
