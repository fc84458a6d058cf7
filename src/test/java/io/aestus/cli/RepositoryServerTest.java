package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.AcIdentifier;
import io.aestus.fetch.Credentials;
import io.aestus.fetch.FetchConfig;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.KeyAcceptance;
import io.aestus.fetch.Progress;
import io.aestus.fetch.Proxies;
import io.aestus.fetch.PublishedKeys;
import io.aestus.fetch.PullPolicy;
import io.aestus.fetch.TestImage;
import io.aestus.fetch.TestProxy;
import io.aestus.fetch.TestSigner;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore.TrustedCertificateEntry;
import java.security.cert.CertificateFactory;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("host")
class RepositoryServerTest {
    private static final TestImage OLD = TestImage.named("example.com/web").label("version", "1.9");
    private static final TestImage NEW = TestImage.named("example.com/web").label("version", "1.10");

    @TempDir
    Path dir;

    private final TestSigner signer = new TestSigner();
    private Path published;
    private Path ca;
    private RepositoryServer server;

    @BeforeEach
    void publish() throws IOException {
        published = Files.createDirectory(dir.resolve("published"));
        add("old.aci", OLD);
        add("new.aci", NEW);
        Files.write(published.resolve("publisher.asc"), signer.publicKey());
        Files.writeString(published.resolve("secret.txt"), "not for the world");
        Files.writeString(published.resolve("broken.aci"), "no archive");
        var index = new RepositoryIndex(published, _ -> {});
        var certificate = RepositoryCertificate.selfSigned(List.of("example.com", "localhost"));
        ca = dir.resolve("ca.pem");
        certificate.writeTo(ca);
        server = RepositoryServer.start(
                index, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), certificate, _ -> {});
    }

    private void add(String file, TestImage image) throws IOException {
        Files.write(published.resolve(file), image.aci());
        Files.write(published.resolve(file + ".asc"), signer.sign(image.aci()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void an_image_is_discovered_verified_and_fetched_with_nothing_but_the_certificate() throws IOException {
        try (var proxy = new TestProxy(server.port());
                var store = ImageStore.open(StoreLayout.of(dir.resolve("data")))) {
            var config = new FetchConfig(
                    Optional.of(ca), Credentials.NONE, Proxies.of(Map.of("HTTPS_PROXY", proxy.url())), "test");
            var keys = KeyStore.open(List.of(dir.resolve("keys")), InstantSource.system());
            var fetcher = new ImageFetcher(store, keys, config);
            var policy = FetchPolicy.STANDARD.accepting(KeyAcceptance.FROM_HTTPS);
            assertEquals(
                    OLD.id(),
                    fetcher.fetch(ImageReference.parse("example.com/web:1.9"), policy, Progress.NONE)
                            .id());
            var latest = policy.pulling(PullPolicy.UPDATE);
            assertEquals(
                    NEW.id(),
                    fetcher.fetch(ImageReference.parse("example.com/web"), latest, Progress.NONE)
                            .id());
            var published = new PublishedKeys(config, policy);
            List<URI> places = published.places(AcIdentifier.parse("example.com"));
            assertEquals(List.of(URI.create("https://example.com/publisher.asc")), places);
            assertEquals(
                    signer.fingerprint(),
                    published.read(places.getFirst()).getFirst().fingerprint().toString());
        }
    }

    @Test
    void only_what_belongs_to_a_repository_is_published() throws IOException {
        assertEquals(200, open("/old.aci", Map.of()).getResponseCode());
        assertEquals(200, open("/publisher.asc", Map.of()).getResponseCode());
        for (String path : List.of("/secret.txt", "/../ca.pem", "/%2e%2e/ca.pem", "/published", "/nothing.aci")) {
            assertEquals(404, open(path, Map.of()).getResponseCode(), path);
        }
        String page = new String(
                open("/", Map.of()).getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(page.contains("example.com/web:1.10"), page);
        assertFalse(page.contains("broken"), page);
    }

    @Test
    void parts_and_versions_of_a_file_can_be_asked_for() throws IOException {
        byte[] whole = OLD.aci();
        String etag = open("/old.aci", Map.of()).getHeaderField("ETag");
        var part = open("/old.aci", Map.of("Range", "bytes=10-", "If-Range", etag));
        assertEquals(206, part.getResponseCode());
        assertEquals("bytes 10-" + (whole.length - 1) + "/" + whole.length, part.getHeaderField("Content-Range"));
        assertArrayEquals(
                Arrays.copyOfRange(whole, 10, whole.length),
                part.getInputStream().readAllBytes());
        assertArrayEquals(
                Arrays.copyOfRange(whole, whole.length - 5, whole.length),
                open("/old.aci", Map.of("Range", "bytes=-5")).getInputStream().readAllBytes());
        assertArrayEquals(
                Arrays.copyOfRange(whole, 2, 4),
                open("/old.aci", Map.of("Range", "bytes=2-3")).getInputStream().readAllBytes());
        assertEquals(
                200,
                open("/old.aci", Map.of("Range", "bytes=10-", "If-Range", "\"other\""))
                        .getResponseCode());
        assertEquals(416, open("/old.aci", Map.of("Range", "bytes=99999999-")).getResponseCode());
        assertEquals(304, open("/old.aci", Map.of("If-None-Match", etag)).getResponseCode());
    }

    @Test
    void versions_are_compared_as_people_do() {
        for (var pair :
                List.of(List.of("1.9", "1.10"), List.of("1.0-rc1", "1.0"), List.of("1.0", "1.0.1"), List.of("", "0"))) {
            assertTrue(RepositoryIndex.compareVersions(pair.get(0), pair.get(1)) < 0, pair.toString());
            assertTrue(RepositoryIndex.compareVersions(pair.get(1), pair.get(0)) > 0, pair.toString());
        }
        assertEquals(0, RepositoryIndex.compareVersions("1.0", "1.0"));
    }

    private HttpsURLConnection open(String path, Map<String, String> headers) throws IOException {
        URL url = URI.create("https://localhost:" + server.port() + path).toURL();
        var connection = (HttpsURLConnection) url.openConnection(java.net.Proxy.NO_PROXY);
        connection.setSSLSocketFactory(trusting(ca).getSocketFactory());
        headers.forEach(connection::setRequestProperty);
        return connection;
    }

    private static SSLContext trusting(Path caFile) {
        try (var in = Files.newInputStream(caFile)) {
            var store = java.security.KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setEntry(
                    "ca",
                    new TrustedCertificateEntry(
                            CertificateFactory.getInstance("X.509").generateCertificate(in)),
                    null);
            var managers = TrustManagerFactory.getInstance("PKIX");
            managers.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
