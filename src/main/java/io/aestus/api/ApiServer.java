package io.aestus.api;

import io.aestus.executor.Executor;
import io.aestus.rpc.Outflows;
import io.aestus.rpc.RpcServer;
import io.aestus.rpc.SocketTransport;
import io.aestus.store.ImageStore;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.time.InstantSource;
import java.util.List;

/** Serves the native API on a unix socket, and what it consists of (gRPC reflection). Started once, by one thread. */
public final class ApiServer implements AutoCloseable {
    private final Outflows streams = new Outflows();
    private final RpcServer server;

    /** Everything is lent. */
    public ApiServer(ApiSettings settings, Executor executor, ImageStore images) {
        this.server = new RpcServer(
                settings.socket(),
                settings.group(),
                SocketTransport.best(),
                List.of(
                        new PublicApi(settings, executor, images, streams, InstantSource.system()),
                        ProtoReflectionServiceV1.newInstance()));
    }

    /**
     * Listens from here on.
     *
     * @throws io.aestus.AestusException {@link io.aestus.Problem#CONFLICT} if another agent answers there
     */
    public void start() {
        server.start(() -> {});
    }

    /** Stops listening, and ends the streams. */
    @Override
    public void close() throws InterruptedException {
        server.stop(streams::close);
    }
}
