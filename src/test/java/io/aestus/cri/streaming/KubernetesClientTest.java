package io.aestus.cri.streaming;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams as Kubernetes' own client library gets them, over SPDY and WebSocket, from processes of this host. */
class KubernetesClientTest {
    private static final StreamSet ALL = new StreamSet(true, true, true, false);
    private static final StreamSet OUTPUT = new StreamSet(false, true, true, false);
    private static final StreamSet TERMINAL = new StreamSet(true, true, false, true);
    private static final byte[] NOTHING = {};

    private StreamingServer server;

    @BeforeEach
    void start() {
        server = new StreamingServer(StreamingAddress.DEFAULT, InstantSource.system());
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private StreamClient exec(StreamSet streams, String script, String... options) throws IOException {
        return StreamClient.command(server.exec(streams, () -> LocalProcess.shell(script)), options);
    }

    @ParameterizedTest
    @CsvSource({
        "spdy, ''",
        "spdy, v4.channel.k8s.io",
        "websocket, ''",
        "websocket, v5.channel.k8s.io",
    })
    void a_command_gets_its_input_with_its_end_and_its_code_is_told(String transport, String protocol)
            throws Exception {
        try (var client =
                exec(ALL, "cat; echo oops >&2; exit 3", "-stdin", "-transport", transport, "-protocol", protocol)) {
            var outcome = client.run("hello".getBytes(StandardCharsets.UTF_8));
            assertEquals("hello", outcome.stdout());
            assertEquals("oops\n", outcome.stderr());
            assertEquals(3, outcome.code());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"})
    void older_versions_get_the_streams(String protocol) throws Exception {
        try (var client = exec(OUTPUT, "echo out; echo err >&2", "-protocol", protocol)) {
            var outcome = client.run(NOTHING);
            assertEquals("out\n", outcome.stdout());
            assertEquals("err\n", outcome.stderr());
            assertEquals(0, outcome.code());
        }
    }

    /** Not in version 1, whose client does not wait to be told. */
    @ParameterizedTest
    @ValueSource(strings = {"v3.channel.k8s.io", "v2.channel.k8s.io"})
    void older_versions_are_told_of_failure_in_words(String protocol) throws Exception {
        try (var client = exec(OUTPUT, "exit 3", "-protocol", protocol)) {
            var outcome = client.run(NOTHING);
            assertTrue(outcome.stderr().contains("command terminated with exit code 3"), outcome.stderr());
            assertEquals(255, outcome.code());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void not_a_byte_is_lost_or_changed_however_much_goes_through(String transport) throws Exception {
        byte[] data = new byte[24 << 20];
        new Random(42).nextBytes(data);
        try (var client = exec(ALL, "cat", "-stdin", "-transport", transport)) {
            var outcome = client.run(data);
            assertEquals(0, outcome.code(), outcome.stderr());
            assertArrayEquals(data, outcome.bytes());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void input_that_nobody_reads_does_not_hide_the_end(String transport) throws Exception {
        try (var client = exec(ALL, "head -c 5", "-stdin", "-transport", transport)) {
            var outcome = client.run("hello".repeat(100_000).getBytes(StandardCharsets.UTF_8));
            assertEquals("hello", outcome.stdout());
            assertEquals(0, outcome.code(), outcome.stderr());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void a_terminal_hears_of_its_size(String transport) throws Exception {
        var process = new CompletableFuture<LocalProcess>();
        URI url = server.exec(TERMINAL, () -> {
            process.complete(LocalProcess.shell("read line; echo $line"));
            return process.join();
        });
        try (var client = StreamClient.command(url, "-transport", transport, "-stdin", "-tty", "-resize", "100x40")) {
            assertEquals("100x40", process.get().awaitSize());
            assertEquals(
                    "hi\n", client.run("hi\n".getBytes(StandardCharsets.UTF_8)).stdout());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void a_command_whose_client_dies_is_killed(String transport) throws Exception {
        var process = new CompletableFuture<LocalProcess>();
        URI url = server.exec(OUTPUT, () -> {
            process.complete(LocalProcess.shell("exec sleep 1000"));
            return process.join();
        });
        try (var _ = StreamClient.command(url, "-transport", transport)) {
            assertTrue(process.get().isAlive());
        }
        assertTrue(process.get().awaitEnd(Duration.ofSeconds(10)));
    }

    @Test
    void what_cannot_be_started_is_told() throws Exception {
        URI url = server.exec(OUTPUT, () -> {
            throw new AestusException(Problem.NOT_FOUND, "cannot run no-such: there is none");
        });
        try (var client = StreamClient.command(url)) {
            var outcome = client.run(NOTHING);
            assertTrue(outcome.stderr().contains("cannot run no-such: there is none"), outcome.stderr());
        }
    }

    // --- port-forward

    /** Answers each connection with what it read to its end, once the client has ended its half. */
    private static void echoTwice(ServerSocket listening) {
        for (int i = 0; i < 2; i++) {
            try (var accepted = listening.accept()) {
                accepted.getOutputStream().write(accepted.getInputStream().readAllBytes());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private static byte[] roundTrip(int port, byte[] data) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread.ofVirtual().start(() -> {
                try {
                    socket.getOutputStream().write(data);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            return socket.getInputStream().readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void a_port_is_forwarded_connection_after_connection_each_half_ending_by_itself(String transport) throws Exception {
        byte[] data = new byte[3 << 20];
        new Random(7).nextBytes(data);
        try (var listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            var echoing = CompletableFuture.runAsync(() -> echoTwice(listening));
            URI url = server.portForward(List.of(), KubernetesClientTest::dial);
            try (var client = StreamClient.forward(url, transport, listening.getLocalPort())) {
                int local = client.awaitPort();
                assertArrayEquals(data, roundTrip(local, data));
                assertArrayEquals(data, roundTrip(local, data));
                echoing.get();
            }
        }
    }

    private static SocketChannel dial(int port) throws IOException {
        try {
            return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (java.net.ConnectException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot connect to port " + port + ": refused", e);
        }
    }

    @Test
    void a_port_where_nobody_answers_is_told() throws Exception {
        int closed;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        URI url = server.portForward(List.of(), KubernetesClientTest::dial);
        try (var client = StreamClient.forward(url, "spdy", closed)) {
            assertEquals(0, roundTrip(client.awaitPort(), NOTHING).length);
            var outcome = client.run(NOTHING);
            assertTrue(outcome.stderr().contains("cannot connect to port " + closed + ": refused"), outcome.stderr());
            assertFalse(client.isAlive());
        }
    }
}
