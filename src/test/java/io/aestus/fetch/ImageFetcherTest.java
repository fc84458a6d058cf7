package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is fetched, and what is refused. */
class ImageFetcherTest extends FetchesFromSite {
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
}
