package io.aestus.cri;

import io.aestus.cri.streaming.StreamingServer;
import io.aestus.cri.v1.AttachRequest;
import io.aestus.cri.v1.AttachResponse;
import io.aestus.cri.v1.CgroupDriver;
import io.aestus.cri.v1.ContainerStatsRequest;
import io.aestus.cri.v1.ContainerStatsResponse;
import io.aestus.cri.v1.ContainerStatusRequest;
import io.aestus.cri.v1.ContainerStatusResponse;
import io.aestus.cri.v1.CreateContainerRequest;
import io.aestus.cri.v1.CreateContainerResponse;
import io.aestus.cri.v1.ExecRequest;
import io.aestus.cri.v1.ExecResponse;
import io.aestus.cri.v1.ExecSyncRequest;
import io.aestus.cri.v1.ExecSyncResponse;
import io.aestus.cri.v1.LinuxRuntimeConfiguration;
import io.aestus.cri.v1.ListContainerStatsRequest;
import io.aestus.cri.v1.ListContainerStatsResponse;
import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListContainersResponse;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.ListPodSandboxResponse;
import io.aestus.cri.v1.PodSandboxStatusRequest;
import io.aestus.cri.v1.PodSandboxStatusResponse;
import io.aestus.cri.v1.PortForwardRequest;
import io.aestus.cri.v1.PortForwardResponse;
import io.aestus.cri.v1.RemoveContainerRequest;
import io.aestus.cri.v1.RemoveContainerResponse;
import io.aestus.cri.v1.RemovePodSandboxRequest;
import io.aestus.cri.v1.RemovePodSandboxResponse;
import io.aestus.cri.v1.ReopenContainerLogRequest;
import io.aestus.cri.v1.ReopenContainerLogResponse;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.RunPodSandboxResponse;
import io.aestus.cri.v1.RuntimeCondition;
import io.aestus.cri.v1.RuntimeConfigRequest;
import io.aestus.cri.v1.RuntimeConfigResponse;
import io.aestus.cri.v1.RuntimeFeatures;
import io.aestus.cri.v1.RuntimeHandler;
import io.aestus.cri.v1.RuntimeHandlerFeatures;
import io.aestus.cri.v1.RuntimeServiceGrpc;
import io.aestus.cri.v1.RuntimeStatus;
import io.aestus.cri.v1.StartContainerRequest;
import io.aestus.cri.v1.StartContainerResponse;
import io.aestus.cri.v1.StatusRequest;
import io.aestus.cri.v1.StatusResponse;
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.StopContainerResponse;
import io.aestus.cri.v1.StopPodSandboxRequest;
import io.aestus.cri.v1.StopPodSandboxResponse;
import io.aestus.cri.v1.UpdateContainerResourcesRequest;
import io.aestus.cri.v1.UpdateContainerResourcesResponse;
import io.aestus.cri.v1.UpdateRuntimeConfigRequest;
import io.aestus.cri.v1.UpdateRuntimeConfigResponse;
import io.aestus.cri.v1.VersionRequest;
import io.aestus.cri.v1.VersionResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/** The runtime half of the interface. What is not here answers that it is not implemented. */
final class RuntimeService extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    /** Part of every container's ID in the API of Kubernetes: never to be changed. */
    private static final String NAME = "aestus";

    private final CriSettings settings;
    private final SandboxCalls sandboxes;
    private final ContainerCalls containers;
    private final SyncExec execs;
    private final StreamCalls streams;

    RuntimeService(CriSettings settings, Pods pods, NodeImages images, StreamingServer streaming) {
        this.settings = settings;
        this.sandboxes = new SandboxCalls(pods, settings.network());
        this.containers = new ContainerCalls(pods, sandboxes, images);
        this.execs = new SyncExec(pods);
        this.streams = new StreamCalls(pods, sandboxes, containers, streaming);
    }

    // --- the node

    @Override
    public void version(VersionRequest request, StreamObserver<VersionResponse> observer) {
        Calls.answer(observer, () -> VersionResponse.newBuilder()
                .setVersion("0.1.0") // of the kubelet's runtime API, fixed
                .setRuntimeName(NAME)
                .setRuntimeVersion(settings.version())
                .setRuntimeApiVersion("v1")
                .build());
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
        Calls.answer(observer, () -> StatusResponse.newBuilder()
                .setStatus(RuntimeStatus.newBuilder()
                        .addConditions(RuntimeCondition.newBuilder()
                                .setType("RuntimeReady")
                                .setStatus(true))
                        .addConditions(network()))
                .addRuntimeHandlers(handler(""))
                .addRuntimeHandlers(handler(NAME))
                .setFeatures(RuntimeFeatures.newBuilder().setSupplementalGroupsPolicy(false))
                .build());
    }

    private RuntimeCondition network() {
        var condition = RuntimeCondition.newBuilder().setType("NetworkReady");
        return settings.network()
                .obstacle()
                .map(why -> condition.setReason("NetworkPluginNotReady").setMessage(why))
                .orElseGet(() -> condition.setStatus(true))
                .build();
    }

    private static RuntimeHandler handler(String name) {
        return RuntimeHandler.newBuilder()
                .setName(name)
                .setFeatures(RuntimeHandlerFeatures.newBuilder().setUserNamespaces(true))
                .build();
    }

    @Override
    public void runtimeConfig(RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> observer) {
        Calls.answer(observer, () -> RuntimeConfigResponse.newBuilder()
                .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(CgroupDriver.CGROUPFS))
                .build());
    }

    @Override
    public void updateRuntimeConfig(
            UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> observer) {
        Calls.answer(observer, UpdateRuntimeConfigResponse::getDefaultInstance);
    }

    // --- sandboxes

    @Override
    public void runPodSandbox(RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> observer) {
        Calls.answer(observer, () -> RunPodSandboxResponse.newBuilder()
                .setPodSandboxId(sandboxes
                        .run(request.getConfig(), request.getRuntimeHandler())
                        .toString())
                .build());
    }

    @Override
    public void stopPodSandbox(StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> observer) {
        Calls.answer(observer, () -> {
            sandboxes.stop(request.getPodSandboxId());
            return StopPodSandboxResponse.getDefaultInstance();
        });
    }

    @Override
    public void removePodSandbox(RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> observer) {
        Calls.answer(observer, () -> {
            sandboxes.remove(request.getPodSandboxId());
            return RemovePodSandboxResponse.getDefaultInstance();
        });
    }

    @Override
    public void podSandboxStatus(PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> observer) {
        Calls.answer(observer, () -> PodSandboxStatusResponse.newBuilder()
                .setStatus(Sandboxes.statusOf(sandboxes.require(request.getPodSandboxId())))
                .build());
    }

    @Override
    public void listPodSandbox(ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> observer) {
        Calls.answer(observer, () -> ListPodSandboxResponse.newBuilder()
                .addAllItems(sandboxes.list(request.getFilter()))
                .build());
    }

    // --- containers

    @Override
    public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> observer) {
        Calls.answer(observer, () -> CreateContainerResponse.newBuilder()
                .setContainerId(containers
                        .create(request.getPodSandboxId(), request.getConfig())
                        .text())
                .build());
    }

    @Override
    public void startContainer(StartContainerRequest request, StreamObserver<StartContainerResponse> observer) {
        Calls.answer(observer, () -> {
            containers.start(request.getContainerId());
            return StartContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> observer) {
        Calls.answer(observer, () -> {
            containers.stop(request.getContainerId(), Duration.ofSeconds(Math.max(0, request.getTimeout())));
            return StopContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void removeContainer(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> observer) {
        Calls.answer(observer, () -> {
            containers.remove(request.getContainerId());
            return RemoveContainerResponse.getDefaultInstance();
        });
    }

    @Override
    public void containerStatus(ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> observer) {
        Calls.answer(observer, () -> {
            var found = containers.require(request.getContainerId());
            return ContainerStatusResponse.newBuilder()
                    .setStatus(ContainerReports.statusOf(found.pod(), found.app()))
                    .build();
        });
    }

    @Override
    public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
        Calls.answer(observer, () -> ListContainersResponse.newBuilder()
                .addAllContainers(containers.list(request.getFilter()))
                .build());
    }

    @Override
    public void containerStats(ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> observer) {
        Calls.answer(observer, () -> ContainerStatsResponse.newBuilder()
                .setStats(containers.stats(request.getContainerId()))
                .build());
    }

    @Override
    public void listContainerStats(
            ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> observer) {
        Calls.answer(observer, () -> ListContainerStatsResponse.newBuilder()
                .addAllStats(containers.listStats(request.getFilter()))
                .build());
    }

    @Override
    public void updateContainerResources(
            UpdateContainerResourcesRequest request, StreamObserver<UpdateContainerResourcesResponse> observer) {
        Calls.answer(observer, () -> {
            containers.resize(request.getContainerId(), request.getLinux());
            return UpdateContainerResourcesResponse.getDefaultInstance();
        });
    }

    @Override
    public void reopenContainerLog(
            ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> observer) {
        Calls.answer(observer, () -> {
            containers.reopenLog(request.getContainerId());
            return ReopenContainerLogResponse.getDefaultInstance();
        });
    }

    @Override
    public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> observer) {
        Calls.answer(observer, () -> {
            var container = containers.require(request.getContainerId());
            return execs.run(
                    container.uuid(),
                    container.name(),
                    request.getCmdList(),
                    Duration.ofSeconds(Math.max(0, request.getTimeout())));
        });
    }

    // --- streams

    @Override
    public void exec(ExecRequest request, StreamObserver<ExecResponse> observer) {
        Calls.answer(observer, () -> ExecResponse.newBuilder()
                .setUrl(streams.exec(request).toString())
                .build());
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> observer) {
        Calls.answer(observer, () -> AttachResponse.newBuilder()
                .setUrl(streams.attach(request).toString())
                .build());
    }

    @Override
    public void portForward(PortForwardRequest request, StreamObserver<PortForwardResponse> observer) {
        Calls.answer(observer, () -> PortForwardResponse.newBuilder()
                .setUrl(streams.portForward(request).toString())
                .build());
    }
}
