package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.cri.streaming.StreamingServer;
import io.aestus.cri.v1.AttachResponse;
import io.aestus.cri.v1.CheckpointContainerResponse;
import io.aestus.cri.v1.ContainerStatsResponse;
import io.aestus.cri.v1.ContainerStatusRequest;
import io.aestus.cri.v1.ContainerStatusResponse;
import io.aestus.cri.v1.CreateContainerResponse;
import io.aestus.cri.v1.ExecResponse;
import io.aestus.cri.v1.ListContainerStatsResponse;
import io.aestus.cri.v1.ListContainersResponse;
import io.aestus.cri.v1.ListMetricDescriptorsResponse;
import io.aestus.cri.v1.ListPodSandboxMetricsResponse;
import io.aestus.cri.v1.ListPodSandboxResponse;
import io.aestus.cri.v1.ListPodSandboxStatsResponse;
import io.aestus.cri.v1.PodSandboxStatsResponse;
import io.aestus.cri.v1.PodSandboxStatusRequest;
import io.aestus.cri.v1.PodSandboxStatusResponse;
import io.aestus.cri.v1.PortForwardResponse;
import io.aestus.cri.v1.RemoveContainerResponse;
import io.aestus.cri.v1.RemovePodSandboxResponse;
import io.aestus.cri.v1.ReopenContainerLogResponse;
import io.aestus.cri.v1.RunPodSandboxResponse;
import io.aestus.cri.v1.RuntimeServiceGrpc;
import io.aestus.cri.v1.StartContainerResponse;
import io.aestus.cri.v1.StopContainerResponse;
import io.aestus.cri.v1.StopPodSandboxResponse;
import io.aestus.cri.v1.StreamContainerStatsResponse;
import io.aestus.cri.v1.StreamContainersResponse;
import io.aestus.cri.v1.StreamPodSandboxMetricsResponse;
import io.aestus.cri.v1.StreamPodSandboxStatsResponse;
import io.aestus.cri.v1.StreamPodSandboxesResponse;
import io.aestus.cri.v1.UpdateContainerResourcesResponse;
import io.aestus.cri.v1.UpdatePodSandboxResourcesResponse;
import io.aestus.cri.v1.UpdateRuntimeConfigResponse;
import io.aestus.executor.PodStatus;
import io.aestus.rpc.Methods;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The runtime half of the interface: who answers what. */
final class RuntimeService implements BindableService, AutoCloseable {
    /** How many elements a message of a streamed list has. */
    private static final int ELEMENTS = 100;

    private final NodeCalls node;
    private final SandboxCalls sandboxes;
    private final ContainerCalls containers;
    private final SyncExec execs;
    private final StreamCalls streams;
    private final Statistics statistics;
    private final Metrics metrics;
    private final ContainerEvents events;

    /** @param fileSystems lent, as all others are */
    RuntimeService(
            CriSettings settings, Pods pods, NodeImages images, StreamingServer streaming, FileSystems fileSystems) {
        var overview = new Overview(pods);
        var figures = new Figures(pods, fileSystems);
        this.node = new NodeCalls(settings);
        this.sandboxes = new SandboxCalls(pods, overview, settings.network(), settings.cgroups());
        this.containers = new ContainerCalls(pods, overview, sandboxes, images, settings.devices(), figures);
        this.execs = new SyncExec(pods);
        this.streams = new StreamCalls(pods, sandboxes, containers, streaming);
        this.statistics = new Statistics(sandboxes, figures);
        this.metrics = new Metrics(pods, statistics, fileSystems);
        this.events = new ContainerEvents(pods);
    }

    @Override
    public ServerServiceDefinition bindService() {
        var methods = new Methods(RuntimeServiceGrpc.getServiceDescriptor(), Bounds::check);
        bindNode(methods);
        bindSandboxes(methods);
        bindContainers(methods);
        bindStreams(methods);
        bindStatistics(methods);
        return methods.build();
    }

    private void bindNode(Methods methods) {
        methods.answers(RuntimeServiceGrpc.getVersionMethod(), _ -> node.version())
                .answers(RuntimeServiceGrpc.getStatusMethod(), node::status)
                .answers(RuntimeServiceGrpc.getRuntimeConfigMethod(), _ -> node.runtimeConfig())
                // The node's networks are configured by files: the range of its pods is theirs to know.
                .answers(
                        RuntimeServiceGrpc.getUpdateRuntimeConfigMethod(),
                        _ -> UpdateRuntimeConfigResponse.getDefaultInstance());
    }

