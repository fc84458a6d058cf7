package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.oci.Digest;
import io.aestus.store.OciImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code hosts.toml} says of servers, to real ones. */
class HostsTomlTest extends PullsFromRegistry {
    private static final String NAME = "registry.example.com/web:1";
    private static final TestAuthority AUTHORITY = new TestAuthority();
    private static final TestAuthority STRANGER = new TestAuthority();

    private Path open(TestServer server) throws IOException {
        registry = TestRegistry.at(server).push("web", "1", web());
        Path dir = Files.createDirectories(temp.resolve("config/certs.d/registry.example.com"));
        AUTHORITY.writeTo(dir.resolve("ca.crt"));
        STRANGER.writeTo(dir.resolve("other.crt"));
        return dir;
    }

    private void says(String more) throws IOException {
        hosts("registry.example.com", "server = \"" + registry.server.url("") + "\"\n" + more);
    }

    private void comes() throws IOException {
        assertEquals(OciImages.idOf(web().config()), pull(NAME).id());
        store.remove(OciImages.idOf(web().config()));
    }

    @Test
    void a_server_may_want_to_know_who_we_are() throws IOException {
        Path dir = open(TestServer.httpsForClients(AUTHORITY.serverFor("localhost")));
        TestAuthority.Client client = AUTHORITY.client(dir);
        STRANGER.client(Files.createDirectories(dir.resolve("strangers")));
        Files.writeString(
                dir.resolve("both.pem"),
                Files.readString(client.traditional()) + Files.readString(client.certificate()));
        for (String value : List.of(
                "[[\"client.crt\", \"client.key\"]]",
                "[[\"client.crt\",\n  \"client-rsa.key\"], # one of two\n [\"strangers/client.crt\", \"strangers/client.key\"]]",
                "\"both.pem\"",
                "[\"both.pem\"]",
                "[[\"both.pem\", \"\"]]",
                "[[\"" + client.certificate() + "\", \"" + client.pkcs8() + "\"]]")) {
            says("ca = \"ca.crt\"\nclient = " + value);
            comes();
        }
        says("ca = \"ca.crt\"");
        assertThrows(AestusException.class, () -> pull(NAME), "nobody knows who asks");
        says("ca = \"ca.crt\"\nclient = [[\"strangers/client.crt\", \"strangers/client.key\"]]");
        assertThrows(AestusException.class, () -> pull(NAME), "a stranger");
        says("skip_verify = true\nclient = \"both.pem\"");
        comes();
        says("ca = \"ca.crt\"\nclient = \"none.pem\"");
        refused(NAME, Problem.INVALID, "none.pem");
        says("ca = \"ca.crt\"\nclient = \"client.crt\"");
        refused(NAME, Problem.INVALID, "client.crt: it holds none that needs no password");
        says("ca = \"ca.crt\"\nclient = [[\"a\", \"b\", \"c\"]]");
        refused(NAME, Problem.INVALID, "client must have files, or pairs");
    }

    @Test
    void a_server_is_checked_by_the_authorities_that_it_has() throws IOException {
        open(TestServer.https(AUTHORITY.serverFor("localhost")));
        says("ca = \"ca.crt\"");
        comes();
        says("ca = [\"other.crt\", \"ca.crt\"]");
        comes();
        says("ca = \"other.crt\"");
        assertThrows(AestusException.class, () -> pull(NAME));
        says("");
        assertThrows(AestusException.class, () -> pull(NAME));
        says("ca = true");
        refused(NAME, Problem.INVALID, "the key 'ca' must have a string or an array");
    }

    @Test
    void what_the_file_says_on_top_is_for_the_registry_itself() throws IOException {
        TestServer server = TestServer.https(AUTHORITY.serverFor("localhost"));
        registry = TestRegistry.at(server).push("web", "1", web());
        Path ca = AUTHORITY.writeTo(temp.resolve("ca.crt"));
        assertThrows(AestusException.class, () -> pull(web("1")));
        hosts(registry.name(), "ca = \"" + ca + "\"");
        assertEquals(OciImages.idOf(web().config()), pull(web("1")).id());
        hosts(registry.name(), "mystery = \"" + ca + "\"");
        assertThrows(AestusException.class, () -> pull(web("1")));
    }

    @Test
    void a_server_that_need_not_be_checked_may_be_called_anything() throws IOException {
        open(TestServer.https(STRANGER.serverFor("elsewhere.example.com")));
        says("ca = \"other.crt\"");
        assertThrows(AestusException.class, () -> pull(NAME));
        says("skip_verify = true");
        comes();
        says("skip_verify = \"true\"");
        refused(NAME, Problem.INVALID, "the key 'skip_verify' must have true or false");
    }

