package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("host")
class ImageFetcherTest {
    private static final TestImage WEB =
            TestImage.named("example.com/web").label("version", "1.0").file("big", Fast.bytes(800_000, 3));

    @TempDir
    Path dir;

    private Site site;

    @BeforeEach
    void build() throws IOException {
        site = new Site(dir).discoverable();
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        List<String> left = site.leftovers();
        site.close();
        assertEquals(List.of(), left);
    }

    private StoredImage fetch(String reference) {
        return fetch(reference, Fast.POLICY);
    }

    private StoredImage fetch(String reference, FetchPolicy policy) {
        return site.fetcher.fetch(ImageReference.parse(reference), policy, Progress.NONE);
    }

    private AestusException refused(String reference) {
        return refused(reference, Fast.POLICY);
    }

    private AestusException refused(String reference, FetchPolicy policy) {
        var refusal = assertThrows(AestusException.class, () -> fetch(reference, policy));
        try {
            assertEquals(List.of(), site.store.list(), "the store has something after: " + refusal.message());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return refusal;
    }

    @Test
    void a_signed_image_is_found_by_name_and_stored() throws IOException {
        site.trusting("example.com").publish("/example.com/web-1.0.aci", WEB.aci());
        StoredImage image = fetch("example.com/web:1.0");
        assertEquals(WEB.id(), image.id());
        assertEquals(List.of(site.signer.fingerprint()), image.record().signers());
        assertArrayEquals(
                Fast.bytes(800_000, 3), Files.readAllBytes(image.rootfs().resolve("big")));
        assertEquals(
                "https://dl.example.com/example.com/web-1.0.aci", image.record().origin());
        assertTrue(site.store.signature(image.id()).isPresent());
        try (var blob = site.store.blob(image.id()).orElseThrow()) {
            assertArrayEquals(WEB.aci(), blob.readAllBytes());
        }
    }

    @Test
    void a_signed_image_is_fetched_by_url() {
        site.trusting("example.com").publish("/x.aci", WEB.aci());
        assertEquals(WEB.id(), fetch("https://dl.example.com/x.aci").id());
    }

    @Test
    void a_signed_file_is_imported() throws IOException {
        site.trusting("example.com");
        Path file = Files.write(dir.resolve("x.aci"), WEB.aci());
        Files.write(dir.resolve("x.aci.asc"), site.signer.sign(WEB.aci()));
        assertEquals(WEB.id(), fetch(file.toString()).id());
    }

    @Test
    void a_file_without_signature_is_refused_unless_the_policy_lets_it_in() throws IOException {
        Path file = Files.write(dir.resolve("x.aci"), WEB.aci());
        var refusal = refused(file.toString());
        assertEquals(Problem.UNTRUSTED, refusal.problem());
        assertEquals("cannot verify " + file + ": there is no signature " + file + ".asc", refusal.message());
        assertEquals(
                List.of(),
                fetch(file.toString(), Fast.POLICY.allowing(Insecure.IMAGE))
                        .record()
                        .signers());
    }

    @Test
    void the_error_names_the_key_that_nobody_trusts_and_the_image_is_not_downloaded() {
        site.publish("/example.com/web-1.0.aci", WEB.aci());
        var refusal = refused("example.com/web:1.0");
        assertEquals(Problem.UNTRUSTED, refusal.problem());
        assertTrue(refusal.message().contains(site.signer.fingerprint()), refusal.message());
        assertEquals(
                "aestus trust --prefix example.com/web KEYFILE",
                refusal.remedy().orElseThrow());
        assertEquals(List.of(), site.server.requestsFor("/example.com/web-1.0.aci"));

        site.publish("/x.aci", WEB.aci());
        refusal = refused("https://dl.example.com/x.aci");
        assertTrue(refusal.message().contains(site.signer.fingerprint()), refusal.message());
        assertEquals(List.of(), site.server.requestsFor("/x.aci"));
    }

    @Test
    void a_key_for_other_names_does_not_vouch_for_an_image_given_by_url() {
        site.trusting("example.com/other").publish("/x.aci", WEB.aci());
        var refusal = refused("https://dl.example.com/x.aci");
        assertEquals(
                "cannot verify example.com/web: the key that signed it is trusted only for example.com/other",
                refusal.message());
    }

    @Test
    void flipped_bytes_are_refused() {
        site.trusting("example.com");
        byte[] original = WEB.aci();
        for (int position : new int[] {20, original.length / 2, original.length - 3}) {
            byte[] flipped = original.clone();
            flipped[position] ^= 1;
            site.publish("/example.com/web-1.0.aci", original);
            site.server.on("/example.com/web-1.0.aci", new TestContent(flipped, "\"" + position + "\""));
            var refusal = refused("example.com/web:1.0");
            assertTrue(
                    List.of(Problem.UNTRUSTED, Problem.CORRUPT, Problem.INVALID).contains(refusal.problem()),
                    refusal.problem() + " " + refusal.message());
        }
    }

    @Test
    void bytes_behind_the_image_are_signed_too() {
        site.trusting("example.com");
        byte[] longer = java.util.Arrays.copyOf(WEB.aci(), WEB.aci().length + 10);
        site.publish("/example.com/web-1.0.aci", WEB.aci());
        site.server.on("/example.com/web-1.0.aci", new TestContent(longer, "\"l\""));
        assertEquals(Problem.UNTRUSTED, refused("example.com/web:1.0").problem());
    }

    @Test
    void an_unsigned_image_is_refused() {
        site.trusting("example.com");
        site.server.serves("/example.com/web-1.0.aci", WEB.aci());
        var refusal = refused("example.com/web:1.0");
        assertEquals(Problem.UNTRUSTED, refusal.problem());
        assertEquals(
                "cannot verify example.com/web:1.0: there is no signature at https://dl.example.com/example.com/web-1.0.aci.asc",
                refusal.message());
    }

    @Test
    void an_image_that_is_not_there_is_not_found_rather_than_unsigned() throws IOException {
        var refusal = refused("example.com/web:1.0");
        assertEquals(Problem.NOT_FOUND, refusal.problem());
        assertEquals(
                "cannot fetch https://dl.example.com/example.com/web-1.0.aci: the server does not have it",
                refusal.message());
        Path file = dir.resolve("gone.aci");
        assertEquals(
                "cannot fetch " + file + ": there is no file " + file,
                refused(file.toString()).message());
    }

    @Test
    void with_insecure_image_no_signature_is_asked_for() {
        site.server.serves("/example.com/web-1.0.aci", WEB.aci());
        var notices = new ArrayList<String>();
        var progress = new Progress() {
            @Override
            public void update(Report now) {}

            @Override
            public void notice(String line) {
                notices.add(line);
            }
        };
        site.fetcher.fetch(ImageReference.parse("example.com/web:1.0"), Fast.POLICY.allowing(Insecure.IMAGE), progress);
        assertEquals(List.of(), site.server.requestsFor("/example.com/web-1.0.aci.asc"));
        assertEquals(List.of("example.com/web:1.0 is not checked for a signature"), notices);
    }

    @Test
    void another_image_under_the_name_is_refused() {
        site.trusting("example.com");
        site.publish(
                "/example.com/web-1.0.aci",
                TestImage.named("example.com/other").label("version", "1.0").aci());
        assertEquals(Problem.CORRUPT, refused("example.com/web:1.0").problem());
        site.publish(
                "/example.com/web-1.0.aci",
                TestImage.named("example.com/web").label("version", "0.9").aci());
        assertEquals(
                "cannot fetch example.com/web:1.0: its label version is '0.9', not '1.0'",
                refused("example.com/web:1.0").message());
        site.publish(
                "/example.com/web-1.0.aci", TestImage.named("example.com/web").aci());
        assertEquals(Problem.CORRUPT, refused("example.com/web:1.0").problem());
        site.publish(
                "/example.com/web-1.0.aci",
                TestImage.named("example.com/web")
                        .label("version", "1.0")
                        .label("os", "linux")
                        .label("arch", "s390x")
                        .aci());
        assertTrue(refused("example.com/web:1.0").message().contains("'s390x'"));
    }

    @Test
    void the_latest_version_is_asked_for_where_none_is_named() {
        site.trusting("example.com").publish("/example.com/web-latest.aci", WEB.aci());
        StoredImage image = fetch("example.com/web");
        assertTrue(image.record().isLatest());
    }

    @Test
    void what_the_store_has_is_asked_for_only_to_update_it() {
        TestContent content = site.trusting("example.com").publish("/example.com/web-1.0.aci", WEB.aci());
        fetch("example.com/web:1.0");
        int requests = site.server.requests().size();
        fetch("example.com/web:1.0");
        fetch("example.com/web:1.0", Fast.POLICY.pulling(PullPolicy.NEVER));
        assertEquals(requests, site.server.requests().size());
        fetch("example.com/web:1.0", Fast.POLICY.pulling(PullPolicy.UPDATE));
        assertTrue(site.server.requests().size() > requests);
        assertEquals(1, content.bodies(), "304 must do");
    }

    @Test
    void what_the_server_calls_fresh_is_not_asked_for() {
        TestContent content =
                site.trusting("example.com").publish("/x.aci", WEB.aci()).cached("public, max-age=600");
        fetch("https://dl.example.com/x.aci");
        int requests = site.server.requests().size();
        fetch("https://dl.example.com/x.aci", Fast.POLICY.pulling(PullPolicy.UPDATE));
        assertEquals(requests, site.server.requests().size());
        assertEquals(1, content.bodies());
    }

    @Test
    void an_unchanged_image_is_fresh_for_as_long_as_the_server_says_now() {
        TestContent content = site.trusting("example.com").publish("/x.aci", WEB.aci());
        var update = Fast.POLICY.pulling(PullPolicy.UPDATE);
        assertTrue(fetch("https://dl.example.com/x.aci").record().freshUntil().isEmpty());
        content.cached("max-age=600");
        assertTrue(fetch("https://dl.example.com/x.aci", update)
                .record()
                .freshUntil()
                .isPresent());
        int requests = site.server.requests().size();
        fetch("https://dl.example.com/x.aci", update);
        assertEquals(requests, site.server.requests().size());
        assertEquals(1, content.bodies(), "304 must do");
    }

    @Test
    void an_image_at_a_place_must_be_for_this_host_unless_asked_otherwise() throws IOException {
        byte[] foreign = TestImage.named("example.com/web")
                .label("os", "linux")
                .label("arch", "s390x")
                .aci();
        site.trusting("example.com").publish("/x.aci", foreign);
        Path file = Files.write(dir.resolve("x.aci"), foreign);
        Files.write(dir.resolve("x.aci.asc"), site.signer.sign(foreign));
        for (String place : List.of("https://dl.example.com/x.aci", file.toString())) {
            var refusal = refused(place);
            assertEquals(Problem.UNSUPPORTED, refusal.problem());
            assertEquals(
                    "cannot fetch " + place + ": its label arch is 's390x', and this host's is 'amd64'",
                    refusal.message());
        }
        fetch("https://dl.example.com/x.aci", Fast.POLICY.forAnyPlatform());
        fetch(file.toString(), Fast.POLICY.forAnyPlatform());
    }

    @Test
    void an_image_stored_unsigned_is_not_used_by_name_where_signatures_count() {
        site.trusting("example.com").server.serves("/example.com/web-1.0.aci", WEB.aci());
        StoredImage unsigned = fetch("example.com/web:1.0", Fast.POLICY.allowing(Insecure.IMAGE));

        var refusal = assertThrows(AestusException.class, () -> fetch("example.com/web:1.0"));
        assertEquals(Problem.UNTRUSTED, refusal.problem());
        assertEquals(
                "cannot verify example.com/web:1.0: there is no signature at"
                        + " https://dl.example.com/example.com/web-1.0.aci.asc;"
                        + " what the store has was admitted without a signature",
                refusal.message());
        assertEquals(
                "--insecure-options=image, or name it by its ID, "
                        + unsigned.id().abbreviated(),
                refusal.remedy().orElseThrow());
        var never = Fast.POLICY.pulling(PullPolicy.NEVER);
        assertEquals(
                "cannot use image example.com/web:1.0: what the store has was admitted without a signature",
                assertThrows(AestusException.class, () -> fetch("example.com/web:1.0", never))
                        .message());

        fetch(unsigned.id().toString());
        fetch("example.com/web:1.0", Fast.POLICY.allowing(Insecure.IMAGE));
    }

    @Test
    void an_image_stored_unsigned_is_used_once_its_signature_was_fetched() {
        site.trusting("example.com").publish("/example.com/web-1.0.aci", WEB.aci());
        fetch("example.com/web:1.0", Fast.POLICY.allowing(Insecure.IMAGE));
        assertEquals(
                List.of(site.signer.fingerprint()),
                fetch("example.com/web:1.0").record().signers());
        int requests = site.server.requests().size();
        fetch("example.com/web:1.0");
        assertEquals(requests, site.server.requests().size());
    }

    @Test
    void an_older_signed_image_is_preferred_to_a_newer_one_that_is_not() {
        site.trusting("example.com").publish("/example.com/web-1.0.aci", WEB.aci());
        fetch("example.com/web:1.0");
        TestImage other = TestImage.named("example.com/web").label("version", "1.0");
        site.server.serves("/other.aci", other.aci());
        fetch("https://dl.example.com/other.aci", Fast.POLICY.allowing(Insecure.IMAGE));
        assertEquals(WEB.id(), fetch("example.com/web:1.0").id());
        assertEquals(
                other.id(),
                fetch("example.com/web:1.0", Fast.POLICY.allowing(Insecure.IMAGE))
                        .id());
    }

    @Test
    void a_new_version_at_the_same_place_comes_with_an_update() {
        site.trusting("example.com").publish("/x.aci", WEB.aci());
        fetch("https://dl.example.com/x.aci");
        TestImage next = TestImage.named("example.com/web").label("version", "1.1");
        site.publish("/x.aci", next.aci());
        assertEquals(WEB.id(), fetch("https://dl.example.com/x.aci").id());
        assertEquals(
                next.id(),
                fetch("https://dl.example.com/x.aci", Fast.POLICY.pulling(PullPolicy.UPDATE))
                        .id());
    }

    @Test
    void never_means_never() {
        site.trusting("example.com").publish("/example.com/web-1.0.aci", WEB.aci());
        var refusal = refused("example.com/web:1.0", Fast.POLICY.pulling(PullPolicy.NEVER));
        assertEquals(Problem.NOT_FOUND, refusal.problem());
        assertEquals(List.of(), site.server.requests());
    }

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
    void keys_found_over_https_are_trusted_if_the_operator_says_so() {
        site.publish("/example.com/web-1.0.aci", WEB.aci());
        site.server.serves("/keys.asc", site.signer.publicKey());
        refused("example.com/web:1.0");
        assertEquals(List.of(), site.server.requestsFor("/keys.asc"));
        var refusingAll = Fast.POLICY.accepting((_, _, _) -> false);
        assertEquals(
                Problem.UNTRUSTED, refused("example.com/web:1.0", refusingAll).problem());
        StoredImage image = fetch("example.com/web:1.0", Fast.POLICY.accepting(KeyAcceptance.FROM_HTTPS));
        assertEquals(List.of(site.signer.fingerprint()), image.record().signers());
    }

    @Test
    void dependencies_come_along() throws IOException {
        site.trusting("example.com");
        TestImage base = TestImage.named("example.com/base");
        TestImage middle = TestImage.named("example.com/middle").dependsOn("example.com/base", base.id());
        TestImage top = TestImage.named("example.com/top").dependsOn("example.com/middle");
        site.publish("/example.com/base-latest.aci", base.aci());
        site.publish("/example.com/middle-latest.aci", middle.aci());
        site.publish("/example.com/top-latest.aci", top.aci());
        assertEquals(top.id(), fetch("example.com/top").id());
        assertEquals(3, site.store.list().size());
        assertEquals(3, site.store.layers(top.id()).size());
    }

    @Test
    void a_dependency_with_another_id_is_refused() {
        site.trusting("example.com");
        TestImage base = TestImage.named("example.com/base");
        TestImage top = TestImage.named("example.com/top").dependsOn("example.com/base", WEB.id());
        site.publish("/example.com/base-latest.aci", base.aci());
        site.publish("/example.com/top-latest.aci", top.aci());
        var refusal = assertThrows(AestusException.class, () -> fetch("example.com/top"));
        assertEquals(Problem.CORRUPT, refusal.problem());
    }

    @Test
    void a_cycle_of_dependencies_ends() {
        site.trusting("example.com");
        site.publish(
                "/example.com/a-latest.aci",
                TestImage.named("example.com/a").dependsOn("example.com/b").aci());
        site.publish(
                "/example.com/b-latest.aci",
                TestImage.named("example.com/b").dependsOn("example.com/a").aci());
        var refusal = assertThrows(AestusException.class, () -> fetch("example.com/a"));
        assertEquals("cannot fetch example.com/a: it depends on itself", refusal.message());
    }

    @Test
    void the_next_endpoint_has_its_turn() {
        site.trusting("example.com")
                .page(
                        "/",
                        "<meta name='ac-discovery' content='example.com https://dl.example.com/gone/{name}.{ext}'>",
                        "<meta name='ac-discovery' content='example.com https://dl.example.com/{name}-{version}.{ext}'>");
        site.publish("/example.com/web-1.0.aci", WEB.aci());
        assertEquals(WEB.id(), fetch("example.com/web:1.0").id());
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
