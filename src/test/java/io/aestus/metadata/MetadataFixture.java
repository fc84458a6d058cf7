package io.aestus.metadata;

import static io.aestus.metadata.MetadataNode.ascii;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import io.aestus.json.JsonObject;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A metadata service of one pod, asked without a network between. */
abstract class MetadataFixture {
    static final String TOKEN = "0123456789abcdef0123456789abcdef";
    static final String TEXT = "text/plain; charset=us-ascii";
    static final String JSON = "application/json";

    @TempDir
    Path directory;

    ImageStore store;
    StoredImage image;
    PodMetadata service;
    final PodUuid uuid = PodUuid.random();

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

    PodStatus pod(PodUuid pod) {
        var app = RuntimeApp.of(new AcName("web"), RuntimeImage.of(image.id()))
                .withAnnotations(MetadataNode.annotations(Map.of("authors", "Pod")));
        var manifest = PodManifest.of(app).withAnnotations(MetadataNode.annotations(Map.of("ip-address", "10.1.2.3")));
        return new PodStatus(
                pod,
                manifest,
                PodOptions.DEFAULT,
                Instant.EPOCH,
                new PodState.Running(Instant.EPOCH, 1),
                false,
                "native",
                List.of(),
                List.of(),
                List.of(status("web", app), status("later", RuntimeApp.of(new AcName("later"), app.image()))));
    }

    AppStatus status(String name, RuntimeApp app) {
        return new AppStatus(
                new AcName(name),
                image.id(),
                app,
                AppOptions.DEFAULT,
                Instant.EPOCH,
                new AppState.Created(),
                0,
                Optional.empty(),
                false,
                Optional.empty(),
                false,
                directory,
                List.of(),
                JsonObject.EMPTY);
    }

    /** An answer, taken apart. */
    record Answer(int status, String head, String body) {
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

    String say(PodUuid pod, byte[] request) throws IOException {
        var out = new ByteArrayOutputStream();
        service.answer(new MetadataService.Caller(pod(pod), TOKEN, new ByteArrayInputStream(request), out));
        return out.toString(StandardCharsets.UTF_8);
    }

    Answer ask(String method, String path) throws IOException {
        return Answer.of(say(
                uuid,
                ascii(method + " /" + TOKEN + "/acMetadata/v1/" + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")));
    }

    Answer post(PodUuid pod, String path, String body) throws IOException {
        return Answer.of(say(
                pod,
                ascii("POST /" + TOKEN + "/acMetadata/v1/pod/hmac/" + path + " HTTP/1.1\r\nHost: x\r\n"
                        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + body.length()
                        + "\r\n\r\n"
                        + body)));
    }

    String sign(PodUuid pod, String content) throws IOException {
        Answer answer = post(pod, "sign", "content=" + content);
        answer.assertIs(200, TEXT, answer.body());
        return answer.body();
    }

    Answer verify(PodUuid signer, String content, String signature) throws IOException {
        return post(
                uuid,
                "verify",
                "content=" + content + "&uuid=" + signer + "&signature="
                        + URLEncoder.encode(signature, StandardCharsets.UTF_8));
    }
}
