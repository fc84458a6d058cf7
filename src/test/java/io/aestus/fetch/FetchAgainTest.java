package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Fetches of what the store has, or has another version of. */
class FetchAgainTest extends FetchesFromSite {
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
}
