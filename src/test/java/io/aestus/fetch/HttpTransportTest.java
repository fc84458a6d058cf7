package io.aestus.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpTransportTest {
    private static final TestAuthority AUTHORITY = new TestAuthority();

    @TempDir
    Path dir;

    private TestServer server;
    private FetchConfig config;

    @BeforeEach
    void startServer() throws IOException {
        server = TestServer.https(AUTHORITY.serverFor("localhost", "dl.example.com"));
        config = Fast.trusting(AUTHORITY.writeTo(dir.resolve("ca.pem")));
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private String body(URI url) throws IOException {
        return body(config, Fast.POLICY, url);
    }

    private static String body(FetchConfig config, FetchPolicy policy, URI url) throws IOException {
        try (var answer = Fast.transport(config, policy).get(url, Map.of(), policy.allows(Insecure.HTTP))) {
            return answer.status() + " "
                    + (answer.status() == 200 ? new String(answer.body().readAllBytes(), UTF_8) : "");
        }
    }

    @Test
    void a_certificate_of_the_given_authority_is_trusted() throws IOException {
        server.serves("/a", "hello".getBytes(UTF_8));
        assertEquals("200 hello", body(server.url("/a")));
    }

    @Test
    void a_certificate_of_another_authority_is_refused_at_once() throws IOException {
        var stranger = Fast.trusting(new TestAuthority().writeTo(dir.resolve("other.pem")));
        var failure = assertThrows(IOException.class, () -> body(stranger, Fast.POLICY, server.url("/a")));
        assertTrue(FetchFailures.isDistrust(failure), failure.toString());
        assertTrue(HttpTransport.isFinal(failure), "another attempt cannot help");
        assertEquals(List.of(), server.requests());
    }

    @Test
    void a_certificate_for_another_host_is_refused() throws IOException {
        try (var other = TestServer.https(AUTHORITY.serverFor("other.example.com"))) {
            var failure = assertThrows(IOException.class, () -> body(config, Fast.POLICY, other.url("/a")));
            assertTrue(FetchFailures.isDistrust(failure), failure.toString());
            assertTrue(FetchFailures.reason(failure).contains("localhost"), FetchFailures.reason(failure));
        }
    }

    @Test
    void insecure_tls_takes_any_certificate_for_any_host() throws IOException {
        try (var other = TestServer.https(new TestAuthority().serverFor("other.example.com"))) {
            other.serves("/a", "hello".getBytes(UTF_8));
            assertEquals("200 hello", body(config, Fast.POLICY.allowing(Insecure.TLS), other.url("/a")));
        }
    }

    @Test
    void plain_http_is_refused_unless_asked_for() throws IOException {
        try (var plain = TestServer.http()) {
            plain.serves("/a", "hello".getBytes(UTF_8));
            var failure = assertThrows(IOException.class, () -> body(config, Fast.POLICY, plain.url("/a")));
            assertTrue(failure.getMessage().endsWith("is not https"), failure.getMessage());
            assertEquals(List.of(), plain.requests());
            assertEquals("200 hello", body(config, Fast.POLICY.allowing(Insecure.HTTP), plain.url("/a")));
        }
    }

    @Test
    void a_redirect_from_https_to_http_is_refused() throws IOException {
        try (var plain = TestServer.http()) {
            plain.serves("/a", "hello".getBytes(UTF_8));
            server.on(
                    "/a",
                    exchange -> TestServer.redirect(exchange, plain.url("/a").toString()));
            assertThrows(HttpTransport.RefusedException.class, () -> body(server.url("/a")));
            assertEquals(List.of(), plain.requests());
        }
    }

    @Test
    void ten_redirects_are_followed_and_eleven_are_not() throws IOException {
        for (int i = 0; i < 11; i++) {
            String next = "/r" + (i + 1);
            server.on("/r" + i, exchange -> TestServer.redirect(exchange, next));
        }
        server.serves("/r11", "end".getBytes(UTF_8));
        assertEquals("200 end", body(server.url("/r1")));
        var failure = assertThrows(IOException.class, () -> body(server.url("/r0")));
        assertEquals("more than 10 redirects", failure.getMessage());
    }

    @Test
    void a_redirect_loop_ends() {
        server.on("/a", exchange -> TestServer.redirect(exchange, "/a"));
        assertThrows(HttpTransport.RefusedException.class, () -> body(server.url("/a")));
        assertEquals(11, server.requests().size());
    }

    @Test
    void redirects_to_nowhere_are_refused() {
        for (String target : List.of("", "file:///etc/passwd", "https://user:secret@localhost/", "https:///a", "::")) {
            server.on("/a", exchange -> TestServer.redirect(exchange, target));
            assertThrows(IOException.class, () -> body(server.url("/a")), target);
        }
    }

    @Test
    void credentials_go_to_their_host_and_not_behind_a_redirect() throws IOException {
        try (var other = TestServer.https(AUTHORITY.serverFor("localhost"))) {
            other.serves("/b", "there".getBytes(UTF_8));
            server.on(
                    "/a",
                    exchange -> TestServer.redirect(exchange, other.url("/b").toString()));
            var withSecret = new FetchConfig(config.caFile(), credentials("localhost"), Proxies.NONE, "test");
            assertEquals("200 there", body(withSecret, Fast.POLICY, server.url("/a")));
            assertEquals("Basic dXNlcjpzZWNyZXQ=", server.requests().getFirst().header("Authorization"));
            assertEquals("", other.requests().getFirst().header("Authorization"));
        }
    }

    @Test
    void credentials_are_never_sent_in_the_clear() throws IOException {
        try (var plain = TestServer.http()) {
            plain.serves("/a", "hello".getBytes(UTF_8));
            var withSecret = new FetchConfig(config.caFile(), credentials("localhost"), Proxies.NONE, "test");
            assertEquals("200 hello", body(withSecret, Fast.POLICY.allowing(Insecure.HTTP), plain.url("/a")));
            assertEquals("", plain.requests().getFirst().header("Authorization"));
        }
    }

    private Credentials credentials(String domain) throws IOException {
        Path auth = Files.createDirectories(dir.resolve("config/auth.d"));
        Files.writeString(auth.resolve("a.json"), """
                {"rktKind": "auth", "rktVersion": "v1", "domains": ["%s"], "type": "basic",
                 "credentials": {"user": "user", "password": "secret"}}
                """.formatted(domain));
        return Credentials.read(List.of(dir.resolve("config")), Map.of());
    }

    @Test
    void a_busy_server_is_asked_again_and_a_final_answer_is_not() throws IOException {
        var busy = new AtomicInteger(2);
        server.on(
                "/busy",
                exchange -> TestServer.send(exchange, busy.getAndDecrement() > 0 ? 503 : 200, "up".getBytes(UTF_8)));
        assertEquals("200 up", body(server.url("/busy")));
        assertEquals(3, server.requestsFor("/busy").size());

        assertEquals("404 ", body(server.url("/missing")));
        assertEquals(1, server.requestsFor("/missing").size());

        server.on("/down", exchange -> TestServer.send(exchange, 502, new byte[0]));
        assertEquals("502 ", body(server.url("/down")));
        assertEquals(Fast.LIMITS.attempts(), server.requestsFor("/down").size());
    }

    @Test
    void a_server_that_asks_for_too_long_a_wait_is_not_waited_for() throws IOException {
        server.on("/later", exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "3600");
            TestServer.send(exchange, 503, new byte[0]);
        });
        assertEquals("503 ", body(server.url("/later")));
        assertEquals(1, server.requestsFor("/later").size());
    }

    @Test
    void a_silent_server_is_given_up_in_time() throws IOException {
        try (var silent = new java.net.ServerSocket(0, 50, java.net.InetAddress.getLoopbackAddress())) {
            var once = new FetchLimits(
                    1, Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(9), 1, Duration.ZERO);
            var url = URI.create("https://localhost:" + silent.getLocalPort() + "/a");
            var failure = assertThrows(IOException.class, () -> body(config, Fast.POLICY.within(once), url));
            assertEquals("the server does not answer in time", FetchFailures.reason(failure));
        }
    }

    @Test
    void a_proxy_of_the_environment_carries_https() throws IOException {
        server.serves("/a", "hello".getBytes(UTF_8));
        try (var proxy = new TestProxy(server.port())) {
            var proxies = Proxies.of(Map.of("HTTPS_PROXY", proxy.url()));
            var via = new FetchConfig(config.caFile(), Credentials.NONE, proxies, "test");
            assertEquals("200 hello", body(via, Fast.POLICY, URI.create("https://dl.example.com/a")));
            assertEquals(
                    "CONNECT dl.example.com:443 HTTP/1.1",
                    proxy.heads().getFirst().getFirst());
        }
    }

    @Test
    void a_proxy_is_shown_its_own_credentials_and_the_server_is_not() throws IOException {
        server.serves("/a", "hello".getBytes(UTF_8));
        try (var proxy = new TestProxy(server.port(), "Proxy-Authorization: Basic bWU6cHc=")) {
            var proxies = Proxies.of(Map.of("https_proxy", "http://me:pw@localhost:" + proxy.port()));
            var via = new FetchConfig(config.caFile(), Credentials.NONE, proxies, "test");
            assertEquals("200 hello", body(via, Fast.POLICY, URI.create("https://dl.example.com/a")));
            assertFalse(server.requests().getFirst().headers().containsKey("proxy-authorization"));
        }
    }

    @Test
    void an_unreadable_authority_file_is_named() throws IOException {
        Path empty = Files.writeString(dir.resolve("empty.pem"), "");
        var failure = assertThrows(
                io.aestus.AestusException.class,
                () -> CertificateAuthorities.context(Optional.of(empty), CertificateAuthorities.NO_CLIENT));
        assertEquals(
                "cannot read certificate authorities of " + empty + ": it holds no certificate", failure.message());
    }
}
