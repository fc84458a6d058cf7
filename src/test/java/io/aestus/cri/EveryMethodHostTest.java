package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.AttachRequest;
import io.aestus.cri.v1.CgroupDriver;
import io.aestus.cri.v1.CheckpointContainerRequest;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerEventType;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.ContainerMetrics;
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
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.ListMetricDescriptorsRequest;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PodSandboxState;
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
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.StreamImagesRequest;
import io.aestus.cri.v1.UpdateContainerResourcesRequest;
import io.aestus.cri.v1.UpdatePodSandboxResourcesRequest;
import io.aestus.cri.v1.UpdateRuntimeConfigRequest;
import io.aestus.cri.v1.VersionRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole interface with a real container behind it: a method that is added and not walked through fails here. */
@Tag("host")
class EveryMethodHostTest extends RealNode {
    private MethodWalk walk;
    private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime;
    private ImageServiceGrpc.ImageServiceBlockingStub images;

    @Test
    void every_method_does_its_work_for_a_real_container() throws Exception {
        walk = new MethodWalk(client);
        runtime = walk.runtime;
        images = walk.images;
        askTheNode();
        askForImages();
        String sandbox = runSandbox();
        var events = runtime.withDeadlineAfter(Duration.ofMinutes(2))
                .getContainerEvents(GetEventsRequest.getDefaultInstance());
        String id = runContainer(sandbox);
        useContainer(sandbox, id);
        measure(sandbox, id);
        end(sandbox, id);
        var event = events.next();
        while (!event.getContainerId().equals(id)
                || event.getContainerEventType() != ContainerEventType.CONTAINER_STOPPED_EVENT) {
            event = events.next();
        }
        assertTrue(event.getCreatedAt() > 0, event.toString());
        walk.assertWhole();
    }

    private void askTheNode() {
        assertEquals(
                "aestus", runtime.version(VersionRequest.getDefaultInstance()).getRuntimeName());
        var status = runtime.status(StatusRequest.newBuilder().setVerbose(true).build());
        assertTrue(status.getStatus().getConditions(0).getStatus(), status.toString());
        assertTrue(status.getInfoMap().containsKey("config"), status.toString());
        assertEquals(
                CgroupDriver.CGROUPFS,
                runtime.runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                        .getLinux()
                        .getCgroupDriver());
        runtime.updateRuntimeConfig(UpdateRuntimeConfigRequest.getDefaultInstance());
    }

    private void askForImages() {
        var spec = ImageSpec.newBuilder().setImage(image.toString());
        assertEquals(
                image.toString(),
                images.pullImage(PullImageRequest.newBuilder().setImage(spec).build())
                        .getImageRef());
        assertEquals(
                1, images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount());
        assertEquals(
                1,
                images.streamImages(StreamImagesRequest.getDefaultInstance())
                        .next()
                        .getImagesCount());
        assertTrue(images.imageStatus(
                        ImageStatusRequest.newBuilder().setImage(spec).build())
                .hasImage());
        var disk = images.imageFsInfo(ImageFsInfoRequest.getDefaultInstance()).getImageFilesystems(0);
        assertTrue(disk.getUsedBytes().getValue() > 0, disk.toString());
    }

