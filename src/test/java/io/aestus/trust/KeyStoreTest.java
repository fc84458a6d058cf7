package io.aestus.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyStoreTest {
    private static OpenPgpKey alice;
    private static OpenPgpKey bob;

    @TempDir
    Path directory;

    private Path system;
    private Path local;
    private KeyStore store;

    @BeforeAll
    static void keys() throws Exception {
        alice = CraftedKey.named("Alice <alice@example.com>").key();
        bob = CraftedKey.named("Bob").key();
    }

    @BeforeEach
    void open() {
        system = directory.resolve("system/trustedkeys");
        local = directory.resolve("local/trustedkeys");
        store = KeyStore.open(List.of(system, local), Trusting.NOW);
    }

    private static AcIdentifier name(String name) {
        return AcIdentifier.parse(name);
    }

    private static Scope prefix(String prefix) {
        return Scope.parse(prefix);
    }

    private List<Fingerprint> trustedFor(String name) {
        return store.keysFor(name(name)).keys().stream()
                .map(TrustedKey::fingerprint)
                .toList();
    }

    private static List<Fingerprint> only(OpenPgpKey... keys) {
        return Arrays.stream(keys).map(OpenPgpKey::fingerprint).toList();
    }

    @Test
    void a_key_for_a_prefix_counts_below_it_on_path_elements() {
        store.add(prefix("example.com/web"), alice);
        assertEquals(only(alice), trustedFor("example.com/web"));
        assertEquals(only(alice), trustedFor("example.com/web/api"));
        assertEquals(List.of(), trustedFor("example.com"));
        assertEquals(List.of(), trustedFor("example.com/webmail"));
        assertEquals(List.of(), trustedFor("example.community/web"));
    }

    @Test
    void a_root_key_counts_for_every_name() {
        store.add(new Scope.Root(), alice);
        store.add(prefix("example.com"), bob);
        assertEquals(only(alice, bob), trustedFor("example.com/web"));
        assertEquals(only(alice), trustedFor("example.org/db"));
    }

    @Test
    void files_lie_where_rkt_puts_them_and_others_may_read_them() throws IOException {
        Path prefixed = store.add(prefix("example.com/web/*"), alice);
        Path root = store.add(new Scope.Root(), bob);
        assertEquals(local.resolve("prefix.d/example.com/web/" + alice.fingerprint()), prefixed);
        assertEquals(local.resolve("root.d/" + bob.fingerprint()), root);
        assertTrue(Files.readString(prefixed).startsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n"));
        assertEquals("rw-r--r--", mode(prefixed));
        for (Path up = prefixed.getParent(); !up.equals(directory); up = up.getParent()) {
            assertEquals("rwxr-xr-x", mode(up), up.toString());
        }
        try (var files = Files.list(prefixed.getParent())) {
            assertEquals(List.of(prefixed), files.toList(), "temporary files are gone");
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void an_empty_file_hides_the_key_of_a_lower_layer_and_of_what_was_read_before() throws IOException {
        KeyStore.open(List.of(system), Trusting.NOW).add(new Scope.Root(), alice);
        KeyStore.open(List.of(system), Trusting.NOW).add(prefix("example.com"), bob);
        assertEquals(only(alice, bob), trustedFor("example.com/web"));

        mask(local.resolve("prefix.d/example.com"), bob);
        assertEquals(only(alice), trustedFor("example.com/web"));
        mask(local.resolve("prefix.d/example.com/web"), alice);
        assertEquals(List.of(), trustedFor("example.com/web"));
        assertEquals(only(alice), trustedFor("example.com/db"), "only below the prefix of the empty file");
        mask(local.resolve("root.d"), alice);
        assertEquals(List.of(), trustedFor("example.com/db"));
    }

    private static void mask(Path directory, OpenPgpKey key) throws IOException {
        Files.createDirectories(directory);
        Files.createFile(directory.resolve(key.fingerprint().hex()));
    }

    @Test
    void removing_deletes_our_own_file_and_hides_the_vendors() {
        KeyStore.open(List.of(system), Trusting.NOW).add(prefix("example.com"), alice);
        store.add(prefix("example.com"), bob);

        assertEquals(KeyStore.Removal.DELETED, store.remove(prefix("example.com"), bob.fingerprint()));
        assertEquals(KeyStore.Removal.MASKED, store.remove(prefix("example.com"), alice.fingerprint()));
        assertEquals(List.of(), trustedFor("example.com"));
        assertEquals(List.of(), store.list().keys());

        var problem =
                assertThrows(AestusException.class, () -> store.remove(prefix("example.com"), alice.fingerprint()));
        assertEquals(
                "cannot remove key " + alice.fingerprint() + ": it is not trusted for example.com", problem.message());
        assertEquals(Problem.NOT_FOUND, problem.problem());

        store.add(prefix("example.com"), alice);
        assertEquals(only(alice), trustedFor("example.com"), "adding again takes the mask's place");
    }

    @Test
    void a_file_that_is_not_what_its_name_says_counts_for_nothing_and_is_reported() throws IOException {
        Path good = store.add(prefix("example.com"), alice);
        Path wrong = good.resolveSibling(bob.fingerprint().hex());
        Files.copy(good, wrong);
        Path junk = Files.writeString(good.resolveSibling("a".repeat(40)), "junk");
        Path readme = Files.writeString(good.resolveSibling("README"), "hello");
        Path link = Files.createSymbolicLink(good.resolveSibling("b".repeat(40)), Path.of("/nowhere"));
        Path stray = Files.writeString(local.resolve("prefix.d").resolve("c".repeat(40)), "stray");

        var keys = store.keysFor(name("example.com/web"));
        assertEquals(only(alice), trustedFor("example.com/web"));
        assertEquals(
                List.of(
                        new RefusedKeyFile(
                                readme, "its name is not a fingerprint of 40 or 64 lower-case hexadecimal digits"),
                        new RefusedKeyFile(junk, "it holds no PGP public key block"),
                        new RefusedKeyFile(link, "it is not a regular file"),
                        new RefusedKeyFile(wrong, "it holds key " + alice.fingerprint() + ", not the one of its name")),
                sorted(keys.refused(), readme, junk, link, wrong));
        assertTrue(store.list().refused().contains(new RefusedKeyFile(stray, "it lies outside of any prefix")));

        var problem = assertThrows(
                AestusException.class,
                () -> SignatureVerification.begin(
                        store.keysFor(name("example.com/web")),
                        DetachedSignature.read(signatureByBob()),
                        Trusting.NOW));
        assertTrue(
                problem.message()
                        .contains("; key file '" + bob.fingerprint() + "' was passed over: it holds key "
                                + alice.fingerprint() + ", not the one of its name"),
                problem.message());
    }

    private static List<RefusedKeyFile> sorted(List<RefusedKeyFile> found, Path... order) {
        return Arrays.stream(order)
                .flatMap(file -> found.stream().filter(r -> r.file().equals(file)))
                .toList();
    }

    private static byte[] signatureByBob() throws Exception {
        return CraftedKey.named("not Bob").sign(new byte[1], 0, HashAlgorithmTags.SHA256, Instant.EPOCH, hashed -> {});
    }

    @Test
    void a_key_that_cannot_sign_is_not_added() throws Exception {
        OpenPgpKey bare = CraftedKey.bare().key();
        var problem = assertThrows(AestusException.class, () -> store.add(new Scope.Root(), bare));
        assertEquals(
                "cannot trust key " + bare.fingerprint() + ": key " + bare.fingerprint()
                        + " carries no valid statement of its owner about it",
                problem.message());
        assertFalse(Files.exists(local));
    }

    @Test
    void names_cannot_lead_out_of_the_store() {
        store.add(prefix("example.com"), alice);
        assertEquals(List.of(), trustedFor("x/../example.com"));
        assertEquals(only(alice), trustedFor("example.com/../../root.d"));
        var problem = assertThrows(AestusException.class, () -> prefix("example.com/../../root.d"));
        assertEquals(
                "cannot use prefix 'example.com/../../root.d': it has an empty or dotted path element",
                problem.message());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com/../x",
                "example.com/..x/y",
                "example.com//x",
                "example.com/./x",
                "example.com/.x",
                "a/../../../../etc/x",
                "a/.../b"
            })
    void a_name_that_is_no_plain_path_is_no_prefix(String name) throws IOException {
        var problem = assertThrows(AestusException.class, () -> store.add(Scope.parse(name), alice));
        assertEquals("cannot use prefix '" + name + "': it has an empty or dotted path element", problem.message());
        assertFalse(Files.exists(local));
    }

    @Test
    void a_prefix_is_a_name_and_no_url() {
        var problem = assertThrows(AestusException.class, () -> prefix("https://example.com/web"));
        assertEquals(
                "cannot read prefix 'https://example.com/web': it is a URL, expected a name such as example.com/web",
                problem.message());
    }
}
