package io.aestus.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked and what is answered. The numbers are those of the requirements of the specification's section. */
class PodMetadataTest extends MetadataFixture {
    // --- H2 to H7

    @Test
    void h2_the_uuid_is_text_in_canonical_form() throws IOException {
        ask("GET", "pod/uuid").assertIs(200, TEXT, uuid.toString());
    }

    @Test
    void h3_the_annotations_of_the_pod_are_a_list() throws IOException {
        ask("GET", "pod/annotations").assertIs(200, JSON, "[{\"name\":\"ip-address\",\"value\":\"10.1.2.3\"}]");
    }

    @Test
    void h4_the_manifest_of_the_pod_names_every_image_by_its_id_also_of_apps_that_came_later() throws IOException {
        Answer answer = ask("GET", "pod/manifest");
        answer.assertIs(200, JSON, answer.body());
        PodManifest manifest =
                PodManifest.read(answer.body().getBytes(StandardCharsets.UTF_8)).requireReified();
        assertEquals(
                List.of("web", "later"),
                manifest.apps().stream().map(app -> app.name().value()).toList());
        assertEquals(image.id(), manifest.apps().getFirst().image().id().orElseThrow());
    }

    @Test
    void h5_an_annotation_of_the_pods_app_wins_over_the_images() throws IOException {
        ask("GET", "apps/web/annotations")
                .assertIs(
                        200,
                        JSON,
                        "[{\"name\":\"authors\",\"value\":\"Pod\"},"
                                + "{\"name\":\"homepage\",\"value\":\"https://example.com/\"}]");
    }

    @Test
    void h6_the_manifest_of_an_image_is_what_its_author_wrote() throws IOException {
        ask("GET", "apps/web/image/manifest").assertIs(200, JSON, MetadataNode.MANIFEST);
    }

    @Test
    void h7_the_id_of_an_image_is_text() throws IOException {
        ask("GET", "apps/web/image/id").assertIs(200, TEXT, image.id().toString());
    }

    @Test
    void a_single_annotation_can_be_asked_for_as_with_rkt() throws IOException {
        ask("GET", "apps/web/annotations/homepage").assertIs(200, "text/plain; charset=utf-8", "https://example.com/");
        ask("GET", "pod/annotations/ip%2Daddress").assertIs(200, "text/plain; charset=utf-8", "10.1.2.3");
        assertEquals(404, ask("GET", "pod/annotations/none").status());
        assertEquals(400, ask("GET", "pod/annotations/%zz").status());
    }

    @Test
    void head_gets_what_get_gets_but_for_the_body() throws IOException {
        Answer answer = ask("HEAD", "pod/uuid");
        assertEquals("", answer.body());
        assertTrue(answer.head().contains("Content-Length: 36\r\n"), answer.head());
    }

    // --- H8, H9

    @Test
    void h8_a_signature_is_hmac_sha512_over_uuid_and_content_by_a_key_of_the_pods_own()
            throws IOException, GeneralSecurityException {
        String signature = sign(uuid, "a+b%26c%00%ff");
        byte[] node = Files.readAllBytes(directory.resolve("identity.key"));
        byte[] name = ByteBuffer.allocate(16)
                .putLong(uuid.value().getMostSignificantBits())
                .putLong(uuid.value().getLeastSignificantBits())
                .array();
        var mac = Mac.getInstance("HmacSHA512");
        mac.init(new SecretKeySpec(node, "HmacSHA512"));
        mac.init(new SecretKeySpec(mac.doFinal(name), "HmacSHA512"));
        mac.update(name);
        mac.update(new byte[] {'a', ' ', 'b', '&', 'c', 0, (byte) 0xff});
        assertEquals(Base64.getEncoder().encodeToString(mac.doFinal()), signature);
    }

    @Test
    void h9_any_pod_can_verify_what_another_has_signed_and_nothing_else() throws IOException {
        PodUuid other = PodUuid.random();
        String signature = sign(other, "hello");
        verify(other, "hello", signature).assertIs(200, TEXT, "");
        assertEquals(403, verify(uuid, "hello", signature).status());
        assertEquals(403, verify(other, "hello!", signature).status());
        assertEquals(403, verify(other, "hello", sign(uuid, "hello")).status());
        assertEquals(403, verify(other, "hello", "AAAA").status());
        assertNotEquals(signature, sign(uuid, "hello"));
    }

    @Test
    void signatures_outlive_the_process_and_only_its_owner_can_read_the_key() throws IOException {
        String signature = sign(uuid, "hello");
        service = PodMetadata.of(directory, store);
        assertEquals(signature, sign(uuid, "hello"));
        verify(uuid, "hello", signature).assertIs(200, TEXT, "");
        Path key = directory.resolve("identity.key");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
        assertEquals(64, Files.size(key));
    }

    @Test
    void many_who_ask_first_get_one_key() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            var keys = IntStream.range(0, 32)
                    .mapToObj(_ -> threads.submit(() -> Base64.getEncoder()
                            .encodeToString(new NodeKey(directory.resolve("new/identity.key")).bytes())))
                    .toList();
            for (var key : keys) {
                assertEquals(keys.getFirst().get(), key.get());
            }
        }
        try (var files = Files.list(directory.resolve("new"))) {
            assertEquals(List.of(directory.resolve("new/identity.key")), files.toList());
        }
    }

    @Test
    void a_damaged_key_signs_nothing() throws IOException {
        Files.write(directory.resolve("identity.key"), new byte[63]);
        Answer answer = post(uuid, "sign", "content=hello");
        assertEquals(500, answer.status());
        assertEquals("the node cannot tell\n", answer.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sign   | body=hello | 400",
                "sign   | content= | 400",
                "sign   | content=%4 | 400",
                "verify | content=a&uuid=b&signature=AAAA | 400",
                "verify | content=a&signature=AAAA | 400",
                "verify | content=a&uuid=6733c088-a507-4694-aabf-edce4fc5266f&signature=! | 400",
                "verify | content=a&uuid=6733c088-a507-4694-aabf-edce4fc5266f | 400",
                "verify | content=a&uuid=6733c088-a507-4694-aabf-edce4fc5266f&signature=AAAA | 403",
                "forge  | content=a | 404",
            })
    void a_form_that_is_not_as_it_should_be_is_refused(String path, String body, int status) throws IOException {
        assertEquals(status, post(uuid, path, body).status());
    }
}
