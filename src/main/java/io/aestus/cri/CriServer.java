package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.cri.streaming.StreamingServer;
import io.aestus.executor.Executor;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Serves the Container Runtime Interface on a unix socket. Pods live on when it stops. Started once, by one thread. */
public final class CriServer implements AutoCloseable {
    private static final int LARGEST_MESSAGE = 16 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final CriSettings settings;
    private final SocketTransport transport;
    private final StreamingServer streaming;
    private final RuntimeService runtime;
    private final List<BindableService> services;
    private final ExecutorService calls = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("cri-", 0).factory());
    private @Nullable Running running;

    private record Running(CriSocket socket, EventLoopGroup loops, Server server) {}

    /** Everything is lent. */
    public CriServer(CriSettings settings, Executor executor, NodeImages images) {
        this(settings, Pods.of(executor), images);
    }

    CriServer(CriSettings settings, Pods pods, NodeImages images) {
        this(settings, pods, images, SocketTransport.best());
    }

    CriServer(CriSettings settings, Pods pods, NodeImages images, SocketTransport transport) {
        this.settings = settings;
        this.transport = transport;
        this.streaming = new StreamingServer(settings.streaming(), InstantSource.system());
        this.runtime = new RuntimeService(settings, pods, images, streaming);
        this.services = List.of(runtime, new ImageService(images, InstantSource.system()));
    }

    /**
     * Listens from here on.
     *
     * @throws AestusException {@link Problem#CONFLICT} if another agent answers there
     */
    public void start() {
        if (running != null) {
            throw new IllegalStateException("started before");
        }
        try {
            running = listen(CriSocket.claim(settings.socket(), settings.group()));
        } catch (IOException e) {
            throw new AestusException(
                    Problem.UNAVAILABLE, "cannot listen on " + settings.socket() + ": " + e.getMessage(), e);
        }
    }

    private Running listen(CriSocket socket) throws IOException {
        EventLoopGroup loops = transport.newLoops();
        try {
            streaming.start();
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
            streaming.close();
            loops.shutdownGracefully().addListener(_ -> socket.remove());
            throw e;
        }
    }

    /** Stops listening, and lets calls end for some seconds; then they are cut off. */
    public void stop() throws InterruptedException {
        Running what = running;
        running = null;
        if (what == null) {
            return;
        }
        what.server().shutdown();
        runtime.close();
        streaming.close();
        if (!what.server().awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            what.server().shutdownNow().awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }
        what.loops()
                .shutdownGracefully(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .await(PATIENCE.toMillis());
        calls.shutdownNow();
        what.socket().remove();
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
