package io.aestus.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.openpgp.api.bc.BcOpenPGPApi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of key that GnuPG makes, its signatures by every good hash, armoured and binary. */
class SignatureAlgorithmsTest {
    private static final byte[] IMAGE = "not really an archive\r\nbut some bytes\n".getBytes(StandardCharsets.UTF_8);

    private static GpgHome gpg;

    @BeforeAll
    static void open() {
        gpg = new GpgHome();
    }

    @AfterAll
    static void close() throws Exception {
        gpg.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "rsa2048, RSA 2048, SHA224 SHA256 SHA384 SHA512",
        "rsa3072, RSA 3072, SHA512",
        "dsa2048, DSA 2048, SHA256 SHA512",
        "nistp256, ECDSA 256, SHA256 SHA384 SHA512",
        "nistp384, ECDSA 384, SHA384 SHA512",
        "nistp521, ECDSA 521, SHA512",
        "brainpoolP256r1, ECDSA 256, SHA256",
        "secp256k1, ECDSA 256, SHA256",
        "ed25519, EdDSA 256, SHA256 SHA384 SHA512"
    })
    void a_key_of_this_kind_signs(String algorithm, String shown, String hashes) {
        String fingerprint = gpg.key("kind " + algorithm, algorithm);
        OpenPgpKey key = gpg.exported(fingerprint);
        assertEquals(shown, key.review(Trusting.NOW.instant()).algorithm());
        for (String hash : hashes.split(" ", -1)) {
            for (String form : List.of("--armor", "--no-armor")) {
                byte[] signature = gpg.sign(IMAGE, fingerprint, form, "--digest-algo", hash);
                var verified = Trusting.verify(IMAGE, signature, Trusting.only(key));
                assertEquals(
                        fingerprint, verified.signers().getFirst().signedWith().hex(), hash + form);
                assertEquals(
                        List.of("kind " + algorithm),
                        verified.signers().getFirst().userIds());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"rsa2048", "dsa2048", "nistp256/ecdsa", "ed25519"})
    void a_subkey_of_this_kind_signs_for_its_primary_key(String algorithm) {
        String primary = gpg.keyFor("cert", "never", "sub " + algorithm, "ed25519");
        String subkey = gpg.subkey(primary, algorithm, "sign", "never");
        byte[] signature = gpg.sign(IMAGE, primary, "--armor");

        assertEquals(List.of(subkey), DetachedSignature.read(signature).issuers());
        var signer = Trusting.verify(IMAGE, signature, Trusting.only(gpg.exported(primary)))
                .signers()
                .getFirst();
        assertEquals(primary, signer.key().hex());
        assertEquals(subkey, signer.signedWith().hex());
    }

    @Test
    void keys_of_version_6_sign_though_this_gpg_cannot_make_them() throws Exception {
        var api = new BcOpenPGPApi();
        var secret = api.generateKey(PublicKeyPacket.VERSION_6)
                .ed25519x25519Key("Six <six@example.com>")
                .build();
        byte[] armoured = secret.toCertificate().toAsciiArmoredString().getBytes(StandardCharsets.US_ASCII);
        OpenPgpKey key = OpenPgpKey.readAll(armoured, "six").getFirst();
        assertEquals(64, key.fingerprint().hex().length());
        assertEquals(key.fingerprint().hex().substring(0, 16), key.fingerprint().keyId());

        byte[] signature = api.createDetachedSignature()
                .addSigningKey(secret)
                .sign(new ByteArrayInputStream(IMAGE))
                .getFirst()
                .toAsciiArmoredString()
                .getBytes(StandardCharsets.US_ASCII);
        var verified = Trusting.verify(IMAGE, signature, Trusting.only(key));
        assertEquals(key.fingerprint(), verified.signers().getFirst().key());
        assertEquals(
                List.of("Six <six@example.com>"), verified.signers().getFirst().userIds());

        byte[] changed = IMAGE.clone();
        changed[0] ^= 1;
        assertThrows(AestusException.class, () -> Trusting.verify(changed, signature, Trusting.only(key)));
    }

    @Test
    void gpg_reads_the_key_that_we_write() throws Exception {
        String fingerprint = gpg.key("round trip", "ed25519");
        String subkey = gpg.subkey(fingerprint, "rsa2048", "sign", "never");
        byte[] written = gpg.exported(fingerprint).armoured();
        try (var other = new GpgHome()) {
            other.run(written, "--import");
            assertEquals(List.of(fingerprint, subkey), other.fingerprints(fingerprint));
        }
    }
}
