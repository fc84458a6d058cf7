package io.aestus.rpc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Serves gRPC on a unix socket, each call on a virtual thread of its own. Started once, by one thread. */
public final class RpcServer {
    private static final int LARGEST_MESSAGE = 16 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Path place;
    private final Optional<String> group;
    private final SocketTransport transport;
    private final List<? extends BindableService> services;
    private final ExecutorService calls = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("rpc-", 0).factory());
    private @Nullable Running running;

    private record Running(UnixSocket socket, EventLoopGroup loops, Server server) {}

    /**
     * Serves these services.
     *
     * @param place the socket; its directory is made if it is not there
     * @param group a group that may connect besides root
     */
    public RpcServer(
            Path place, Optional<String> group, SocketTransport transport, List<? extends BindableService> services) {
        this.place = place;
        this.group = group;
        this.transport = transport;
        this.services = List.copyOf(services);
    }

    /**
     * Listens from here on.
     *
     * @param first what must be there before the first call, and need not if the place is another one's
     * @throws AestusException {@link Problem#CONFLICT} if another agent answers there
     */
    public void start(Runnable first) {
        if (running != null) {
            throw new IllegalStateException("started before");
        }
        try {
            running = listen(UnixSocket.claim(place, group), first);
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot listen on " + place + ": " + e.getMessage(), e);
        }
    }

    private Running listen(UnixSocket socket, Runnable first) throws IOException {
        EventLoopGroup loops = transport.newLoops();
        try {
            first.run();
            NettyServerBuilder builder = NettyServerBuilder.forAddress(transport.address(socket.bindAt()))
                    .channelType(transport.channel())
                    .bossEventLoopGroup(loops)
                    .workerEventLoopGroup(loops)
                    .executor(calls)
                    .maxInboundMessageSize(LARGEST_MESSAGE);
            services.forEach(builder::addService);
            Server server = builder.build().start();
            socket.publish();
            return new Running(socket, loops, server);
        } catch (IOException | RuntimeException e) {
            loops.shutdownGracefully().addListener(_ -> socket.remove());
            throw e;
        }
    }

    /**
     * Stops listening, and lets calls end for some seconds; then they are cut off.
     *
     * @param endStreams ends the calls that would go on for ever
     */
    public void stop(Runnable endStreams) throws InterruptedException {
        Running what = running;
        running = null;
        if (what == null) {
            return;
        }
        what.server().shutdown();
        endStreams.run();
        if (!what.server().awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            what.server().shutdownNow().awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }
        what.loops()
                .shutdownGracefully(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .await(PATIENCE.toMillis());
        calls.shutdownNow();
        what.socket().remove();
    }
}
