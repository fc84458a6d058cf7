package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.aci.Aci;
import io.aestus.aci.Compression;
import io.aestus.fetch.TestProxy;
import io.aestus.trust.GpgHome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a repository over TLS, reached through a proxy under the name of example.com, with keys of a real GnuPG. */
@Tag("host")
class FetchCommandTest {
    private static final String NAME = "example.com/shop/web";

    private static GpgHome gpg;
    private static String fingerprint;
    private static Aci image;

    @TempDir
    Path dir;

    private Shell shell;
    private Path published;
    private RepositoryServer server;
    private TestProxy proxy;

    @BeforeAll
    static void makeImage() {
        gpg = new GpgHome();
        fingerprint = gpg.key("Shop <shop@example.com>", "ed25519");
        image = Aci.named(NAME).version("2.1.0").file("bin/web", "hello");
    }

    @AfterAll
    static void closeGpg() throws IOException, InterruptedException {
        gpg.close();
    }

    @BeforeEach
    void publish() throws IOException {
        published = Files.createDirectory(dir.resolve("published"));
        byte[] aci = image.compressed(Compression.GZIP);
        Files.write(published.resolve("web.aci"), aci);
        Files.write(published.resolve("web.aci.asc"), gpg.sign(aci, fingerprint, "--armor"));
        Files.write(published.resolve("keys.asc"), gpg.export(fingerprint));
        var certificate = RepositoryCertificate.selfSigned(List.of("example.com"));
        certificate.writeTo(dir.resolve("ca.pem"));
        server = RepositoryServer.start(
                new RepositoryIndex(published, _ -> {}),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                certificate,
                _ -> {});
        proxy = new TestProxy(server.port());
        shell = new Shell(dir).with("HTTPS_PROXY", proxy.url());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    private String ca() {
        return "--ca-file=" + dir.resolve("ca.pem");
    }

    private Shell.Result fetch(String... words) {
        var all = new java.util.ArrayList<>(List.of(ca(), "fetch"));
        all.addAll(List.of(words));
        return shell.run(all.toArray(String[]::new));
    }

    @Test
    void a_name_whose_key_is_trusted_is_found_fetched_and_verified() {
        shell.run(ca(), "trust", "--skip-review", "--prefix", "example.com/shop")
                .ok();
        assertEquals(image.id() + "\n", fetch("--full", NAME).ok());
        assertEquals(
                image.id().toString().substring(0, 39) + "\n",
                fetch("--store-only", NAME).ok());
        String json =
                fetch("--format=json", "--pull-policy=never", NAME + ":2.1.0").ok();
        assertTrue(json.contains("\"signers\":[\"" + fingerprint + "\"]"), json);
    }

    @Test
    void a_name_without_a_trusted_key_is_refused() {
        var result = fetch(NAME);
        assertTrue(result.fails(254).contains("aestus trust --prefix"), result.err());
        assertEquals("", result.out());
        assertEquals("[]\n", shell.run("image", "list", "--format=json").ok());
    }

    @Test
    void at_a_terminal_the_key_of_the_names_server_is_shown_and_taken_on_yes() {
        var refused = shell.answering("no\n", ca(), "fetch", NAME);
        assertTrue(refused.fails(254).contains("<shop@example.com>"), refused.err());
        var taken = shell.answering("yes\n", ca(), "fetch", "--full", NAME);
        assertEquals(image.id() + "\n", taken.ok());
        assertEquals(image.id() + "\n", fetch("--full", NAME).ok());
    }

    @Test
    void keys_over_https_are_taken_without_asking_if_the_user_says_so() {
        assertEquals(
                image.id() + "\n",
                shell.run(ca(), "--trust-keys-from-https", "fetch", "--full", NAME)
                        .ok());
    }

    @Test
    void a_key_by_url_is_trusted_after_the_review() {
        var result =
                shell.answering("yes\n", ca(), "trust", "--prefix", "example.com/shop", "https://example.com/keys.asc");
        assertTrue(result.ok().startsWith("Added key for prefix \"example.com/shop\" at "), result.out());
        assertTrue(
                result.err().contains("key from 'https://example.com/keys.asc', for example.com/shop\n"), result.err());
    }

    @Test
    void a_file_takes_the_signature_that_follows_it() throws IOException {
        shell.run(
                        "trust",
                        "--skip-review",
                        "--root",
                        published.resolve("keys.asc").toString())
                .ok();
        Path lone = Files.copy(published.resolve("web.aci"), dir.resolve("lone.aci"));
        assertFalse(fetch(lone.toString()).fails(254).isEmpty());
        String signature = published.resolve("web.aci.asc").toString();
        assertEquals(
                image.id() + "\n",
                fetch("--full", lone.toString(), "--signature", signature).ok());
        assertEquals(
                image.id() + "\n",
                fetch("--full", "--signature", signature, lone.toString()).ok());
        assertTrue(fetch("--signature", signature, lone.toString(), NAME)
                .fails(2)
                .startsWith("aestus: --signature must follow the image that it belongs to\n"));
    }

    @Test
    void words_that_do_not_go_together_are_refused() {
        assertTrue(fetch().fails(2).startsWith("aestus: no image is named\n"));
        assertTrue(fetch("--store-only", "--no-store", NAME)
                .fails(2)
                .startsWith("aestus: --store-only and --no-store exclude each other\n"));
        assertTrue(fetch("--pull-policy=sometimes", NAME).fails(2).contains("expected new, update or never"));
        assertTrue(fetch("--pull-policy=never", NAME).fails(254).contains("it is not in the store"));
        assertTrue(fetch("--help").ok().contains("Usage: aestus fetch"));
    }
}
