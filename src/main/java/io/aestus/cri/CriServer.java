package io.aestus.cri;

import io.aestus.cri.streaming.StreamingServer;
import io.aestus.executor.Executor;
import io.aestus.rpc.RpcServer;
import io.aestus.rpc.SocketTransport;
import java.time.InstantSource;
import java.util.List;

/** Serves the Container Runtime Interface on a unix socket. Pods live on when it stops. Started once, by one thread. */
public final class CriServer implements AutoCloseable {
    private final StreamingServer streaming;
    private final RuntimeService runtime;
    private final FileSystems fileSystems;
    private final RpcServer server;

    /** Everything is lent. */
    public CriServer(CriSettings settings, Executor executor, NodeImages images) {
        this(settings, Pods.of(executor), images);
    }

    CriServer(CriSettings settings, Pods pods, NodeImages images) {
        this(settings, pods, images, SocketTransport.best());
    }

    CriServer(CriSettings settings, Pods pods, NodeImages images, SocketTransport transport) {
        this.streaming = new StreamingServer(settings.streaming(), InstantSource.system());
        this.fileSystems = new FileSystems(images, pods, InstantSource.system());
        this.runtime = new RuntimeService(settings, pods, images, streaming, fileSystems);
        this.server = new RpcServer(
                settings.socket(),
                settings.group(),
                transport,
                List.of(runtime, new ImageService(images, fileSystems)));
    }

    /**
     * Listens from here on.
     *
     * @throws io.aestus.AestusException {@link io.aestus.Problem#CONFLICT} if another agent answers there
     */
    public void start() {
        try {
            server.start(streaming::start);
        } catch (RuntimeException e) {
            streaming.close();
            fileSystems.close();
            throw e;
        }
    }

    /** Stops listening, and lets calls end for some seconds; then they are cut off. */
    public void stop() throws InterruptedException {
        server.stop(() -> {
            runtime.close();
            streaming.close();
            fileSystems.close();
        });
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