    @Test
    void headers_are_for_the_server_alone() throws IOException {
        registry = TestRegistry.open().push("web", "1", web());
        var layer = web().manifest().layers().getFirst();
        try (var elsewhere = TestServer.http()) {
            elsewhere.on("/blob", new TestContent(web().contents().get(layer.digest()), "\"x\""));
            registry.blob(
                    "web",
                    layer.digest(),
                    _ -> exchange ->
                            TestServer.redirect(exchange, elsewhere.url("/blob").toString()));
            hosts("registry.example.com", """
                    [host."http://%s"]
                    [host."http://%s".header]
                    Authorization = "Basic c2VjcmV0"
                    X-Secret = "s"
                    """.formatted(registry.name(), registry.name()));
            comes();
            assertEquals("s", registry.asked("/manifests/1").getFirst().header("X-Secret"));
            assertEquals("Basic c2VjcmV0", registry.asked("/blobs/").getFirst().header("Authorization"));
            assertEquals("", elsewhere.requests().getFirst().header("X-Secret"));
            assertEquals("", elsewhere.requests().getFirst().header("Authorization"));
        }
    }

    @Test
    void headers_are_shown_again_when_a_transfer_is_taken_up() throws IOException {
        registry = TestRegistry.open().push("web", "1", web());
        var layer = web().manifest().layers().get(1);
        byte[] bytes = web().contents().get(layer.digest());
        var content = new TestContent(bytes, "\"x\"");
        content.cutting(body -> body == 0 ? bytes.length / 2 : Integer.MAX_VALUE);
        registry.blob("web", layer.digest(), _ -> content);
        hosts("registry.example.com", "[host.\"http://" + registry.name() + "\".header]\nX-Secret = \"s\"");
        comes();
        List<TestServer.Request> asked = registry.asked(layer.digest().toString());
        assertEquals(2, asked.size());
        assertTrue(asked.stream().allMatch(request -> request.header("X-Secret").equals("s")), asked.toString());
    }

    @ParameterizedTest
    @CsvSource({"true, /custom/web/manifests/1", "false, /custom/v2/web/manifests/1"})
    void a_path_is_put_before_the_interface_or_in_its_place(boolean isWhole, String expected) throws IOException {
        registry = TestRegistry.open();
        hosts("registry.example.com", "[host.\"http://" + registry.name() + "/custom\"]\noverride_path = " + isWhole);
        assertThrows(AestusException.class, () -> pull(NAME));
        assertEquals(expected, registry.server.requests().getFirst().uri().getPath());
    }

    @Test
    void who_cannot_resolve_is_asked_for_digests_alone() throws IOException {
        registry = TestRegistry.open().push("web", "1", web());
        try (var mirror = TestRegistry.open().push("web", "1", web())) {
            hosts("registry.example.com", """
                    server = "http://%s"
                    [host."http://%s"]
                    capabilities = ["pull"]
                    """.formatted(registry.name(), mirror.name()));
            comes();
            assertEquals(List.of(), mirror.server.requests());
            Digest digest = web().descriptor().digest();
            pull("registry.example.com/web@" + digest);
            assertTrue(!mirror.server.requests().isEmpty(), "the mirror may be asked for a digest");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mystery = true",
                "dial_timeout = \"10 parsecs\"",
                "dial_timeout = 10",
                "capabilities = [[\"pull\", \"resolve\"]]",
                "capabilities = [[\"pull\"]",
                "override_path = []",
                "server = \"ftp://x\"",
            })
    void what_is_not_understood_is_an_error_that_names_it(String line) throws IOException {
        registry = TestRegistry.open();
        hosts("registry.example.com", "[host.\"http://" + registry.name() + "\"]\n" + line);
        var refusal = refused(NAME, Problem.INVALID, "hosts.toml: ");
        assertTrue(
                refusal.message().contains(line.substring(0, line.indexOf(' ')))
                        || refusal.message().contains("line 2"),
                refusal.message());
        assertEquals(List.of(), registry.server.requests());
    }

    @Test
    void a_time_to_dial_counts_for_its_server() throws IOException {
        registry = TestRegistry.open().push("web", "1", web());
        hosts("registry.example.com", "[host.\"http://" + registry.name() + "\"]\ndial_timeout = \"1500ms\"");
        assertEquals(
                Duration.ofMillis(1500),
                RegistryHosts.in(List.of(temp.resolve("config"))).of("registry.example.com", false).stream()
                        .flatMap(host -> host.dialTimeout().stream())
                        .findFirst()
                        .orElseThrow());
        comes();
    }
}