    private void bindSandboxes(Methods methods) {
        methods.answers(RuntimeServiceGrpc.getRunPodSandboxMethod(), request -> RunPodSandboxResponse.newBuilder()
                        .setPodSandboxId(sandboxes
                                .run(request.getConfig(), request.getRuntimeHandler())
                                .toString())
                        .build())
                .answers(RuntimeServiceGrpc.getStopPodSandboxMethod(), request -> {
                    sandboxes.stop(request.getPodSandboxId());
                    return StopPodSandboxResponse.getDefaultInstance();
                })
                .answers(RuntimeServiceGrpc.getRemovePodSandboxMethod(), request -> {
                    sandboxes.remove(request.getPodSandboxId());
                    return RemovePodSandboxResponse.getDefaultInstance();
                })
                .answers(RuntimeServiceGrpc.getPodSandboxStatusMethod(), this::sandboxStatus)
                .answers(RuntimeServiceGrpc.getListPodSandboxMethod(), request -> ListPodSandboxResponse.newBuilder()
                        .addAllItems(sandboxes.list(request.getFilter()))
                        .build())
                .lists(
                        RuntimeServiceGrpc.getStreamPodSandboxesMethod(),
                        request -> parts(
                                sandboxes.list(request.getFilter()), part -> StreamPodSandboxesResponse.newBuilder()
                                        .addAllPodSandboxes(part)
                                        .build()))
                // The kubelet has resized the pod's own cgroup before; there is no machine of ours to resize.
                .answers(RuntimeServiceGrpc.getUpdatePodSandboxResourcesMethod(), request -> {
                    sandboxes.require(request.getPodSandboxId());
                    return UpdatePodSandboxResourcesResponse.getDefaultInstance();
                });
    }

    private PodSandboxStatusResponse sandboxStatus(PodSandboxStatusRequest request) {
        PodStatus pod = sandboxes.require(request.getPodSandboxId());
        var response = PodSandboxStatusResponse.newBuilder()
                .setStatus(Sandboxes.statusOf(pod))
                .addAllContainersStatuses(ContainerReports.statusesOf(pod))
                .setTimestamp(Sandboxes.nanos(Instant.now()));
        if (request.getVerbose()) {
            response.putInfo("info", Verbose.of(pod));
        }
        return response.build();
    }

    private void bindContainers(Methods methods) {
        methods.answers(RuntimeServiceGrpc.getCreateContainerMethod(), request -> CreateContainerResponse.newBuilder()
                        .setContainerId(containers
                                .create(request.getPodSandboxId(), request.getConfig())
                                .text())
                        .build())
                .answers(RuntimeServiceGrpc.getStartContainerMethod(), request -> {
                    containers.start(request.getContainerId());
                    return StartContainerResponse.getDefaultInstance();
                })
                .answers(RuntimeServiceGrpc.getStopContainerMethod(), request -> {
                    containers.stop(request.getContainerId(), seconds(request.getTimeout()));
                    return StopContainerResponse.getDefaultInstance();
                })
                .answers(RuntimeServiceGrpc.getRemoveContainerMethod(), request -> {
                    containers.remove(request.getContainerId());
                    return RemoveContainerResponse.getDefaultInstance();
                })
                .answers(RuntimeServiceGrpc.getContainerStatusMethod(), this::containerStatus)
                .answers(RuntimeServiceGrpc.getListContainersMethod(), request -> ListContainersResponse.newBuilder()
                        .addAllContainers(containers.list(request.getFilter()))
                        .build())
                .lists(
                        RuntimeServiceGrpc.getStreamContainersMethod(),
                        request -> parts(
                                containers.list(request.getFilter()), part -> StreamContainersResponse.newBuilder()
                                        .addAllContainers(part)
                                        .build()))
                .answers(RuntimeServiceGrpc.getUpdateContainerResourcesMethod(), request -> {
                    if (request.hasWindows()) {
                        throw new AestusException(
                                Problem.INVALID, "cannot update resources: field windows: this is Linux");
                    }
                    containers.resize(request.getContainerId(), request.getLinux());
                    return UpdateContainerResourcesResponse.getDefaultInstance();
                })
                .answers(RuntimeServiceGrpc.getReopenContainerLogMethod(), request -> {
                    containers.reopenLog(request.getContainerId());
                    return ReopenContainerLogResponse.getDefaultInstance();
                })
                .answers(RuntimeServiceGrpc.getCheckpointContainerMethod(), request -> {
                    containers.checkpoint(request);
                    return CheckpointContainerResponse.getDefaultInstance();
                });
    }

