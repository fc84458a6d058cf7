package io.aestus.cri.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams as browsers and Java programs get them, over WebSocket, from processes of this host. */
class StreamingServerTest {
    private static final StreamSet ALL = new StreamSet(true, true, true, false);
    private static final StreamSet OUTPUT = new StreamSet(false, true, true, false);
    private static final StreamSet TERMINAL = new StreamSet(true, true, false, true);
    private static final String V4 = "v4.channel.k8s.io";
    private static final String V5 = "v5.channel.k8s.io";
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int STATUS = 3;
    private static final int RESIZE = 4;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private StreamingServer server;

    @BeforeEach
    void start() {
        server = new StreamingServer(StreamingAddress.DEFAULT, now::get);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private WebSocketClient exec(StreamSet streams, String script, String... protocols) throws Exception {
        return new WebSocketClient(server.exec(streams, () -> LocalProcess.shell(script)), protocols);
    }

    @Test
    void a_command_gets_its_input_and_its_code_is_told() throws Exception {
        try (var client = exec(ALL, "read line; echo got $line; echo oops >&2; exit 3", V4)) {
            client.send(STDIN, "hello\n");
            client.awaitClose();
            assertEquals("got hello\n", client.received(STDOUT));
            assertEquals("oops\n", client.received(STDERR));
            assertEquals(
                    "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"command terminated with exit code 3\","
                            + "\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\","
                            + "\"message\":\"3\"}]}}",
                    client.received(STATUS));
        }
    }

    @Test
    void version_5_ends_the_input_while_the_output_goes_on() throws Exception {
        try (var client = exec(ALL, "cat; echo end", V5, V4)) {
            assertEquals(V5, client.socket.getSubprotocol());
            client.send(STDIN, "some");
            client.end(STDIN);
            client.awaitClose();
            assertEquals("someend\n", client.received(STDOUT));
            assertEquals("{\"metadata\":{},\"status\":\"Success\"}", client.received(STATUS));
        }
    }

    @Test
    void the_base64_form_is_text_both_ways() throws Exception {
        try (var client = exec(ALL, "read line; echo got $line", "v4.base64.channel.k8s.io")) {
            client.sendText(STDIN, "hello\n");
            client.awaitClose();
            assertEquals("got hello\n", client.received(STDOUT));
            assertEquals("{\"metadata\":{},\"status\":\"Success\"}", client.received(STATUS));
        }
    }

    @Test
    void a_client_without_a_protocol_is_told_of_failures_as_text_alone() throws Exception {
        try (var client = exec(OUTPUT, "exit 7")) {
            client.awaitClose();
            assertTrue(client.hasChannel(STDOUT), "no empty first message");
            assertEquals("command terminated with exit code 7", client.received(STATUS));
        }
        try (var client = exec(OUTPUT, "exit 0", "channel.k8s.io")) {
            client.awaitClose();
            assertFalse(client.hasChannel(STATUS));
        }
    }

    @Test
    void what_cannot_be_started_is_told_as_a_status() throws Exception {
        URI url = server.exec(OUTPUT, () -> {
            throw new AestusException(Problem.NOT_FOUND, "cannot run no-such: there is none").withRemedy("try another");
        });
        try (var client = new WebSocketClient(url, V4)) {
            client.awaitClose();
            assertEquals(
                    "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"cannot run no-such: there is none [try another]\","
                            + "\"reason\":\"InternalError\",\"code\":500}",
                    client.received(STATUS));
        }
    }

    @Test
    void a_terminal_hears_of_its_sizes_and_not_of_nonsense() throws Exception {
        var process = new CompletableFuture<LocalProcess>();
        try (var client =
                new WebSocketClient(server.exec(TERMINAL, () -> started(process, "read line; read line")), V4)) {
            client.send(RESIZE, "{\"Width\":80,\"Height\":24}{\"Width\":100,");
            client.send(RESIZE, "\"Height\":40}\n{\"Width\":-1}");
            assertEquals("80x24", process.get(10, TimeUnit.SECONDS).awaitSize());
            assertEquals("100x40", process.get().awaitSize());
            client.send(STDIN, "a\nb\n");
            client.awaitClose();
        }
    }

    private static LocalProcess started(CompletableFuture<LocalProcess> process, String script) {
        process.complete(LocalProcess.shell(script));
        return process.join();
    }

    @Test
    void a_client_that_does_not_read_stops_the_process_and_costs_no_memory() throws Exception {
        int size = 64 << 20;
        var process = new CompletableFuture<LocalProcess>();
        URI url = server.exec(OUTPUT, () -> started(process, "head -c " + size + " /dev/zero"));
        try (var client = new WebSocketClient(url, V4)) {
            client.stopReading();
            assertFalse(process.get().awaitEnd(Duration.ofSeconds(1)), "64 MiB went somewhere");
            client.goOnReading();
            client.awaitClose();
            assertEquals(size, client.count(STDOUT));
            assertTrue(client.received(STATUS).contains("Success"));
        }
    }

    @Test
    void a_process_that_does_not_read_stops_the_client() throws Exception {
        var process = new CompletableFuture<LocalProcess>();
        URI url = server.exec(ALL, () -> started(process, "read line; sleep 60"));
        try (var client = new WebSocketClient(url, V4);
                var sender = Executors.newVirtualThreadPerTaskExecutor()) {
            var message = new byte[64 * 1024];
            var sending = sender.submit(() -> {
                for (int i = 0; i < 1024; i++) {
                    client.socket.sendBinary(ByteBuffer.wrap(message), true).get();
                }
                return true;
            });
            assertThrows(java.util.concurrent.TimeoutException.class, () -> sending.get(1, TimeUnit.SECONDS));
            client.socket.abort();
            assertThrows(ExecutionException.class, () -> sending.get(10, TimeUnit.SECONDS));
        }
        assertTrue(process.get().awaitEnd(Duration.ofSeconds(10)));
    }

    @Test
    void a_command_whose_client_goes_is_killed() throws Exception {
        var process = new CompletableFuture<LocalProcess>();
        URI url = server.exec(OUTPUT, () -> started(process, "echo up; exec sleep 1000"));
        try (var client = new WebSocketClient(url, V4)) {
            client.await(STDOUT, text -> text.equals("up\n"));
        }
        assertTrue(process.get().awaitEnd(Duration.ofSeconds(10)));
    }

    @Test
    void what_a_command_leaves_in_the_background_does_not_hold_its_client() throws Exception {
        try (var client = exec(OUTPUT, "sleep 10 & echo done", V4)) {
            long begun = System.nanoTime();
            client.awaitClose();
            assertTrue(Duration.ofNanos(System.nanoTime() - begun).toMillis() < 9000, "waited for the background");
            assertEquals("done\n", client.received(STDOUT));
            assertTrue(client.received(STATUS).contains("Success"));
        }
    }

    @Test
    void an_attachment_ends_with_the_output() throws Exception {
        URI url = server.attach(ALL, () -> LocalProcess.shell("read line; echo $line; exit 4"));
        try (var client = new WebSocketClient(url, V4)) {
            client.send(STDIN, "hi\n");
            client.awaitClose();
            assertEquals("hi\n", client.received(STDOUT));
            assertEquals("{\"metadata\":{},\"status\":\"Success\"}", client.received(STATUS));
        }
    }

    @Test
    void ports_are_forwarded_on_two_channels_each() throws Exception {
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int closed = unusedPort();
            URI url = server.portForward(List.of(listening.getLocalPort(), closed), StreamingServerTest::dial);
            try (var client = new WebSocketClient(url, V4);
                    var accepted = listening.accept()) {
                client.send(0, "ping");
                assertEquals("ping", new String(accepted.getInputStream().readNBytes(4), StandardCharsets.UTF_8));
                accepted.getOutputStream().write("pong".getBytes(StandardCharsets.UTF_8));
                client.await(0, text -> text.endsWith("pong"));
                client.await(3, text -> text.endsWith("refused"));
            }
        }
    }

