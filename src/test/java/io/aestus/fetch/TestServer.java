package io.aestus.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** A web server on loopback, on a port of the kernel's choice, which remembers what it was asked. */
public final class TestServer implements AutoCloseable {
    private final HttpServer server;
    private final String scheme;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, HttpHandler> handlers = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    /** What was asked, by header names in small letters. */
    record Request(String method, URI uri, Map<String, String> headers) {
        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), "");
        }
    }

    private TestServer(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    public static TestServer https(SSLContext tls) throws IOException {
        var server = HttpsServer.create(loopback(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return new TestServer(server, "https");
    }

    /** The same, for clients with a certificate only. */
    static TestServer httpsForClients(SSLContext tls) throws IOException {
        var server = HttpsServer.create(loopback(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters asking = getSSLContext().getDefaultSSLParameters();
                asking.setNeedClientAuth(true);
                parameters.setSSLParameters(asking);
            }
        });
        return new TestServer(server, "https");
    }

    static TestServer http() throws IOException {
        return new TestServer(HttpServer.create(loopback(), 0), "http");
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** As its certificate knows it: by the name localhost. */
    public URI url(String path) {
        return URI.create(scheme + "://localhost:" + port() + path);
    }

    /** Answers {@code path}, without its query, at any host. */
    public TestServer on(String path, HttpHandler handler) {
        handlers.put(path, handler);
        return this;
    }

    /** Answers with a fixed body. */
    TestServer serves(String path, byte[] body) {
        return on(path, exchange -> send(exchange, 200, body));
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    List<Request> requestsFor(String path) {
        return requests.stream().filter(at(path)).toList();
    }

    private static Predicate<Request> at(String path) {
        return request -> request.uri().getPath().equals(path);
    }

    static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    /** Sends a file in large pieces. */
    public static void sendFile(HttpExchange exchange, Path file) throws IOException {
        exchange.sendResponseHeaders(200, Files.size(file));
        byte[] buffer = new byte[256 << 10];
        try (var in = Files.newInputStream(file);
                OutputStream out = exchange.getResponseBody()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
        }
    }

    static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().set("Location", to);
        send(exchange, 302, new byte[0]);
    }

    private void serve(HttpExchange exchange) throws IOException {
        var headers = new java.util.HashMap<String, String>();
        exchange.getRequestHeaders()
                .forEach((name, values) ->
                        headers.put(name.toLowerCase(java.util.Locale.ROOT), String.join(", ", values)));
        requests.add(new Request(exchange.getRequestMethod(), exchange.getRequestURI(), headers));
        try (exchange) {
            String host = headers.getOrDefault("host", "").replaceFirst(":.*", "");
            String path = exchange.getRequestURI().getPath();
            HttpHandler handler = handlers.getOrDefault(host + path, handlers.get(path));
            if (handler == null) {
                send(exchange, 404, new byte[0]);
            } else {
                handler.handle(exchange);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
