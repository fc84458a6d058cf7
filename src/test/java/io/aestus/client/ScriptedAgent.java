package io.aestus.client;

import com.google.protobuf.ByteString;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatus;
import io.aestus.cri.v1.ContainerStatusRequest;
import io.aestus.cri.v1.ContainerStatusResponse;
import io.aestus.cri.v1.ExecSyncRequest;
import io.aestus.cri.v1.ExecSyncResponse;
import io.aestus.cri.v1.ImageServiceGrpc;
import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListContainersResponse;
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.ListImagesResponse;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.ListPodSandboxResponse;
import io.aestus.cri.v1.PodSandbox;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PodSandboxState;
import io.aestus.cri.v1.PullImageRequest;
import io.aestus.cri.v1.PullImageResponse;
import io.aestus.cri.v1.RuntimeCondition;
import io.aestus.cri.v1.RuntimeServiceGrpc;
import io.aestus.cri.v1.RuntimeStatus;
import io.aestus.cri.v1.StatusRequest;
import io.aestus.cri.v1.StatusResponse;
import io.aestus.cri.v1.VersionRequest;
import io.aestus.cri.v1.VersionResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An agent with one sandbox, one container in it that ended, and one image; a pull of {@code …/never} gets no answer. */
final class ScriptedAgent implements AutoCloseable {
    private static final long CREATED = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond() * 1_000_000_000L + 123;

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final AtomicInteger calls = new AtomicInteger();
    private final Server server;
    private volatile @Nullable Deadline pullEnds;

    ScriptedAgent(Path socket) throws IOException {
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .intercept(new Counter())
                .addService(new RuntimeCalls())
                .addService(new ImageCalls())
                .build()
                .start();
    }

    /** How long the last pull would be waited for, in seconds from now. */
    long pullPatience() {
        return Objects.requireNonNull(pullEnds).timeRemaining(TimeUnit.SECONDS);
    }

    /** How many there were. */
    int calls() {
        return calls.get();
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
    }

    private static <T> void answer(StreamObserver<T> observer, T reply) {
        observer.onNext(reply);
        observer.onCompleted();
    }

    private final class Counter implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            calls.incrementAndGet();
            return next.startCall(call, headers);
        }
    }

    private static final class RuntimeCalls extends RuntimeServiceGrpc.RuntimeServiceImplBase {
        @Override
        public void version(VersionRequest request, StreamObserver<VersionResponse> observer) {
            answer(
                    observer,
                    VersionResponse.newBuilder()
                            .setRuntimeName("aestus")
                            .setRuntimeVersion("0.1.0")
                            .setRuntimeApiVersion("v1")
                            .build());
        }

        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
            var status = RuntimeStatus.newBuilder()
                    .addConditions(RuntimeCondition.newBuilder()
                            .setType("RuntimeReady")
                            .setStatus(true))
                    .addConditions(RuntimeCondition.newBuilder()
                            .setType("NetworkReady")
                            .setReason("NetworkPluginNotReady")
                            .setMessage("none yet"));
            answer(observer, StatusResponse.newBuilder().setStatus(status).build());
        }

        @Override
        public void listPodSandbox(ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> observer) {
            var sandbox = PodSandbox.newBuilder()
                    .setId("s1")
                    .setMetadata(PodSandboxMetadata.newBuilder()
                            .setNamespace("default")
                            .setName("web")
                            .setUid("u1"))
                    .setState(PodSandboxState.SANDBOX_READY)
                    .setCreatedAt(CREATED)
                    .putLabels("tier", "front");
            answer(
                    observer,
                    ListPodSandboxResponse.newBuilder().addItems(sandbox).build());
        }

        @Override
        public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> observer) {
            String sandbox = request.getFilter().getPodSandboxId();
            var found = ListContainersResponse.newBuilder();
            if (sandbox.isEmpty() || sandbox.equals("s1")) {
                found.addContainers(io.aestus.cri.v1.Container.newBuilder()
                        .setId("c1")
                        .setPodSandboxId("s1")
                        .setMetadata(ContainerMetadata.newBuilder().setName("app"))
                        .setImageId("sha512-abc")
                        .setState(ContainerState.CONTAINER_EXITED)
                        .setCreatedAt(CREATED));
            }
            answer(observer, found.build());
        }

        @Override
        public void containerStatus(ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> observer) {
            var status = ContainerStatus.newBuilder()
                    .setId(request.getContainerId())
                    .setMetadata(ContainerMetadata.newBuilder().setName("app"))
                    .setState(ContainerState.CONTAINER_EXITED)
                    .setCreatedAt(CREATED)
                    .setStartedAt(CREATED)
                    .setFinishedAt(CREATED)
                    .setExitCode(137)
                    .setReason("OOMKilled");
            answer(
                    observer,
                    ContainerStatusResponse.newBuilder().setStatus(status).build());
        }

        @Override
        public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> observer) {
            answer(
                    observer,
                    ExecSyncResponse.newBuilder()
                            .setExitCode(3)
                            .setStdout(ByteString.copyFromUtf8("grüß " + String.join(" ", request.getCmdList()) + "\n"))
                            .setStderr(ByteString.copyFromUtf8("oops\n"))
                            .build());
        }
    }

    private final class ImageCalls extends ImageServiceGrpc.ImageServiceImplBase {
        @Override
        public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
            var image = io.aestus.cri.v1.Image.newBuilder()
                    .setId("sha512-abc")
                    .addRepoTags("example.com/web:1.2")
                    .setSize(4096);
            answer(observer, ListImagesResponse.newBuilder().addImages(image).build());
        }

        @Override
        public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> observer) {
            pullEnds = Context.current().getDeadline();
            if (!request.getImage().getImage().endsWith("/never")) {
                answer(
                        observer,
                        PullImageResponse.newBuilder().setImageRef("sha512-abc").build());
            }
        }
    }
}