    private ContainerStatusResponse containerStatus(ContainerStatusRequest request) {
        var found = containers.require(request.getContainerId());
        var response =
                ContainerStatusResponse.newBuilder().setStatus(ContainerReports.statusOf(found.pod(), found.app()));
        if (request.getVerbose()) {
            response.putInfo("info", Verbose.of(found.app()));
        }
        return response.build();
    }

    private void bindStreams(Methods methods) {
        methods.answers(RuntimeServiceGrpc.getExecSyncMethod(), request -> {
                    var container = containers.require(request.getContainerId());
                    return execs.run(
                            container.uuid(), container.name(), request.getCmdList(), seconds(request.getTimeout()));
                })
                .answers(RuntimeServiceGrpc.getExecMethod(), request -> ExecResponse.newBuilder()
                        .setUrl(streams.exec(request).toString())
                        .build())
                .answers(RuntimeServiceGrpc.getAttachMethod(), request -> AttachResponse.newBuilder()
                        .setUrl(streams.attach(request).toString())
                        .build())
                .answers(RuntimeServiceGrpc.getPortForwardMethod(), request -> PortForwardResponse.newBuilder()
                        .setUrl(streams.portForward(request).toString())
                        .build())
                .tells(RuntimeServiceGrpc.getGetContainerEventsMethod(), (_, observer) -> events.listen(observer));
    }

    private void bindStatistics(Methods methods) {
        methods.answers(RuntimeServiceGrpc.getContainerStatsMethod(), request -> ContainerStatsResponse.newBuilder()
                        .setStats(containers.stats(request.getContainerId()))
                        .build())
                .answers(
                        RuntimeServiceGrpc.getListContainerStatsMethod(),
                        request -> ListContainerStatsResponse.newBuilder()
                                .addAllStats(containers.listStats(request.getFilter()))
                                .build())
                .lists(
                        RuntimeServiceGrpc.getStreamContainerStatsMethod(),
                        request -> parts(
                                containers.listStats(request.getFilter()),
                                part -> StreamContainerStatsResponse.newBuilder()
                                        .addAllContainerStats(part)
                                        .build()))
                .answers(RuntimeServiceGrpc.getPodSandboxStatsMethod(), request -> PodSandboxStatsResponse.newBuilder()
                        .setStats(statistics.of(request.getPodSandboxId()))
                        .build())
                .answers(
                        RuntimeServiceGrpc.getListPodSandboxStatsMethod(),
                        request -> ListPodSandboxStatsResponse.newBuilder()
                                .addAllStats(statistics.list(request.getFilter()))
                                .build())
                .lists(
                        RuntimeServiceGrpc.getStreamPodSandboxStatsMethod(),
                        request -> parts(
                                statistics.list(request.getFilter()), part -> StreamPodSandboxStatsResponse.newBuilder()
                                        .addAllPodSandboxStats(part)
                                        .build()))
                .answers(
                        RuntimeServiceGrpc.getListMetricDescriptorsMethod(),
                        _ -> ListMetricDescriptorsResponse.newBuilder()
                                .addAllDescriptors(Metrics.descriptors())
                                .build())
                .answers(
                        RuntimeServiceGrpc.getListPodSandboxMetricsMethod(),
                        _ -> ListPodSandboxMetricsResponse.newBuilder()
                                .addAllPodMetrics(metrics.all())
                                .build())
                .lists(
                        RuntimeServiceGrpc.getStreamPodSandboxMetricsMethod(),
                        _ -> parts(metrics.all(), part -> StreamPodSandboxMetricsResponse.newBuilder()
                                .addAllPodSandboxMetrics(part)
                                .build()));
    }

    private static Duration seconds(long count) {
        return Duration.ofSeconds(Math.max(0, count));
    }

    private static <T, R> List<R> parts(List<T> all, Function<List<T>, R> message) {
        List<R> messages = new ArrayList<>();
        for (int from = 0; from == 0 || from < all.size(); from += ELEMENTS) {
            messages.add(message.apply(all.subList(from, Math.min(all.size(), from + ELEMENTS))));
        }
        return messages;
    }

    /** Tells those who listen for events that there will be no more. */
    @Override
    public void close() {
        events.close();
    }
}
