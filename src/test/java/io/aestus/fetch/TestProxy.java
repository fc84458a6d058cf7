package io.aestus.fetch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A CONNECT proxy that sends every host to one port of loopback, so that a test server can be any host of the world. */
public final class TestProxy implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final List<List<String>> heads = new CopyOnWriteArrayList<>();
    private final int target;
    private final String demanded;

    public TestProxy(int target) throws IOException {
        this(target, "");
    }

    /** @param demanded a header line without which nobody gets through, if not empty */
    TestProxy(int target, String demanded) throws IOException {
        this.target = target;
        this.demanded = demanded;
        Thread.ofVirtual().start(this::accept);
    }

    public String url() {
        return "http://localhost:" + listener.getLocalPort();
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The lines of each request so far. */
    List<List<String>> heads() {
        return List.copyOf(heads);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException _) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            open.add(server);
            List<String> head = readHead(client);
            heads.add(head);
            if (!demanded.isEmpty() && head.stream().noneMatch(demanded::equalsIgnoreCase)) {
                String refusal = String.join(
                        "\r\n",
                        "HTTP/1.1 407 No",
                        "Proxy-Authenticate: Basic realm=\"p\"",
                        "Content-Length: 0",
                        "Connection: close",
                        "",
                        "");
                client.getOutputStream().write(refusal.getBytes(StandardCharsets.US_ASCII));
                return;
            }
            client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Thread back = Thread.ofVirtual().start(() -> copy(server, client));
            copy(client, server);
            back.join();
        } catch (IOException | InterruptedException _) {
            return; // either end went away
        }
    }

    private static List<String> readHead(Socket client) throws IOException {
        var lines = new java.util.ArrayList<String>();
        var line = new StringBuilder();
        int c;
        while ((c = client.getInputStream().read()) >= 0) { // byte by byte: what follows is not ours to read
            if (c == '\n') {
                if (line.isEmpty()) {
                    break;
                }
                lines.add(line.toString());
                line.setLength(0);
            } else if (c != '\r') {
                line.append((char) c);
            }
        }
        return lines;
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException _) {
            return; // either end went away
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