    private static SocketChannel dial(int port) {
        try {
            return SocketChannel.open(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (java.io.IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot connect: refused", e);
        }
    }

    private static int unusedPort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void a_hundred_sessions_go_on_side_by_side() throws Exception {
        List<WebSocketClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                clients.add(exec(ALL, "read line; echo got $line", V4));
            }
            for (int i = 0; i < 100; i++) {
                clients.get(i).send(STDIN, i + "\n");
            }
            for (int i = 0; i < 100; i++) {
                clients.get(i).awaitClose();
                assertEquals("got " + i + "\n", clients.get(i).received(STDOUT));
            }
        } finally {
            clients.forEach(WebSocketClient::close);
        }
    }

    @Test
    void stopping_cuts_clients_off_and_ends_what_was_started_for_them() throws Exception {
        var process = new CompletableFuture<LocalProcess>();
        URI url = server.exec(OUTPUT, () -> started(process, "echo up; exec sleep 1000"));
        try (var client = new WebSocketClient(url, V4)) {
            client.await(STDOUT, text -> text.equals("up\n"));
            server.close();
            assertFalse(process.get().isAlive());
            var refused = assertThrows(AestusException.class, () -> server.exec(OUTPUT, () -> process.join()));
            assertEquals("cannot stream: the agent is starting or stopping", refused.getMessage());
        }
    }

