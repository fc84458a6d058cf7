package io.aestus.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Files that are not what they should be, from servers and people. */
class KeyAndSignatureFilesTest {
    private static final byte[] IMAGE = {1, 2, 3};

    private static GpgHome gpg;
    private static String key;
    private static String subkey;
    private static String armoured;
    private static byte[] binary;
    private static String publicKey;

    @BeforeAll
    static void open() {
        gpg = new GpgHome();
        key = gpg.key("Ålice <alice@example.com>", "ed25519", "--faked-system-time", "20240101T000000");
        subkey = gpg.subkey(key, "rsa2048", "sign", "2034-01-01", "--faked-system-time", "20240102T000000");
        armoured = new String(gpg.sign(IMAGE, key, "--armor"), StandardCharsets.US_ASCII);
        binary = gpg.sign(IMAGE, key);
        publicKey = new String(gpg.export(key), StandardCharsets.US_ASCII);
    }

    @AfterAll
    static void close() throws Exception {
        gpg.close();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static DynamicTest signature(String name, byte[] file, String reason) {
        return DynamicTest.dynamicTest(name, () -> {
            var problem = assertThrows(AestusException.class, () -> DetachedSignature.read(file));
            assertTrue(problem.message().startsWith("cannot read signature: " + reason), problem.message());
            assertEquals(
                    "it should be what 'gpg --armor --detach-sign' makes",
                    problem.remedy().orElseThrow());
            assertEquals(Problem.INVALID, problem.problem());
        });
    }

    private static DynamicTest key(String name, byte[] file, String reason) {
        return DynamicTest.dynamicTest(name, () -> {
            var problem = assertThrows(AestusException.class, () -> OpenPgpKey.readAll(file, "'f'"));
            assertEquals("cannot read key 'f': " + reason, problem.message());
            assertEquals(Problem.INVALID, problem.problem());
        });
    }

    private static String replaced(String text, int line, String by) {
        String[] lines = text.split("\n", -1);
        lines[line] = by;
        return String.join("\n", lines);
    }

    @TestFactory
    Stream<DynamicTest> what_is_no_detached_signature() {
        String crc = armoured.lines().filter(l -> l.length() == 5).findFirst().orElseThrow();
        return Stream.of(
                signature("empty", text(""), "it holds no PGP signature"),
                signature("page", text("  <!DOCTYPE html><title>404</title>"), "it is an HTML page"),
                signature("key", text(publicKey), "it holds a PGP public key block"),
                signature("clear", text("-----BEGIN PGP SIGNED MESSAGE-----\n"), "it holds a PGP signed message"),
                signature("cut", text(armoured.substring(0, armoured.length() / 2)), "its armour ends too early"),
                signature(
                        "no end",
                        text(armoured.replace("-----END", "-----end")),
                        "its armour goes on after the checksum"),
                signature("checksum", text(armoured.replace(crc, "=AAAA")), "the checksum of its armour is wrong"),
                signature(
                        "changed",
                        text(replaced(armoured, 2, swapped(armoured.split("\n", -1)[2]))),
                        "the checksum of its armour is wrong"),
                signature("no base64", text(replaced(armoured, 2, "?!")), "its armour is not base64"),
                signature(
                        "no blank line",
                        text(replaced(armoured, 1, "abc")),
                        "its armour lacks the empty line before the data"),
                signature("cut packet", Arrays.copyOf(binary, binary.length - 9), ""),
                signature("one byte", new byte[] {(byte) 0x88}, ""),
                signature(
                        "garbage",
                        new byte[] {(byte) 0xC2, 5, 9, 9, 9, 9, 9},
                        "it holds no signature that can be read"),
                signature("too big", new byte[(64 << 10) + 1], "it has more than 65536 bytes"),
                signature("too many", repeated(binary, 17), "it holds 17 signatures, and 16 are allowed"));
    }

    private static String swapped(String line) {
        return new StringBuilder(line).reverse().toString();
    }

    private static byte[] repeated(byte[] part, int times) {
        byte[] all = new byte[part.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(part, 0, all, i * part.length, part.length);
        }
        return all;
    }

    @TestFactory
    Stream<DynamicTest> what_is_no_public_key() {
        byte[] secret = gpg.run(new byte[0], "--export-secret-keys", key);
        return Stream.of(
                key("secret", secret, "it holds a secret key, which must not be handed out"),
                key("signature", text(armoured), "it holds a PGP signature"),
                key("binary signature", binary, "it holds something else than public keys"),
                key("too big", new byte[(1 << 20) + 1], "it has more than 1048576 bytes"),
                key("page", text("<html>"), "it is an HTML page"));
    }

    @Test
    void no_cut_or_changed_byte_of_a_signature_is_accepted_or_causes_more_than_a_refusal() {
        TrustedKeys keys = Trusting.only(gpg.exported(key));
        for (int length = 0; length < binary.length; length++) {
            byte[] cut = Arrays.copyOf(binary, length);
            assertThrows(AestusException.class, () -> Trusting.verify(IMAGE, cut, keys), "cut to " + length);
        }
        int unprotected = 0;
        for (int at = 0; at < binary.length; at++) {
            byte[] changed = binary.clone();
            changed[at] ^= 1;
            try {
                Trusting.verify(IMAGE, changed, keys);
                unprotected++; // unhashed hints such as the issuer's ID
            } catch (AestusException e) {
                assertTrue(e.message().startsWith("cannot "), e.message());
            }
        }
        assertTrue(unprotected < 20, unprotected + " bytes of " + binary.length + " are not protected");
    }

    @Test
    void a_review_shows_what_people_should_compare() {
        KeyReview review =
                gpg.exported(key).review(Trusting.at("2025-01-01T00:00:00Z").instant());
        assertEquals(key, review.fingerprint().hex());
        assertEquals("EdDSA 256", review.algorithm());
        assertEquals(List.of("Ålice <alice@example.com>"), review.userIds());
        assertEquals("2024-01-01T00:00:00Z", review.created().toString());
        assertTrue(review.expires().isEmpty() && review.objection().isEmpty() && review.canSign());
        var only = review.subkeys().getFirst();
        assertEquals(subkey, only.fingerprint().hex());
        assertEquals("RSA 2048", only.algorithm());
        assertTrue(only.expires().orElseThrow().toString().startsWith("2034-01-01"));
    }

    @Test
    void several_keys_in_a_file_are_each_read() {
        String other = gpg.key("Bob", "ed25519");
        String both = publicKey + "\nsome words\n" + new String(gpg.export(other), StandardCharsets.US_ASCII);
        assertEquals(
                List.of(key, other),
                OpenPgpKey.readAll(both.getBytes(StandardCharsets.US_ASCII), "both").stream()
                        .map(k -> k.fingerprint().hex())
                        .toList());
    }

    @Test
    void fingerprints_are_read_as_people_paste_them() {
        var fingerprint = new Fingerprint(key);
        assertEquals(fingerprint, Fingerprint.parse(fingerprint.grouped()));
        assertEquals(fingerprint, Fingerprint.parse("0x" + key.toUpperCase(Locale.ROOT)));
        var problem = assertThrows(AestusException.class, () -> Fingerprint.parse(fingerprint.keyId()));
        assertEquals(
                "cannot read fingerprint '" + fingerprint.keyId() + "': expected 40 or 64 hexadecimal digits",
                problem.message());
    }
}
