package io.aestus.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.aestus.oci.Digest;
import io.aestus.oci.OciBuild;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/** A registry on loopback as the distribution specification has it, with tokens, and with lies where a test wants them. */
public final class TestRegistry implements AutoCloseable {
    static final String USER = "me";
    static final String PASSWORD = "s3cret";
    static final String TOKEN = "token-of-me";

    /** Whom it lets in. */
    enum Access {
        ANYBODY,
        BASIC,
        TOKEN,
        /** A token for an identity token alone. */
        IDENTITY
    }

    final TestServer server;
    private final Access access;

    private TestRegistry(TestServer server, Access access) {
        this.server = server;
        this.access = access;
        server.on("/token", this::token);
    }

    static TestRegistry open(Access access) throws IOException {
        return new TestRegistry(TestServer.http(), access);
    }

    public static TestRegistry open() throws IOException {
        return open(Access.ANYBODY);
    }

    /** At a server of the test's. */
    static TestRegistry at(TestServer server) {
        return new TestRegistry(server, Access.ANYBODY);
    }

    /** With its port. */
    public String name() {
        return "localhost:" + server.port();
    }

    /** Serves an image under a tag. */
    public TestRegistry push(String repository, String tag, OciBuild image) {
        image.contents().forEach((digest, bytes) -> blob(repository, digest, bytes));
        byte[] manifest = image.manifest().toBytes();
        manifest(repository, tag, manifest);
        return this;
    }

    TestRegistry manifest(String repository, String tag, byte[] manifest) {
        Digest digest = Digest.sha256(manifest);
        HttpHandler handler = guarded(exchange -> {
            exchange.getResponseHeaders().set("Docker-Content-Digest", digest.toString());
            TestServer.send(exchange, 200, manifest);
        });
        server.on("/v2/" + repository + "/manifests/" + tag, handler);
        server.on("/v2/" + repository + "/manifests/" + digest, handler);
        return this;
    }

    TestRegistry blob(String repository, Digest digest, byte[] bytes) {
        return blob(repository, digest, _ -> new TestContent(bytes, "\"" + digest + "\""));
    }

    TestRegistry blob(String repository, Digest digest, Function<Digest, HttpHandler> handler) {
        server.on("/v2/" + repository + "/blobs/" + digest, guarded(handler.apply(digest)));
        return this;
    }

    List<TestServer.Request> asked(String part) {
        return server.requests().stream()
                .filter(request -> request.uri().getPath().contains(part))
                .toList();
    }

    HttpHandler guarded(HttpHandler handler) {
        return exchange -> {
            String shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            String wanted =
                    switch (access) {
                        case ANYBODY -> shown;
                        case BASIC -> basic();
                        case TOKEN, IDENTITY -> "Bearer " + TOKEN;
                    };
            if (shown.equals(wanted)) {
                handler.handle(exchange);
                return;
            }
            exchange.getResponseHeaders()
                    .add(
                            "WWW-Authenticate",
                            access == Access.BASIC
                                    ? "Basic realm=\"registry\""
                                    : "Bearer realm=\"" + server.url("/token")
                                            + "\",service=\"test, registry\",scope=\"repository:web:pull\"");
            TestServer.send(exchange, 401, "{}".getBytes(UTF_8));
        };
    }

    private static String basic() {
        return "Basic " + Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(UTF_8));
    }

    private void token(HttpExchange exchange) throws IOException {
        String query = java.net.URLDecoder.decode(
                String.valueOf(exchange.getRequestURI().getRawQuery()), UTF_8);
        String form = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        boolean isAllowed = access == Access.IDENTITY
                ? exchange.getRequestMethod().equals("POST")
                        && form.contains("grant_type=refresh_token")
                        && form.contains("refresh_token=identity+of+me")
                : query.contains("service=test, registry")
                        && query.contains("scope=repository:web:pull")
                        && basic().equals(exchange.getRequestHeaders().getFirst("Authorization"));
        TestServer.send(
                exchange, isAllowed ? 200 : 401, ("{\"token\":\"" + TOKEN + "\",\"expires_in\":60}").getBytes(UTF_8));
    }

    @Override
    public void close() {
        server.close();
    }
}
