package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FetchConfigTest {
    @TempDir
    Path dir;

    private Path configDir(String name) throws IOException {
        return Files.createDirectories(dir.resolve(name).resolve("auth.d")).getParent();
    }

    private static void write(Path config, String file, String json) throws IOException {
        Files.writeString(config.resolve("auth.d").resolve(file), json);
    }

    private static String basic(String domain, String user) {
        return """
                {"rktKind": "auth", "rktVersion": "v1", "domains": ["%s"], "type": "basic",
                 "credentials": {"user": "%s", "password": "p"}}
                """.formatted(domain, user);
    }

    private static Optional<String> authorization(Credentials credentials, String url) {
        return credentials.forUrl(URI.create(url));
    }

    @Test
    void a_later_directory_replaces_a_host_of_an_earlier_one() throws IOException {
        Path low = configDir("low");
        Path high = configDir("high");
        write(low, "a.json", basic("one.example", "a"));
        write(low, "b.json", basic("two.example", "a"));
        write(high, "a.json", basic("one.example", "b"));
        var credentials = Credentials.read(List.of(low, high, dir.resolve("missing")), Map.of());
        assertEquals(Optional.of("Basic Yjpw"), authorization(credentials, "https://one.example/x"));
        assertEquals(Optional.of("Basic YTpw"), authorization(credentials, "https://TWO.example/x"));
        assertEquals(Optional.empty(), authorization(credentials, "https://sub.one.example/x"));
    }

    @Test
    void an_entry_with_a_port_counts_for_that_port() throws IOException {
        Path config = configDir("c");
        write(config, "a.json", basic("one.example:8443", "a"));
        write(config, "b.json", basic("one.example", "b"));
        var credentials = Credentials.read(List.of(config), Map.of());
        assertEquals(Optional.of("Basic YTpw"), authorization(credentials, "https://one.example:8443/x"));
        assertEquals(Optional.of("Basic Yjpw"), authorization(credentials, "https://one.example/x"));
    }

    @Test
    void a_bearer_token() throws IOException {
        Path config = configDir("c");
        write(config, "a.json", """
                {"rktKind": "auth", "rktVersion": "v1", "domains": ["one.example"], "type": "oauth",
                 "credentials": {"token": "t"}}
                """);
        assertEquals(
                Optional.of("Bearer t"),
                authorization(Credentials.read(List.of(config), Map.of()), "https://one.example/x"));
    }

    @Test
    void other_kinds_and_other_files_are_passed_over() throws IOException {
        Path config = configDir("c");
        write(config, "docker.json", "{\"rktKind\": \"paths\", \"rktVersion\": \"v1\"}");
        write(config, "a.json.bak", "not JSON");
        Files.writeString(dir.resolve("elsewhere.json"), basic("one.example", "a"));
        Files.createSymbolicLink(config.resolve("auth.d/link.json"), dir.resolve("elsewhere.json"));
        assertEquals(
                Optional.empty(), authorization(Credentials.read(List.of(config), Map.of()), "https://one.example/x"));
    }

    @Test
    void the_same_host_twice_in_one_directory_is_an_error() throws IOException {
        Path config = configDir("c");
        write(config, "a.json", basic("one.example", "a"));
        write(config, "b.json", basic("One.example", "b"));
        assertThrows(AestusException.class, () -> Credentials.read(List.of(config), Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"rktKind\": \"auth\", \"rktVersion\": \"v2\"}",
                "{\"rktKind\": \"auth\", \"rktVersion\": \"v1\", \"type\": \"aws\", \"domains\": [], \"credentials\": {}}",
                "{\"rktKind\": \"auth\", \"rktVersion\": \"v1\", \"type\": \"oauth\", \"domains\": [\"h\"],"
                        + " \"credentials\": {\"token\": \"a\\r\\nHost: b\"}}"
            })
    void what_cannot_be_understood_is_named_by_file(String json) throws IOException {
        Path config = configDir("c");
        write(config, "a.json", json);
        var refusal = assertThrows(AestusException.class, () -> Credentials.read(List.of(config), Map.of()));
        assertEquals(Problem.INVALID, refusal.problem());
        assertTrue(refusal.message().contains("auth.d/a.json"), refusal.message());
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.com/, secure.example:3128",
        "http://example.com/, plain.example:80",
        "https://internal.example/, ",
        "https://sub.internal.example/, ",
        "https://notinternal.example/, secure.example:3128",
        "https://other.example:8443/, ",
        "https://other.example/, secure.example:3128",
        "https://localhost:9/, ",
        "http://127.0.0.1/, ",
        "https://[::1]/, "
    })
    void proxies_of_the_environment(String url, String expected) {
        var proxies = Proxies.of(Map.of(
                "HTTPS_PROXY", "http://wrong.example",
                "https_proxy", "secure.example:3128",
                "HTTP_PROXY", "http://plain.example",
                "NO_PROXY", " .internal.example, other.example:8443"));
        assertEquals(
                Optional.ofNullable(expected),
                proxies.forUrl(URI.create(url)).map(via -> via.host() + ":" + via.port()));
    }

    @Test
    void a_star_turns_every_proxy_off() {
        var proxies = Proxies.of(Map.of("HTTPS_PROXY", "http://p.example", "NO_PROXY", "*"));
        assertEquals(Optional.empty(), proxies.forUrl(URI.create("https://example.com/")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5://me:secret@p.example", "https://p.example", "http://", "http://a b"})
    void what_is_no_proxy_is_refused_without_telling_its_password(String text) {
        var refusal = assertThrows(AestusException.class, () -> Proxies.of(Map.of("HTTPS_PROXY", text)));
        assertEquals(Problem.INVALID, refusal.problem());
        assertTrue(!refusal.message().contains("secret"), refusal.message());
    }
}
