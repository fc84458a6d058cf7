package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.RawTar;
import io.aestus.oci.OciBuild;
import io.aestus.oci.OciReference;
import io.aestus.store.ImageStore;
import io.aestus.store.OciImages;
import io.aestus.store.StoreLayout;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that know passwords, in the way of Docker's. */
@Timeout(120)
class CredentialHelperTest {
    /** Of {@code s3cret}, by bcrypt. */
    private static final String USERS = "me:$2y$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG\n";

    @TempDir
    Path dir;

    private Path config;

    @BeforeEach
    void open() throws IOException {
        config = Files.createDirectories(dir.resolve("config/auth.d")).getParent();
        Files.createDirectories(dir.resolve("bin"));
    }

    private Map<String, String> environment() {
        return Map.of("PATH", "relative::" + dir.resolve("bin") + ":/usr/bin:/bin", "WHOSE", "ours");
    }

    private void helper(String name, String script) throws IOException {
        Path program = dir.resolve("bin/docker-credential-" + name);
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    /** One that says the password of {@code me}, and writes down what it was asked. */
    private void helper(String name) throws IOException {
        helper(
                name,
                "read server; echo \"$1 $server $WHOSE\" >> %s; echo '{\"ServerURL\": \"x\", \"Username\": \"me\", \"Secret\": \"s3cret\"}'"
                        .formatted(dir.resolve("asked")));
    }

    private Optional<RegistryLogin> login(String json, String registry) throws IOException {
        Files.writeString(config.resolve("auth.d/docker.json"), json);
        return Credentials.read(List.of(config), environment()).forRegistry(registry);
    }

    private List<String> asked() throws IOException {
        Path asked = dir.resolve("asked");
        return Files.exists(asked) ? Files.readAllLines(asked) : List.of();
    }

    @Test
    void a_registry_of_docker_itself_is_asked_by_a_password_that_a_program_knows() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root makes marks for overlays");
        var web = new OciBuild().layer(new RawTar().file("web", "web")).runs("\"Cmd\":[\"/web\"]");
        helper("test");
        try (var registry = DockerRegistry.start(dir, USERS);
                ImageStore store = ImageStore.open(StoreLayout.of(dir.resolve("node")))) {
            registry.push(web, "web:1", "--dest-creds", "me:s3cret");
            Files.writeString(
                    config.resolve("auth.d/docker.json"),
                    "{\"auths\": {\"%1$s\": {}}, \"credHelpers\": {\"%1$s\": \"test\"}}".formatted(registry.name()));
            var name = OciReference.parse(registry.name() + "/web:1");
            var keys = KeyStore.open(List.of(dir.resolve("keys")), InstantSource.system());
            var policy = FetchPolicy.STANDARD.allowing(Insecure.IMAGE);
            var stranger = new ImageFetcher(store, keys, FetchConfig.PLAIN);
            assertThrows(AestusException.class, () -> stranger.pull(name, policy, Optional.empty(), Progress.NONE));
            var known =
                    new ImageFetcher(store, keys, FetchConfig.read(List.of(config), environment(), Optional.empty()));
            assertEquals(
                    OciImages.idOf(web.config()),
                    known.pull(name, policy, Optional.empty(), Progress.NONE).id());
            assertEquals(List.of("get " + registry.name() + " ours"), asked());
        }
    }

    @Test
    void the_helper_of_a_registry_is_asked_before_the_one_for_all_and_that_before_the_file() throws IOException {
        helper("own");
        helper("all", "cat > /dev/null; echo credentials not found in native keychain; exit 1");
        String json = """
                {"auths": {"quay.io": {"auth": "eW91OnBhc3M="}, "own.example": {"auth": "eW91OnBhc3M="}},
                 "credHelpers": {"own.example": "own"}, "credsStore": "all", "HttpHeaders": {}}
                """;
        assertEquals(Optional.of(new RegistryLogin.Password("me", "s3cret")), login(json, "OWN.example"));
        assertEquals(Optional.of(new RegistryLogin.Password("you", "pass")), login(json, "quay.io"));
        assertEquals(Optional.empty(), login(json, "other.example"));
    }

    @Test
    void dockers_own_registry_has_a_name_of_its_own() throws IOException {
        helper("all");
        login("{\"credsStore\": \"all\"}", "docker.io");
        login("{\"credHelpers\": {\"https://index.docker.io/v1/\": \"all\"}}", "docker.io");
        assertEquals(List.of("get https://index.docker.io/v1/ ours", "get https://index.docker.io/v1/ ours"), asked());
        assertEquals(
                Optional.of(new RegistryLogin.Password("you", "pass")),
                login("{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \"eW91OnBhc3M=\"}}}", "docker.io"));
    }

    @Test
    void the_user_token_stands_for_an_identity_token() throws IOException {
        helper("t", "cat > /dev/null; echo '{\"Username\": \"<token>\", \"Secret\": \"abc\"}'");
        assertEquals(
                Optional.of(new RegistryLogin.IdentityToken("abc")),
                login("{\"credHelpers\": {\"a.example\": \"t\"}}", "a.example"));
    }

    @Test
    void what_auth_d_says_in_its_own_words_counts_first() throws IOException {
        helper("all");
        Files.writeString(config.resolve("auth.d/own.json"), """
                {"rktKind": "dockerAuth", "rktVersion": "v1", "registries": ["quay.io"],
                 "credentials": {"user": "you", "password": "pass"}}
                """);
        assertEquals(
                Optional.of(new RegistryLogin.Password("you", "pass")), login("{\"credsStore\": \"all\"}", "quay.io"));
        assertEquals(List.of(), asked());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "a/b", "A", "a b", ""})
    void only_the_end_of_a_plain_file_name_is_a_helper(String name) {
        String json = "{\"credHelpers\": {\"a.example\": \"%s\"}}".formatted(name);
        var refusal = assertThrows(AestusException.class, () -> login(json, "a.example"));
        assertEquals(Problem.INVALID, refusal.problem());
        assertTrue(refusal.message().contains("docker.json"), refusal.message());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "echo s3cret|its answer has no Username and Secret",
                "echo '{\\\"Username\\\": \\\"me\\\"}'|its answer has no Username and Secret",
                "printf '{\\\"Username\\\": \\\"me\\\", \\\"Secret\\\": \\\"s3\\\\\\\\ncret\\\"}'|its answer has no Username and Secret",
                "head -c 100000 /dev/zero|it says more than 65536 bytes",
                "head -c 9000000 /dev/zero|it wrote more than",
                "echo out of order >&2; exit 3|it ended with 3: 'out of order'",
                "kill -9 $$|it ended with 137",
            })
    void what_a_helper_cannot_say_is_told_without_the_secret(String script, String reason) throws IOException {
        helper("bad", "cat > /dev/null; " + script);
        var refusal = assertThrows(
                AestusException.class, () -> login("{\"credHelpers\": {\"a.example\": \"bad\"}}", "a.example"));
        assertTrue(refusal.message().contains(reason), refusal.message());
        assertFalse((refusal.message() + refusal.remedy()).contains("s3"), refusal.message());
    }

    @Test
    void a_helper_that_is_not_there_is_named() {
        var refusal = assertThrows(
                AestusException.class, () -> login("{\"credHelpers\": {\"a.example\": \"lost\"}}", "a.example"));
        assertEquals(
                "cannot log in: there is no program docker-credential-lost, which the configuration names",
                refusal.message());
    }
}