    private String runSandbox() {
        var config = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName("every")
                        .setNamespace("default")
                        .setUid("uid"))
                .setLogDirectory(directory.resolve("logs").toString());
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE);
        String sandbox = runtime.runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(config).build())
                .getPodSandboxId();
        var status = runtime.podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .setVerbose(true)
                .build());
        assertEquals(PodSandboxState.SANDBOX_READY, status.getStatus().getState());
        assertFalse(status.getInfoMap().isEmpty());
        walk.assertSandboxListed(sandbox);
        runtime.updatePodSandboxResources(UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .build());
        return sandbox;
    }

    private String runContainer(String sandbox) throws Exception {
        Files.createDirectories(directory.resolve("logs/app"));
        var config = ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("app"))
                .setImage(ImageSpec.newBuilder().setImage(image.toString()))
                .addAllCommand(List.of("/bin/sh", "-c", "echo begun; while read line; do echo $line; done"))
                .setStdin(true)
                .setLogPath("app/0.log");
        String id = runtime.createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(config)
                        .build())
                .getContainerId();
        runtime.startContainer(
                StartContainerRequest.newBuilder().setContainerId(id).build());
        var status = runtime.containerStatus(ContainerStatusRequest.newBuilder()
                .setContainerId(id)
                .setVerbose(true)
                .build());
        assertEquals(ContainerState.CONTAINER_RUNNING, status.getStatus().getState());
        assertFalse(status.getInfoMap().isEmpty());
        walk.assertContainerListed(id);
        return id;
    }

    private void useContainer(String sandbox, String id) throws Exception {
        runtime.updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(id)
                .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(64 << 20))
                .build());
        var said = runtime.execSync(ExecSyncRequest.newBuilder()
                .setContainerId(id)
                .addAllCmd(List.of("/bin/sh", "-c", "echo said; exit 3"))
                .setTimeout(20)
                .build());
        assertEquals("said\n 3", said.getStdout().toStringUtf8() + " " + said.getExitCode());
        String exec = runtime.exec(ExecRequest.newBuilder()
                        .setContainerId(id)
                        .addCmd("/bin/id")
                        .setStdout(true)
                        .build())
                .getUrl();
        String attach = runtime.attach(AttachRequest.newBuilder()
                        .setContainerId(id)
                        .setStdout(true)
                        .build())
                .getUrl();
        String forward = runtime.portForward(PortForwardRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .addPort(80)
                        .build())
                .getUrl();
        for (String url : List.of(exec, attach, forward)) {
            assertTrue(url.startsWith("http://127.0.0.1:"), url);
        }
        await("its first words", () -> log("app").contains("stdout F begun"));
        Files.delete(directory.resolve("logs/app/0.log"));
        runtime.reopenContainerLog(
                ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
        assertTrue(Files.exists(directory.resolve("logs/app/0.log")));
        checkpoint(id);
    }

    /** {@link CheckpointHostTest} has what comes of it where CRIU works. */
    private void checkpoint(String id) {
        Path archive = directory.resolve("checkpoint.tar");
        try {
            runtime.checkpointContainer(CheckpointContainerRequest.newBuilder()
                    .setContainerId(id)
                    .setLocation(archive.toString())
                    .build());
        } catch (StatusRuntimeException e) {
            assertEquals(Status.Code.UNIMPLEMENTED, e.getStatus().getCode(), e.getMessage());
            assertTrue(e.getMessage().contains("CRIU") || e.getMessage().contains("shares its processes"));
            assertFalse(Files.exists(archive));
            return;
        }
        assertTrue(Files.exists(archive));
    }

    private void measure(String sandbox, String id) {
        var one = ContainerStatsRequest.newBuilder().setContainerId(id).build();
        await(
                "figures",
                () -> runtime.containerStats(one).getStats().getMemory().hasWorkingSetBytes());
        await(
                "how busy it is",
                () -> runtime.containerStats(one).getStats().getCpu().hasUsageNanoCores());
        var stats = runtime.containerStats(one).getStats();
        boolean isWaitingCounted = executor.usage(executor.list().getFirst().uuid())
                .orElseThrow()
                .counted()
                .pressure()
                .io()
                .isPresent();
        assertEquals(isWaitingCounted, stats.getIo().hasPsi());
        assertEquals(isWaitingCounted, stats.getCpu().hasPsi());
        assertEquals(
                1,
                runtime.podSandboxStats(PodSandboxStatsRequest.newBuilder()
                                .setPodSandboxId(sandbox)
                                .build())
                        .getStats()
                        .getLinux()
                        .getContainersCount());
        Set<String> described =
                runtime
                        .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
                        .getDescriptorsList()
                        .stream()
                        .map(descriptor -> descriptor.getName())
                        .collect(Collectors.toSet());
        var metrics = walk.assertMeasured(sandbox, id);
        assertFalse(metrics.getContainerMetrics(0).getMetricsList().isEmpty());
        metrics.getContainerMetrics(0)
                .getMetricsList()
                .forEach(metric -> assertTrue(described.contains(metric.getName()), metric.getName()));
        assertTrue(value(metrics.getContainerMetrics(0), "container_file_descriptors") >= 3, "its streams");
        assertTrue(value(metrics.getContainerMetrics(0), "container_tasks_state") >= 1, "its processes");
    }

    private static long value(ContainerMetrics metrics, String name) {
        return metrics.getMetricsList().stream()
                .filter(metric -> metric.getName().equals(name))
                .mapToLong(metric -> metric.getValue().getValue())
                .sum();
    }

    private void end(String sandbox, String id) {
        runtime.stopContainer(
                StopContainerRequest.newBuilder().setContainerId(id).build());
        assertEquals(ContainerState.CONTAINER_EXITED, status(id).getState());
        walk.removeContainer(id);
        walk.stopSandbox(sandbox);
        walk.removeSandbox(sandbox);
        images.removeImage(RemoveImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(image.toString()))
                .build());
        assertEquals(
                0, images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount());
    }
}
