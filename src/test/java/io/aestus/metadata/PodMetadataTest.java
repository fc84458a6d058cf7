package io.aestus.metadata;

import static io.aestus.metadata.MetadataNode.ascii;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.executor.AppOptions;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.MetadataService;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked and what is answered. The numbers are those of the requirements of the specification's section. */
class PodMetadataTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    private static final String TEXT = "text/plain; charset=us-ascii";
    private static final String JSON = "application/json";

    @TempDir
    Path directory;

    private ImageStore store;
    private StoredImage image;
    private PodMetadata service;
    private final PodUuid uuid = PodUuid.random();

    @BeforeEach
    void open() throws IOException {
        store = MetadataNode.store(directory);
        image = MetadataNode.put(store, files -> files);
        service = PodMetadata.of(directory, store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    // --- the pod

    private PodStatus pod(PodUuid pod) {
        var app = RuntimeApp.of(new AcName("web"), RuntimeImage.of(image.id()))
                .withAnnotations(MetadataNode.annotations(Map.of("authors", "Pod")));
        var manifest = PodManifest.of(app).withAnnotations(MetadataNode.annotations(Map.of("ip-address", "10.1.2.3")));
        return new PodStatus(
                pod,
                manifest,
                PodOptions.DEFAULT,
                Instant.EPOCH,
                new PodState.Running(Instant.EPOCH, 1),
                List.of(),
                List.of(),
                List.of(status("web", app), status("later", RuntimeApp.of(new AcName("later"), app.image()))));
    }

    private AppStatus status(String name, RuntimeApp app) {
        return new AppStatus(
                new AcName(name),
                image.id(),
                app,
                AppOptions.DEFAULT,
                Instant.EPOCH,
                new AppState.Created(),
                0,
                directory,
                List.of());
    }

    /** An answer, taken apart. */
    private record Answer(int status, String head, String body) {
        static Answer of(String whole) {
            int end = whole.indexOf("\r\n\r\n");
            assertTrue(whole.startsWith("HTTP/1.1 "), whole);
            return new Answer(
                    Integer.parseInt(whole.substring(9, 12)), whole.substring(0, end + 2), whole.substring(end + 4));
        }

        void assertIs(int expected, String type, String text) {
            assertEquals(expected + " " + text, status + " " + body);
            assertTrue(head.contains("\r\nContent-Type: " + type + "\r\n"), head);
            assertTrue(
                    head.contains("\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n"),
                    head);
        }
    }

    private String say(PodUuid pod, byte[] request) throws IOException {
        var out = new ByteArrayOutputStream();
        service.answer(new MetadataService.Caller(pod(pod), TOKEN, new ByteArrayInputStream(request), out));
        return out.toString(StandardCharsets.UTF_8);
    }

    private Answer ask(String method, String path) throws IOException {
        return Answer.of(say(
                uuid,
                ascii(method + " /" + TOKEN + "/acMetadata/v1/" + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")));
    }

    private Answer post(PodUuid pod, String path, String body) throws IOException {
        return Answer.of(say(
                pod,
                ascii("POST /" + TOKEN + "/acMetadata/v1/pod/hmac/" + path + " HTTP/1.1\r\nHost: x\r\n"
                        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + body.length()
                        + "\r\n\r\n"
                        + body)));
    }

    private String sign(PodUuid pod, String content) throws IOException {
        Answer answer = post(pod, "sign", "content=" + content);
        answer.assertIs(200, TEXT, answer.body());
        return answer.body();
    }

    private Answer verify(PodUuid signer, String content, String signature) throws IOException {
        return post(
                uuid,
                "verify",
                "content=" + content + "&uuid=" + signer + "&signature="
                        + URLEncoder.encode(signature, StandardCharsets.UTF_8));
    }

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

    // --- what there is not

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pod",
                "pod/",
                "pod/uuid/",
                "pod/uuids",
                "apps",
                "apps/",
                "apps/web",
                "apps/other/image/id",
                "apps/WEB/image/id",
                "apps/../image/id",
                "apps/web/image",
                "apps/web/image/id/x",
                "../v1/pod/uuid"
            })
    void what_there_is_not_is_not_found(String path) throws IOException {
        assertEquals(404, ask("GET", path).status());
    }

    @ParameterizedTest
    @CsvSource({
        "POST,pod/uuid,'GET, HEAD'", "PUT,pod/manifest,'GET, HEAD'", "DELETE,pod/annotations,'GET, HEAD'",
        "POST,apps/web/image/id,'GET, HEAD'", "GET,pod/hmac/sign,POST", "HEAD,pod/hmac/verify,POST"
    })
    void a_wrong_method_hears_the_right_ones(String method, String path, String allowed) throws IOException {
        Answer answer = ask(method, path);
        assertEquals(405, answer.status());
        assertTrue(answer.head().contains("\r\nAllow: " + allowed + "\r\n"), answer.head());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "//",
                "/acMetadata/v1/pod/uuid",
                "/0123456789abcdef0123456789abcdee/acMetadata/v1/pod/uuid",
                "/0123456789abcdef0123456789abcde/acMetadata/v1/pod/uuid",
                "/x/0123456789abcdef0123456789abcdef"
            })
    void h1_nothing_is_told_without_the_token(String path) throws IOException {
        Answer answer = Answer.of(say(uuid, ascii("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")));
        assertEquals(403, answer.status());
        assertEquals("this is not the token of the pod\n", answer.body());
    }

    // --- hostile requests

    private static final String GET = "GET /" + TOKEN + "/acMetadata/v1/pod/uuid ";
    private static final String POST = "POST /" + TOKEN + "/acMetadata/v1/pod/hmac/sign HTTP/1.1\r\nHost: x\r\n";
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";

    private void assertStatus(int status, String request) throws IOException {
        assertEquals(
                status,
                Answer.of(say(uuid, request.getBytes(StandardCharsets.ISO_8859_1)))
                        .status(),
                request);
    }

    @Test
    void requests_that_break_the_rules_of_http_are_refused() throws IOException {
        assertStatus(200, GET + "HTTP/1.0\r\n\r\n");
        assertStatus(200, GET + "HTTP/1.1\nHost: x\n\n");
        assertStatus(200, GET.replace("/0", "http://169.254.0.1/0") + "HTTP/1.1\r\nHost: x\r\n\r\n");
        assertStatus(200, GET.strip() + "?x=1 HTTP/1.1\r\nhOST:\tx \r\nMetadata-Flavor: AppContainer\r\n\r\n");
        assertStatus(400, "hello\r\n");
        assertStatus(400, "\0\0\0\0\r\n");
        assertStatus(400, "get / HTTP/1.1\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\nHost : x\r\n\r\n");
        assertStatus(400, GET + "HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n");
        assertStatus(400, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
        assertStatus(505, GET + "HTTP/2.0\r\n\r\n");
        assertStatus(414, "GET /" + "a".repeat(9000) + " HTTP/1.1\r\n\r\n");
        assertStatus(431, GET + "HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(20000) + "\r\n\r\n");
        assertStatus(431, GET + "HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n".repeat(64) + "\r\n");
    }

    @Test
    void bodies_must_say_what_they_are() throws IOException {
        assertStatus(411, POST + FORM + "\r\n");
        assertStatus(411, POST + FORM + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        assertStatus(411, POST + FORM + "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\ncontent=a");
        assertStatus(400, POST + FORM + "Content-Length: 9\r\nContent-Length: 8\r\n\r\ncontent=a");
        assertStatus(400, POST + FORM + "Content-Length: -1\r\n\r\n");
        assertStatus(400, POST + FORM + "Content-Length: 99999999999999999999\r\n\r\n");
        assertStatus(413, POST + FORM + "Content-Length: 1048577\r\n\r\n" + "a".repeat(1048577));
        assertStatus(415, POST + "Content-Length: 9\r\n\r\ncontent=a");
        assertStatus(415, POST + "Content-Type: application/json\r\nContent-Length: 9\r\n\r\ncontent=a");
        assertStatus(200, POST + FORM.replace("\r", "; charset=UTF-8\r") + "Content-Length: 9\r\n\r\ncontent=a");
        assertStatus(200, POST + FORM + "Content-Length: 1048576\r\n\r\ncontent=" + "a".repeat(1048568));
    }

    @Test
    void who_waits_is_told_to_go_on_unless_his_body_would_be_refused() throws IOException {
        String waits = "Expect: 100-continue\r\n";
        String said = say(uuid, ascii(POST + FORM + waits + "Content-Length: 9\r\n\r\ncontent=a"));
        assertTrue(said.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), said);
        assertStatus(413, POST + FORM + waits + "Content-Length: 1048577\r\n\r\n");
    }

    @Test
    void who_goes_away_gets_nothing() throws IOException {
        assertEquals("", say(uuid, new byte[0]));
        for (String part :
                List.of("GE", GET, GET + "HTTP/1.1\r\nHost: x\r\n", POST + FORM + "Content-Length: 9\r\n\r\ncont")) {
            assertThrows(IOException.class, () -> say(uuid, ascii(part)), part);
        }
    }
}
