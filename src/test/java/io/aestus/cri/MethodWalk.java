package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.cri.v1.ImageServiceGrpc;
import io.aestus.cri.v1.ListContainerStatsRequest;
import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListPodSandboxMetricsRequest;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.ListPodSandboxStatsRequest;
import io.aestus.cri.v1.PodSandboxMetrics;
import io.aestus.cri.v1.RemoveContainerRequest;
import io.aestus.cri.v1.RemovePodSandboxRequest;
import io.aestus.cri.v1.RuntimeServiceGrpc;
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.StopPodSandboxRequest;
import io.aestus.cri.v1.StreamContainerStatsRequest;
import io.aestus.cri.v1.StreamContainersRequest;
import io.aestus.cri.v1.StreamPodSandboxMetricsRequest;
import io.aestus.cri.v1.StreamPodSandboxStatsRequest;
import io.aestus.cri.v1.StreamPodSandboxesRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A walk through the interface that notes which methods it called, with a server that has one sandbox with one container. */
final class MethodWalk implements ClientInterceptor {
    final RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime;
    final ImageServiceGrpc.ImageServiceBlockingStub images;
    private final Set<String> called = new ConcurrentSkipListSet<>();

    MethodWalk(CriClient client) {
        this.runtime = client.runtime.withInterceptors(this);
        this.images = client.images.withInterceptors(this);
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        called.add(method.getFullMethodName());
        return next.newCall(method, options);
    }

    void assertWhole() {
        Set<String> all = Stream.of(RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())
                .map(ServiceDescriptor::getMethods)
                .flatMap(methods -> methods.stream().map(MethodDescriptor::getFullMethodName))
                .collect(Collectors.toCollection(TreeSet::new));
        all.removeAll(called);
        assertEquals(Set.of(), all, "never called");
    }

    /** By both lists. */
    void assertSandboxListed(String sandbox) {
        assertEquals(
                sandbox,
                runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItems(0)
                        .getId());
        assertEquals(
                sandbox,
                runtime.streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance())
                        .next()
                        .getPodSandboxes(0)
                        .getId());
    }

    /** By both lists. */
    void assertContainerListed(String container) {
        assertEquals(
                container,
                runtime.listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainers(0)
                        .getId());
        assertEquals(
                container,
                runtime.streamContainers(StreamContainersRequest.getDefaultInstance())
                        .next()
                        .getContainers(0)
                        .getId());
    }

    /** By all lists of statistics. @return the metrics */
    PodSandboxMetrics assertMeasured(String sandbox, String container) {
        assertEquals(
                container,
                runtime.listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                        .getStats(0)
                        .getAttributes()
                        .getId());
        assertEquals(
                container,
                runtime.streamContainerStats(StreamContainerStatsRequest.getDefaultInstance())
                        .next()
                        .getContainerStats(0)
                        .getAttributes()
                        .getId());
        assertEquals(
                sandbox,
                runtime.listPodSandboxStats(ListPodSandboxStatsRequest.getDefaultInstance())
                        .getStats(0)
                        .getAttributes()
                        .getId());
        assertEquals(
                sandbox,
                runtime.streamPodSandboxStats(StreamPodSandboxStatsRequest.getDefaultInstance())
                        .next()
                        .getPodSandboxStats(0)
                        .getAttributes()
                        .getId());
        assertEquals(
                sandbox,
                runtime.streamPodSandboxMetrics(StreamPodSandboxMetricsRequest.getDefaultInstance())
                        .next()
                        .getPodSandboxMetrics(0)
                        .getPodSandboxId());
        return runtime.listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
                .getPodMetrics(0);
    }

    void removeContainer(String container) {
        runtime.stopContainer(
                StopContainerRequest.newBuilder().setContainerId(container).build());
        runtime.removeContainer(
                RemoveContainerRequest.newBuilder().setContainerId(container).build());
    }

    void stopSandbox(String sandbox) {
        runtime.stopPodSandbox(
                StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
    }

    void removeSandbox(String sandbox) {
        runtime.removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
    }
}
