package io.aestus.executor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A server of this process that says one word to everybody; and what others' servers say. */
final class HostServer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(10).toMillis();

    private final ServerSocket socket;

    HostServer(String word) throws IOException {
        socket = new ServerSocket(0);
        Thread.ofPlatform().daemon().start(() -> serve(word));
    }

    int port() {
        return socket.getLocalPort();
    }

    private void serve(String word) {
        while (!socket.isClosed()) {
            try (Socket caller = socket.accept()) {
                caller.getOutputStream().write((word + "\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    /** What a server says, which may not be there yet. */
    static String hear(String address, int port) throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        @Nullable IOException last = null;
        while (System.nanoTime() < deadline) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), PATIENCE_MILLIS);
                socket.setSoTimeout(PATIENCE_MILLIS);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            } catch (IOException e) {
                last = e;
            }
        }
        throw new AssertionError("nobody answers at " + address + " " + port, last);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
