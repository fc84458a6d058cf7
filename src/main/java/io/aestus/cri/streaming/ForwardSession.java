package io.aestus.cri.streaming;

import io.aestus.AestusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Joins one forwarded connection to a port of a pod. Each side may end its half before the other. */
final class ForwardSession implements Runnable {
    private static final System.Logger LOG = System.getLogger(ForwardSession.class.getName());

    private final Dialer dialer;
    private final ForwardStreams client;

    ForwardSession(Dialer dialer, ForwardStreams client) {
        this.dialer = dialer;
        this.client = client;
    }

    @Override
    public void run() {
        try (SocketChannel pod = dialer.dial(client.port())) {
            var closing = client.broken()
                    .thenRun(() -> Thread.ofVirtual().name("cri-forward-gone").start(() -> close(pod)));
            Thread sender = Thread.ofVirtual().name("cri-forward-in").start(() -> send(pod));
            receive(pod);
            sender.join();
            closing.cancel(false);
            client.error().close();
        } catch (AestusException e) {
            fail(e.message());
        } catch (IOException e) {
            fail("cannot connect to port " + client.port() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail("the agent is stopping");
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "internal error in a forwarded connection", e);
            fail("internal error: " + e);
        }
    }

    private void send(SocketChannel pod) {
        try (InputStream in = client.in()) {
            in.transferTo(Channels.newOutputStream(pod));
            pod.shutdownOutput();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a forwarded connection broke on its way in", e);
            close(pod);
        }
    }

    private void receive(SocketChannel pod) {
        try {
            copy(Channels.newInputStream(pod), client.out());
            client.out().close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a forwarded connection broke on its way out", e);
            client.reset().run();
            close(pod);
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[Flow.CHUNK_BYTES];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            to.write(buffer, 0, count);
        }
    }

    /** The connection that carries this one goes on: others may be in it. */
    private void fail(String reason) {
        try (OutputStream error = client.error()) {
            error.write(reason.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client did not wait for an error", e);
        }
        client.reset().run();
    }

    private static void close(SocketChannel pod) {
        try {
            pod.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot close a connection", e);
        }
    }
}
