package io.aestus.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.Environment;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.executor.Executor;
import io.aestus.executor.ExecutorConfig;
import io.aestus.executor.LogQuery;
import io.aestus.executor.NativeStage1;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodOptions.NetworkMode;
import io.aestus.executor.PodSpec;
import io.aestus.executor.StopOptions;
import io.aestus.executor.StoreTrees;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The metadata service as real apps see it. The numbers are those of the requirements of the specification's section. */
@Tag("host")
@Timeout(120)
class MetadataHostTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int PORT = 18112;

    @TempDir
    Path directory;

    private ImageStore store;
    private StoredImage image;
    private Executor executor;

    @BeforeEach
    void open() throws IOException {
        store = MetadataNode.store(directory);
        image = MetadataNode.putBusybox(store);
        executor = executor(ExecutorConfig.Adoption.ON_DEMAND);
    }

    private Executor executor(ExecutorConfig.Adoption adoption) throws IOException {
        return Executor.open(
                ExecutorConfig.of(directory).withAdoption(adoption).withMetadata(PodMetadata.of(directory, store)),
                NativeStage1.open(directory, new StoreTrees(store), Clock.systemUTC()));
    }

    @AfterEach
    void close() {
        for (var pod : executor.list()) {
            executor.stop(pod.uuid(), StopOptions.NOW);
            executor.remove(pod.uuid());
        }
        executor.close();
        store.close();
    }

    // --- pods

    private PodUuid run(PodOptions options, String script) {
        var app = RuntimeApp.of(new AcName("web"), RuntimeImage.of(image.id()))
                .withAnnotations(MetadataNode.annotations(Map.of("authors", "Pod")))
                .withApp(App.running(List.of(
                                "/bin/busybox",
                                "sh",
                                "-c",
                                "ask() { busybox wget -q -O - \"$AC_METADATA_URL/acMetadata/v1/$@\"; echo; };"
                                        + script))
                        .build());
        return executor.run(PodSpec.of(PodManifest.of(app)).withOptions(options));
    }

    /** What an app of a pod writes until it ends. */
    private List<String> output(PodUuid pod) throws InterruptedException {
        assertTrue(executor.waitFor(pod, new AcName("web"), SOON).isPresent(), "the app goes on");
        return lines(pod, Integer.MAX_VALUE);
    }

    private List<String> lines(PodUuid pod, int count) throws InterruptedException {
        var lines = new ArrayList<String>();
        try (var reader =
                executor.log(pod, new AcName("web")).read(LogQuery.all().following())) {
            while (lines.size() < count && !reader.atEnd()) {
                reader.next(SOON).ifPresent(line -> lines.add(new String(line.text(), StandardCharsets.UTF_8)));
            }
        }
        return lines;
    }

    /** A pod that tells its URL and stays. */
    private URI staying(PodOptions options) throws InterruptedException {
        PodUuid pod = run(options, "echo $AC_METADATA_URL; exec busybox sleep 1000");
        return URI.create(lines(pod, 1).getFirst());
    }

    private PodUuid newest() {
        return executor.list().getLast().uuid();
    }

    /** What is answered to a process that is in the network of {@code pod}. */
    private String ask(Executor through, PodUuid pod, int port, String path) throws IOException {
        try (SocketChannel socket = through.connect(pod, port, SOON)) {
            return ask(socket, path);
        }
    }

    private static String ask(SocketChannel socket, String path) throws IOException {
        socket.write(ByteBuffer.wrap(MetadataNode.ascii("GET " + path + "/acMetadata/v1/pod/uuid HTTP/1.0\r\n\r\n")));
        return new String(Channels.newInputStream(socket).readAllBytes(), StandardCharsets.US_ASCII);
    }

    private static void assertTells(PodUuid pod, String answer) {
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n") && answer.endsWith("\r\n\r\n" + pod), answer);
    }

    // --- tests

    @Test
    void h1_to_h9_an_app_asks_all_there_is() throws Exception {
        PodUuid pod = run(PodOptions.DEFAULT, """
                echo $AC_APP_NAME $AC_METADATA_URL
                ask pod/uuid
                ask pod/annotations
                ask apps/$AC_APP_NAME/annotations
                ask apps/$AC_APP_NAME/image/id
                ask pod/manifest
                signature=$(ask pod/hmac/sign --post-data content=hello)
                echo ${#signature}
                encoded=$(echo $signature | busybox sed 's/+/%2B/g; s:/:%2F:g')
                ask pod/hmac/verify --post-data "content=hello&uuid=$(ask pod/uuid)&signature=$encoded" && echo good
                ask pod/hmac/verify --post-data "content=other&uuid=$(ask pod/uuid)&signature=$encoded" 2>&1
                ask apps/$AC_APP_NAME/image/manifest
                """);
        List<String> said = output(pod).stream()
                .filter(line -> !line.isBlank())
                .toList(); // some wget end what they print, some do not
        String[] first = said.getFirst().split(" ", -1);
        assertEquals("web", first[0]);
        assertTrue(first[1].matches("http://127\\.0\\.0\\.1:" + PORT + "/[0-9a-f]{32}"), first[1]);
        assertFalse(first[1].contains(pod.toString().replace("-", "")), first[1]);
        assertEquals(pod.toString(), said.get(1));
        assertEquals("[]", said.get(2));
        assertEquals(
                "[{\"name\":\"authors\",\"value\":\"Pod\"},{\"name\":\"homepage\",\"value\":\"https://example.com/\"}]",
                said.get(3));
        assertEquals(image.id().toString(), said.get(4));
        assertTrue(
                PodManifest.read(said.get(5).getBytes(StandardCharsets.UTF_8)).isReified());
        assertEquals("88", said.get(6));
        assertEquals(List.of("good", "wget: server returned error: HTTP/1.1 403 Forbidden"), said.subList(7, 9));
        assertEquals(MetadataNode.MANIFEST.strip(), String.join("\n", said.subList(9, said.size())));
    }

    @Test
    void a_pod_cannot_ask_as_another_one() throws Exception {
        URI one = staying(PodOptions.DEFAULT);
        PodUuid first = newest();
        URI other = staying(PodOptions.DEFAULT);
        PodUuid second = newest();
        assertTells(first, ask(executor, first, PORT, one.getPath()));
        assertTells(second, ask(executor, second, PORT, other.getPath()));
        String refused = ask(executor, second, PORT, one.getPath());
        assertTrue(refused.startsWith("HTTP/1.1 403 Forbidden\r\n"), refused);
    }

    @Test
    void with_the_hosts_network_the_token_is_all_that_protects() throws Exception {
        URI url = staying(PodOptions.DEFAULT.withNetwork(NetworkMode.HOST));
        URI other = staying(PodOptions.DEFAULT.withNetwork(NetworkMode.HOST));
        PodUuid second = newest();
        try (var socket =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), other.getPort()))) {
            assertTells(second, ask(socket, other.getPath()));
        }
        try (var socket =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), other.getPort()))) {
            assertTrue(ask(socket, url.getPath()).startsWith("HTTP/1.1 403 Forbidden\r\n"));
        }
        executor.stop(second, StopOptions.NOW);
        assertThrows(IOException.class, () -> new Socket(InetAddress.getLoopbackAddress(), other.getPort()).close());
    }

    @Test
    void who_asks_while_nobody_looks_after_the_pod_is_answered_by_the_next_one_who_does() throws Exception {
        URI url = staying(PodOptions.DEFAULT);
        PodUuid pod = newest();
        executor.close();
        try (var onlooker = executor(ExecutorConfig.Adoption.ON_DEMAND);
                SocketChannel waiting = onlooker.connect(pod, PORT, SOON)) {
            executor = executor(ExecutorConfig.Adoption.ALL);
            assertTells(pod, ask(waiting, url.getPath()));
        }
        assertTells(pod, ask(executor, pod, PORT, url.getPath()));
    }

    @Test
    void apps_that_are_started_later_and_by_another_owner_are_told_the_same_url() throws Exception {
        URI url = staying(PodOptions.DEFAULT.withLife(PodOptions.Life.UNTIL_STOPPED));
        PodUuid pod = newest();
        executor.close();
        executor = executor(ExecutorConfig.Adoption.ON_DEMAND);
        executor.stopApp(pod, new AcName("web"), StopOptions.NOW);
        executor.startApp(pod, new AcName("web"));
        assertEquals(List.of(url.toString(), url.toString()), lines(pod, 2));
        assertTells(pod, ask(executor, pod, PORT, url.getPath()));
    }

    @Test
    void a_pod_that_does_not_want_it_has_none() throws Exception {
        PodUuid pod = run(PodOptions.DEFAULT.withMetadata(PodOptions.Metadata.NONE), "echo url:$AC_METADATA_URL");
        assertEquals(List.of("url:"), output(pod));
    }

    @Test
    void an_image_cannot_lead_its_app_to_another_service() throws Exception {
        var app = RuntimeApp.of(new AcName("web"), RuntimeImage.of(image.id()))
                .withApp(App.running(List.of("/bin/busybox", "sh", "-c", "echo $AC_METADATA_URL"))
                        .environment(Environment.NONE.with("AC_METADATA_URL", "http://evil.example.com"))
                        .build());
        String url = output(executor.run(PodSpec.of(PodManifest.of(app)))).getFirst();
        assertTrue(url.startsWith("http://127.0.0.1:" + PORT + "/"), url);
    }

    @Test
    void only_root_can_read_the_token_on_disk() throws Exception {
        staying(PodOptions.DEFAULT);
        Path pod = directory.resolve("pods/" + newest());
        for (String record : List.of("pod.json", "apps/web/app.json")) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(pod.resolve(record))),
                    record);
        }
    }
}
