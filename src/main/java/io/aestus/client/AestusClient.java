package io.aestus.client;

import com.google.protobuf.Message;
import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.cri.v1.ContainerFilter;
import io.aestus.cri.v1.ContainerStatusRequest;
import io.aestus.cri.v1.ExecSyncRequest;
import io.aestus.cri.v1.ImageServiceGrpc;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.PullImageRequest;
import io.aestus.cri.v1.RuntimeServiceGrpc;
import io.aestus.cri.v1.StatusRequest;
import io.aestus.cri.v1.VersionRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Talks to the agent of this node.
 *
 * {@snippet :
 * try (var node = AestusClient.connect(Path.of("/run/aestus/cri.sock"))) {
 *     for (Container container : node.containers()) {
 *         System.out.println(container.name() + " " + container.state());
 *     }
 * }
 * }
 *
 * <p>Every call waits for its answer, for at most {@link #within(Duration)}, and throws {@link AestusException}: the agent's own words
 * where it refuses, {@link Problem#UNAVAILABLE} where nobody answers. Thread-safe.
 */
public final class AestusClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    /** As the agent's own limit: a long list or much output comes in one message. */
    private static final int LARGEST_MESSAGE = 16 << 20;

    private final Connection connection;
    private final Duration patience;

    private record Connection(Path socket, EventLoopGroup loops, ManagedChannel channel) {}

    private AestusClient(Connection connection, Duration patience) {
        this.connection = connection;
        this.patience = patience;
    }

    /**
     * A client of the agent that listens there. The connection is made by the first call, and again after the agent was restarted.
     *
     * @throws AestusException {@link Problem#NOT_FOUND} if there is no such socket
     */
    public static AestusClient connect(Path socket) {
        if (!Files.exists(socket)) {
            throw new AestusException(Problem.NOT_FOUND, "cannot connect to " + socket + ": there is no such socket")
                    .withRemedy("start it with aestus agent; the setting aestus.cri.socket says where it listens");
        }
        var loops = new NioEventLoopGroup(1);
        ManagedChannel channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
                .eventLoopGroup(loops)
                .overrideAuthority("localhost")
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .usePlaintext()
                .build();
        return new AestusClient(new Connection(socket, loops, channel), PATIENCE);
    }

    /** The same client, over the same connection, whose calls wait that long instead of 30 seconds. Closing either closes both. */
    public AestusClient within(Duration limit) {
        return new AestusClient(connection, limit);
    }

    /** Who answers. */
    public RuntimeVersion version() {
        return Translation.version(call("ask for the version", () -> runtime()
                .version(VersionRequest.newBuilder().setVersion("v1").build())));
    }

    /** Whether it can run anything. */
    public NodeStatus status() {
        return Translation.status(call("ask for the status", () -> runtime().status(StatusRequest.getDefaultInstance()))
                .getStatus());
    }

    /** Every sandbox, running or not. */
    public List<Sandbox> sandboxes() {
        return call("list sandboxes", () -> runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()))
                .getItemsList()
                .stream()
                .map(Translation::sandbox)
                .toList();
    }

    /** Every container of every sandbox, running or not. */
    public List<Container> containers() {
        return containers(ContainerFilter.getDefaultInstance());
    }

    /** Those of one sandbox. */
    public List<Container> containers(Sandbox sandbox) {
        return containers(
                ContainerFilter.newBuilder().setPodSandboxId(sandbox.id()).build());
    }

    private List<Container> containers(ContainerFilter filter) {
        return call("list containers", () -> runtime()
                        .listContainers(ListContainersRequest.newBuilder()
                                .setFilter(filter)
                                .build()))
                .getContainersList()
                .stream()
                .map(Translation::container)
                .toList();
    }

    /**
     * When one container started and ended, and how.
     *
     * @param container its ID, or a beginning of it that no other has
     */
    public ContainerReport container(String container) {
        return Translation.report(call("look at container " + container, () -> runtime()
                        .containerStatus(ContainerStatusRequest.newBuilder()
                                .setContainerId(container)
                                .build()))
                .getStatus());
    }

    /** Every image in the node's store. */
    public List<Image> images() {
        return call("list images", () -> imageCalls().listImages(ListImagesRequest.getDefaultInstance()))
                .getImagesList()
                .stream()
                .map(Translation::image)
                .toList();
    }

    /**
     * Fetches an image, unless it is there.
     *
     * @param name as in a pod: {@code example.com/web:1.2}
     * @return the image's ID
     * @throws AestusException {@link Problem#UNTRUSTED} where no trusted key signed it
     */
    public String pull(String name) {
        return call("pull " + name, () -> imageCalls()
                        .pullImage(PullImageRequest.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage(name))
                                .build()))
                .getImageRef();
    }

    /**
     * Runs a command in a running container, and waits for its end. It is killed when it takes longer than this client waits.
     *
     * @param command a path in the container, and its arguments
     */
    public ExecResult exec(Container container, String... command) {
        return exec(container.id(), List.of(command));
    }

    /** The same, by the container's ID. */
    public ExecResult exec(String container, List<String> command) {
        ExecSyncRequest request = ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(command)
                .setTimeout(Math.max(1, patience.toSeconds()))
                .build();
        return Translation.result(
                call("run a command in " + container, () -> runtime().execSync(request)));
    }

    private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime() {
        return RuntimeServiceGrpc.newBlockingStub(connection.channel())
                .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private ImageServiceGrpc.ImageServiceBlockingStub imageCalls() {
        return ImageServiceGrpc.newBlockingStub(connection.channel())
                .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private <T extends Message> T call(String what, Supplier<T> request) {
        try {
            return request.get();
        } catch (StatusRuntimeException e) {
            throw Refusals.of("cannot " + what, e);
        }
    }

    /** Ends calls that are under way, and the connection. */
    @Override
    public void close() {
        connection.channel().shutdownNow();
        connection
                .loops()
                .shutdownGracefully(0, FAREWELL.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(FAREWELL.toMillis());
    }
}
