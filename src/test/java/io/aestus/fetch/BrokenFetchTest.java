package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Fetches that break, are cut short, or meet others. */
class BrokenFetchTest extends FetchesFromSite {
    @Test
    void a_broken_download_is_continued_within_one_fetch() {
        TestContent content = site.trusting("example.com")
                .publish("/x.aci", WEB.aci())
                .cutting(n -> n < 2 ? 200_000 : Integer.MAX_VALUE);
        assertEquals(WEB.id(), fetch("https://dl.example.com/x.aci").id());
        assertEquals(3, content.bodies());
    }

    @Test
    void a_broken_download_is_continued_by_the_next_fetch() {
        TestContent content = site.trusting("example.com")
                .publish("/x.aci", WEB.aci())
                .cutting(n -> n == 0 ? 300_000 : n < 20 ? 0 : Integer.MAX_VALUE);
        assertEquals(
                Problem.UNAVAILABLE, refused("https://dl.example.com/x.aci").problem());
        content.cutting(_ -> Integer.MAX_VALUE);
        assertEquals(WEB.id(), fetch("https://dl.example.com/x.aci").id());
        var last = site.server.requestsFor("/x.aci").getLast();
        assertTrue(
                last.header("Range").matches("bytes=[1-9]\\d*-"), last.headers().toString());
    }

    @Test
    void damaged_leftovers_are_thrown_away_and_the_download_begins_anew() throws IOException {
        TestContent content = site.trusting("example.com")
                .publish("/x.aci", WEB.aci())
                .cutting(n -> n == 0 ? 300_000 : n < 20 ? 0 : Integer.MAX_VALUE);
        refused("https://dl.example.com/x.aci");
        try (var files = Files.list(site.store.layout().downloads())) {
            Path left = files.filter(file -> !file.toString().contains("."))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(left);
            bytes[1000] ^= 1;
            Files.write(left, bytes);
        }
        content.cutting(_ -> Integer.MAX_VALUE);
        assertEquals(WEB.id(), fetch("https://dl.example.com/x.aci").id());
    }

    @Test
    void an_image_that_changes_while_it_is_fetched_is_fetched_whole() {
        TestImage next =
                TestImage.named("example.com/web").label("version", "1.1").file("big", Fast.bytes(500_000, 4));
        var content = site.trusting("example.com").publish("/x.aci", WEB.aci());
        content.cutting(n -> {
            if (n == 0) {
                content.becomes(next.aci(), "\"next\"");
                site.server.serves("/x.aci.asc", site.signer.sign(next.aci()));
                return 300_000;
            }
            return Integer.MAX_VALUE;
        });
        assertEquals(next.id(), fetch("https://dl.example.com/x.aci").id());
    }

    @Test
    void a_signature_that_comes_after_the_image_counts_as_much() {
        site.trusting("example.com").publish("/x.aci", WEB.aci());
        later("/x.aci.asc", site.signer.sign(WEB.aci()));
        assertEquals(
                List.of(site.signer.fingerprint()),
                fetch("https://dl.example.com/x.aci").record().signers());
    }

    @Test
    void a_signature_that_comes_after_the_image_must_fit_it() {
        site.trusting("example.com").publish("/x.aci", WEB.aci());
        later("/x.aci.asc", site.signer.sign(new byte[] {1, 2, 3}));
        assertEquals(Problem.UNTRUSTED, refused("https://dl.example.com/x.aci").problem());
    }

    /** Answers 202 until the image was asked for. */
    private void later(String path, byte[] signature) {
        site.server.on(path, exchange -> {
            boolean isSent = !site.server.requestsFor("/x.aci").isEmpty();
            TestServer.send(exchange, isSent ? 200 : 202, signature);
        });
    }

    @Test
    void many_who_want_one_image_download_it_once() throws Exception {
        TestContent content = site.trusting("example.com").publish("/x.aci", WEB.aci());
        List<Callable<StoredImage>> tasks = List.of(
                () -> fetch("https://dl.example.com/x.aci", Fast.POLICY.pulling(PullPolicy.UPDATE)),
                () -> fetch("https://dl.example.com/x.aci", Fast.POLICY.pulling(PullPolicy.UPDATE)),
                () -> fetch("https://dl.example.com/x.aci", Fast.POLICY.pulling(PullPolicy.UPDATE)));
        try (var threads = Executors.newFixedThreadPool(3)) {
            for (var done : threads.invokeAll(tasks)) {
                assertEquals(WEB.id(), done.get().id());
            }
        }
        assertEquals(1, content.bodies());
    }

    @Test
    void an_interrupted_fetch_ends_at_once_and_leaves_only_what_can_be_continued() throws Exception {
        var gate = new CountDownLatch(1);
        var reached = new CountDownLatch(1);
        site.trusting("example.com").publish("/x.aci", WEB.aci());
        site.server.on("/x.aci", exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"stuck\"");
            exchange.sendResponseHeaders(200, WEB.aci().length);
            exchange.getResponseBody().write(WEB.aci(), 0, 200_000);
            exchange.getResponseBody().flush();
            reached.countDown();
            awaited(gate);
        });
        var patient = new FetchLimits(
                64 << 20, Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(90), 2, Duration.ZERO);
        var refusals = new ArrayBlockingQueue<AestusException>(1);
        Thread fetching = Thread.ofVirtual()
                .start(() -> refusals.add(assertThrows(
                        AestusException.class,
                        () -> fetch("https://dl.example.com/x.aci", Fast.POLICY.within(patient)))));
        try {
            assertTrue(reached.await(5, TimeUnit.SECONDS));
            fetching.interrupt();
            AestusException refusal = refusals.poll(10, TimeUnit.SECONDS);
            assertNotNull(refusal, "the fetch still runs");
            assertEquals(Problem.UNAVAILABLE, refusal.problem());
            assertTrue(site.leftovers().stream().allMatch(file -> file.startsWith("downloads/")));
        } finally {
            gate.countDown();
        }
        site.publish("/x.aci", WEB.aci());
        assertEquals(WEB.id(), fetch("https://dl.example.com/x.aci").id());
    }

    private static void awaited(CountDownLatch gate) {
        try {
            assertTrue(gate.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void an_id_means_what_the_store_has() {
        site.trusting("example.com").publish("/x.aci", WEB.aci());
        StoredImage image = fetch("https://dl.example.com/x.aci");
        assertEquals(image.id(), fetch(image.id().abbreviated()).id());
        assertEquals(
                Problem.NOT_FOUND,
                assertThrows(AestusException.class, () -> fetch("sha512-00")).problem());
    }
}