    // --- tickets

    private static int statusOf(HttpRequest request) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    private static void assertGone(URI url) {
        var refused = assertThrows(ExecutionException.class, () -> new WebSocketClient(url, V4).close());
        assertEquals(
                404,
                ((WebSocketHandshakeException) refused.getCause()).getResponse().statusCode());
    }

    @Test
    void a_url_opens_once() throws Exception {
        URI url = server.exec(OUTPUT, () -> LocalProcess.shell("true"));
        assertTrue(url.toString().matches("http://127\\.0\\.0\\.1:\\d+/exec/[A-Za-z0-9_-]{32}"), url.toString());
        try (var client = new WebSocketClient(url, V4)) {
            client.awaitClose();
        }
        assertGone(url);
    }

    @Test
    void a_url_is_good_for_a_minute_and_for_what_it_was_given_for() {
        Supplier<LocalProcess> never = () -> {
            throw new AssertionError("must not be started");
        };
        URI late = server.exec(OUTPUT, never::get);
        now.set(now.get().plusSeconds(61));
        assertGone(late);
        URI other = server.exec(OUTPUT, never::get);
        assertGone(URI.create(other.toString().replace("/exec/", "/attach/")));
        assertGone(URI.create(other.toString().replaceAll("exec/.*", "exec/guess")));
        assertGone(other.resolve("/"));
    }

    @Test
    void too_many_unopened_urls_are_refused_until_they_are_too_old() {
        for (int i = 0; i < 1000; i++) {
            server.portForward(List.of(), StreamingServerTest::dial);
        }
        var refused =
                assertThrows(AestusException.class, () -> server.portForward(List.of(), StreamingServerTest::dial));
        assertEquals(Problem.EXHAUSTED, refused.problem());
        now.set(now.get().plusSeconds(61));
        server.portForward(List.of(), StreamingServerTest::dial);
    }

    @Test
    void what_asks_for_no_upgrade_or_an_unknown_protocol_is_refused() throws Exception {
        URI url = server.exec(OUTPUT, () -> LocalProcess.shell("true"));
        assertEquals(400, statusOf(HttpRequest.newBuilder(url).build()));
        assertEquals(
                405,
                statusOf(HttpRequest.newBuilder(url)
                        .method("DELETE", HttpRequest.BodyPublishers.noBody())
                        .build()));
        URI next = server.exec(OUTPUT, () -> LocalProcess.shell("true"));
        var refused =
                assertThrows(ExecutionException.class, () -> new WebSocketClient(next, "v9.channel.k8s.io").close());
        assertEquals(
                403,
                ((WebSocketHandshakeException) refused.getCause()).getResponse().statusCode());
    }

    @Test
    void streams_stay_on_this_host() {
        var refused = assertThrows(AestusException.class, () -> new StreamingAddress("0.0.0.0", 0));
        assertEquals("cannot serve streams on '0.0.0.0': other hosts could listen in", refused.getMessage());
    }

    @Test
    void a_terminal_has_no_stderr_and_something_must_be_wanted() {
        assertThrows(AestusException.class, () -> new StreamSet(true, true, true, true));
        assertThrows(AestusException.class, () -> new StreamSet(false, false, false, false));
    }
}
