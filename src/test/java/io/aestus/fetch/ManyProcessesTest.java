package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AcIdentifier;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.testing.PackedProgram;
import io.aestus.trust.KeyStore;
import io.aestus.trust.OpenPgpKey;
import io.aestus.trust.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes over one store. */
@Tag("host")
class ManyProcessesTest {
    private static final TestAuthority AUTHORITY = new TestAuthority();
    private static final TestImage WEB = TestImage.named("example.com/web").file("big", Fast.bytes(2_000_000, 3));

    @TempDir
    Path dir;

    private final TestSigner signer = new TestSigner();

    /** What each process runs: fetches a URL into a store and prints the ID. */
    public static void main(String[] args) throws IOException {
        Path dir = Path.of(args[0]);
        var keys = KeyStore.open(List.of(dir.resolve("keys")), InstantSource.system());
        try (var store = ImageStore.open(StoreLayout.of(dir.resolve("data")))) {
            var config = Fast.trusting(dir.resolve("ca.pem"));
            var fetcher = new ImageFetcher(store, keys, config, InstantSource.system(), Site.PLATFORM);
            var policy = FetchPolicy.STANDARD.pulling(PullPolicy.UPDATE);
            System.out.println(fetcher.fetch(ImageReference.parse(args[1]), policy, Progress.NONE)
                    .id());
        } catch (AestusException e) {
            System.out.println(e.message());
        }
    }

    private Process start(String url) throws IOException {
        var command = new ArrayList<>(PackedProgram.of(ManyProcessesTest.class));
        command.addAll(List.of(dir.toString(), url));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private TestServer serve() throws IOException {
        AUTHORITY.writeTo(dir.resolve("ca.pem"));
        KeyStore.open(List.of(dir.resolve("keys")), InstantSource.system())
                .add(
                        new Scope.Prefix(AcIdentifier.parse("example.com")),
                        OpenPgpKey.readAll(signer.publicKey(), "key").getFirst());
        return TestServer.https(AUTHORITY.serverFor("localhost")).serves("/x.aci.asc", signer.sign(WEB.aci()));
    }

    private static String output(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return output.strip();
    }

    @Test
    void two_processes_that_want_one_image_download_it_once() throws Exception {
        try (TestServer server = serve()) {
            var content = new TestContent(WEB.aci(), "\"one\"");
            server.on("/x.aci", content);
            var processes = new ArrayList<Process>();
            for (int i = 0; i < 2; i++) {
                processes.add(start(server.url("/x.aci").toString()));
            }
            for (Process process : processes) {
                assertEquals(WEB.id().toString(), output(process));
            }
            assertEquals(1, content.bodies());
        }
    }

    @Test
    void what_a_killed_process_received_is_not_fetched_again() throws Exception {
        try (TestServer server = serve()) {
            var content = new TestContent(WEB.aci(), "\"one\"");
            var half = new CountDownLatch(1);
            var gate = new CountDownLatch(1);
            var requests = new AtomicInteger();
            server.on("/x.aci", exchange -> {
                if (requests.getAndIncrement() > 0) {
                    content.handle(exchange);
                    return;
                }
                exchange.getResponseHeaders().set("ETag", "\"one\"");
                exchange.sendResponseHeaders(200, WEB.aci().length);
                exchange.getResponseBody().write(WEB.aci(), 0, 1_000_000);
                exchange.getResponseBody().flush();
                half.countDown();
                held(gate);
            });
            String url = server.url("/x.aci").toString();
            Process victim = start(url);
            assertTrue(half.await(60, TimeUnit.SECONDS));
            awaitBytes(500_000);
            victim.destroyForcibly().waitFor();
            gate.countDown();
            assertEquals(WEB.id().toString(), output(start(url)));
            String range = server.requestsFor("/x.aci").getLast().header("Range");
            assertTrue(range.matches("bytes=[5-9]\\d{5}-|bytes=1000000-"), range);
        }
    }

    private void awaitBytes(long count) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (received().orElse(0L) < count) {
            assertTrue(System.nanoTime() < deadline, "only " + received() + " bytes arrived");
            Thread.onSpinWait();
        }
    }

    private Optional<Long> received() throws IOException {
        Path downloads = dir.resolve("data/downloads");
        if (!Files.isDirectory(downloads)) {
            return Optional.empty();
        }
        try (var files = Files.list(downloads)) {
            return files.filter(file -> !file.getFileName().toString().contains("."))
                    .findFirst()
                    .map(file -> file.toFile().length());
        }
    }

    private static void held(CountDownLatch gate) {
        try {
            assertTrue(gate.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
