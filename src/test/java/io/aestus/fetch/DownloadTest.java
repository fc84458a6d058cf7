package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.fetch.Download.Known;
import io.aestus.fetch.HttpAnswer.Validators;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
    private static final TestAuthority AUTHORITY = new TestAuthority();
    private static final byte[] BYTES = Fast.bytes(1_000_000, 7);
    private static final byte[] OTHER = Fast.bytes(900_000, 8);

    @TempDir
    Path dir;

    private TestServer server;
    private FetchConfig config;
    private final TestContent content = new TestContent(BYTES, "\"one\"");

    @BeforeEach
    void startServer() throws IOException {
        server = TestServer.https(AUTHORITY.serverFor("localhost")).on("/x.aci", content);
        config = Fast.trusting(AUTHORITY.writeTo(dir.resolve("ca.pem")));
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private Download open(FetchLimits limits, Known known) throws IOException {
        return open(Fast.transport(config, FetchPolicy.STANDARD.within(limits)), limits, known);
    }

    private Download open(HttpTransport transport, FetchLimits limits, Known known) throws IOException {
        return Download.open(transport, limits, server.url("/x.aci"), false, known, Map.of(), Map.of());
    }

    private static Known known(int bytes, String etag) {
        return new Known(bytes, OptionalLong.of(BYTES.length), new Validators(Optional.of(etag), Optional.empty()));
    }

    @Test
    void a_broken_connection_is_taken_up_where_it_broke() throws IOException {
        content.cutting(n -> n < 3 ? 200_000 : Integer.MAX_VALUE);
        try (var download = open(Fast.LIMITS, Known.NOTHING)) {
            assertArrayEquals(BYTES, download.readAllBytes());
        }
        assertEquals(4, content.bodies());
        var ranges = server.requests().stream().map(r -> r.header("Range")).toList();
        assertEquals("", ranges.getFirst());
        assertTrue(ranges.get(1).matches("bytes=[1-9]\\d+-"), ranges.toString());
        assertEquals("\"one\"", server.requests().get(1).header("If-Range"));
    }

    @Test
    void a_server_without_ranges_is_read_again_from_the_beginning() throws IOException {
        content.withoutRanges().cutting(n -> n == 0 ? 300_000 : Integer.MAX_VALUE);
        try (var download = open(Fast.LIMITS, Known.NOTHING)) {
            assertArrayEquals(BYTES, download.readAllBytes());
        }
        assertEquals(2, content.bodies());
    }

    @Test
    void versions_are_never_mixed() throws IOException {
        content.cutting(n -> n == 0 ? 300_000 : Integer.MAX_VALUE);
        try (var download = open(Fast.LIMITS, Known.NOTHING)) {
            download.readNBytes(10);
            content.becomes(OTHER, "\"two\"");
            assertThrows(Download.ChangedException.class, download::readAllBytes);
        }
    }

    @Test
    void without_a_name_for_the_version_nothing_is_continued() throws IOException {
        content.becomes(BYTES, "").cutting(n -> n == 0 ? 300_000 : Integer.MAX_VALUE);
        try (var download = open(Fast.LIMITS, Known.NOTHING)) {
            assertThrows(Download.ChangedException.class, download::readAllBytes);
        }
    }

    @Test
    void what_is_here_already_is_not_fetched_again() throws IOException {
        try (var download = open(Fast.LIMITS, known(600_000, "\"one\""))) {
            assertEquals(600_000, download.start());
            assertEquals(OptionalLong.of(BYTES.length), download.total());
            assertArrayEquals(Arrays.copyOfRange(BYTES, 600_000, BYTES.length), download.readAllBytes());
        }
    }

    @Test
    void what_is_here_of_another_version_is_not_used() throws IOException {
        try (var download = open(Fast.LIMITS, known(600_000, "\"zero\""))) {
            assertEquals(0, download.start());
            assertArrayEquals(BYTES, download.readAllBytes());
        }
    }

    @Test
    void more_bytes_here_than_there_begin_anew() throws IOException {
        try (var download = open(Fast.LIMITS, known(BYTES.length, "\"one\""))) {
            assertEquals(0, download.start());
            assertArrayEquals(BYTES, download.readAllBytes());
        }
    }

    @Test
    void a_server_that_always_breaks_is_given_up() throws IOException {
        content.cutting(_ -> 0);
        try (var download = open(Fast.LIMITS, Known.NOTHING)) {
            assertThrows(IOException.class, download::readAllBytes);
        }
        assertEquals(Fast.LIMITS.attempts(), content.bodies());
    }

    @Test
    void more_bytes_than_allowed_are_refused_before_they_come() {
        var limits = new FetchLimits(
                BYTES.length - 1,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(9),
                2,
                Duration.ZERO);
        assertThrows(Download.TooLargeException.class, () -> open(limits, Known.NOTHING)
                .close());
    }

    @Test
    void a_body_of_unannounced_length_is_bounded_too() throws IOException {
        server.on("/x.aci", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (var out = exchange.getResponseBody()) {
                out.write(BYTES);
            }
        });
        var limits = new FetchLimits(
                BYTES.length - 1,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(9),
                2,
                Duration.ZERO);
        try (var download = open(limits, Known.NOTHING)) {
            assertThrows(Download.TooLargeException.class, download::readAllBytes);
        }
    }

    @Test
    void a_stalled_transfer_is_broken_off_and_taken_up() throws IOException {
        var gate = new CountDownLatch(1);
        server.on("/x.aci", exchange -> {
            if (exchange.getRequestHeaders().containsKey("Range")) {
                content.handle(exchange);
                return;
            }
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            exchange.sendResponseHeaders(200, BYTES.length);
            exchange.getResponseBody().write(BYTES, 0, 1000);
            exchange.getResponseBody().flush();
            hold(gate);
        });
        try (var download = open(Fast.IMPATIENT, Known.NOTHING)) {
            assertArrayEquals(BYTES, download.readAllBytes());
        } finally {
            gate.countDown();
        }
    }

    @Test
    void a_trickle_is_as_good_as_silence() throws IOException {
        var gate = new CountDownLatch(1);
        server.on("/x.aci", exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            exchange.sendResponseHeaders(200, BYTES.length);
            for (int i = 0; i < 1000 && !within(gate, 50); i++) {
                exchange.getResponseBody().write(BYTES[i]);
                exchange.getResponseBody().flush();
            }
        });
        var once = new FetchLimits(
                64 << 20, Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(9), 1, Duration.ZERO);
        try (var download = open(once, Known.NOTHING)) {
            var failure = assertThrows(IOException.class, download::readAllBytes);
            assertEquals("transfer stalls", failure.getMessage());
        } finally {
            gate.countDown();
        }
    }

    @Test
    void closing_the_transport_frees_a_reader_that_waits() throws Exception {
        var gate = new CountDownLatch(1);
        server.on("/x.aci", exchange -> {
            exchange.sendResponseHeaders(200, BYTES.length);
            exchange.getResponseBody().flush();
            hold(gate);
        });
        var patient = new FetchLimits(
                64 << 20, Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(90), 2, Duration.ZERO);
        var ended = new CountDownLatch(1);
        var transport = Fast.transport(config, FetchPolicy.STANDARD.within(patient));
        try (var download = open(transport, patient, Known.NOTHING)) {
            Thread reader = Thread.ofPlatform().start(() -> {
                assertThrows(IOException.class, download::readAllBytes);
                ended.countDown();
            });
            while (reader.getState() != Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }
            transport.close();
            assertTrue(ended.await(5, TimeUnit.SECONDS), "the reader still waits");
        } finally {
            gate.countDown();
        }
    }

    private static void hold(CountDownLatch gate) {
        within(gate, 10_000);
    }

    private static boolean within(CountDownLatch gate, long millis) {
        try {
            return gate.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
