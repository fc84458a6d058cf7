package io.aestus.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.bcpg.sig.RevocationKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Everything about a signature and its key that must not pass, each with the words that the user reads. */
class RefusedSignaturesTest {
    private static final byte[] IMAGE = "an image as it was delivered".getBytes(StandardCharsets.UTF_8);
    private static final String RENEW = "get the owner's current key and add it with 'aestus trust'";
    private static final String SIGN_AGAIN = "ask the publisher to sign again with a current OpenPGP program";
    private static final Instant IN_2025 = Instant.parse("2025-01-01T00:00:00Z");

    private static GpgHome gpg;
    private static String good;
    private static byte[] goodSignature;

    @BeforeAll
    static void open() {
        gpg = new GpgHome();
        good = gpg.key("good", "ed25519", "--faked-system-time", "20240101T000000");
        goodSignature = gpg.sign(IMAGE, good, "--armor", "--faked-system-time", "20240601T000000");
    }

    @AfterAll
    static void close() throws Exception {
        gpg.close();
    }

    private static void refused(String reason, String remedy, byte[] signature, OpenPgpKey... keys) {
        refused(reason, remedy, signature, Trusting.only(keys), Trusting.NOW);
    }

    private static void refused(String reason, String remedy, byte[] signature, TrustedKeys keys, InstantSource clock) {
        var problem = assertThrows(
                AestusException.class,
                () -> SignatureVerification.begin(keys, DetachedSignature.read(signature), clock),
                "accepted before the first byte");
        assertEquals("cannot verify example.com/web: " + reason, problem.message());
        assertEquals(remedy, problem.remedy().orElse("none"));
        assertEquals(Problem.UNTRUSTED, problem.problem());
    }

    @Test
    void a_key_that_nobody_trusts() {
        refused(
                "signed by key " + good + ", which is trusted for nothing",
                "aestus trust --prefix example.com/web KEYFILE",
                goodSignature);
    }

    @Test
    void a_key_that_is_trusted_for_other_names() {
        var elsewhere = List.of(Trusting.trusted("example.org/db", gpg.exported(good)));
        refused(
                "signed by key " + good + ", which is trusted only for example.org/db",
                "aestus trust --prefix example.com/web KEYFILE",
                goodSignature,
                Trusting.elsewhere(elsewhere),
                Trusting.NOW);
    }

    @Test
    void an_expired_key_though_it_signed_while_it_was_valid() {
        String key = gpg.keyFor("sign", "2024-03-01", "expired", "ed25519", "--faked-system-time", "20240101T000000");
        byte[] signature = gpg.sign(IMAGE, key, "--faked-system-time", "20240201T000000");
        Trusting.verify(IMAGE, signature, Trusting.only(gpg.exported(key)), Trusting.at("2024-02-20T00:00:00Z"));
        refused("key " + key + " expired on 2024-03-01", RENEW, signature, gpg.exported(key));
    }

    @Test
    void an_expired_subkey_of_a_key_that_lives_on() {
        String key = gpg.key("expired subkey", "ed25519", "--faked-system-time", "20240101T000000");
        String subkey = gpg.subkey(key, "ed25519", "sign", "2024-03-01", "--faked-system-time", "20240101T000000");
        byte[] signature = gpg.sign(IMAGE, subkey + "!", "--faked-system-time", "20240201T000000");
        refused("subkey " + subkey + " expired on 2024-03-01", RENEW, signature, gpg.exported(key));
    }

    @Test
    void an_expired_signature() {
        byte[] signature =
                gpg.sign(IMAGE, good, "--faked-system-time", "20240601T000000", "--default-sig-expire", "30d");
        refused(
                "signature by " + good + " expired at 2024-07-01T00:00:00Z",
                "ask the publisher to sign again",
                signature,
                gpg.exported(good));
    }

    @Test
    void a_key_that_its_owner_revoked() {
        String key = gpg.key("revoked", "ed25519", "--faked-system-time", "20240101T000000");
        byte[] signature = gpg.sign(IMAGE, key, "--faked-system-time", "20240201T000000");
        gpg.revoke(key);
        refused("key " + key + " was revoked by its owner on 2024-01-01", RENEW, signature, gpg.exported(key));
    }

    @Test
    void a_key_that_was_revoked_by_a_program_so_old_that_it_uses_sha1() throws Exception {
        CraftedKey key = CraftedKey.named("revoked late");
        key.add(key.revocationOf(key.primary, HashAlgorithmTags.SHA1, IN_2025));
        refused(
                "key " + key.key().fingerprint() + " was revoked by its owner on 2025-01-01",
                RENEW,
                signature(key),
                key.key());
    }

    @Test
    void a_subkey_that_its_owner_revoked() {
        String key = gpg.key("revoked subkey", "ed25519");
        String subkey = gpg.subkey(key, "ed25519", "sign", "never");
        byte[] signature = gpg.sign(IMAGE, subkey + "!");
        gpg.edit(key, "key 1", "revkey", "y", "0", "", "y", "save");
        String today = Trusting.NOW.instant().toString().substring(0, 10);
        refused("subkey " + subkey + " was revoked by its owner on " + today, RENEW, signature, gpg.exported(key));
    }

    @Test
    void a_key_that_its_designated_revoker_revoked() throws Exception {
        CraftedKey revoker = CraftedKey.named("revoker");
        CraftedKey key = revocableBy(revoker);
        byte[] signature = signature(key);
        Trusting.verify(IMAGE, signature, Trusting.only(key.key()));

        key.add(revoker.revocationOf(key.primary));
        String by = revoker.key().fingerprint().hex();
        refused(
                "key " + key.key().fingerprint() + " was revoked by its designated revoker " + by,
                RENEW,
                signature,
                key.key(),
                revoker.key());
        refused(
                "key " + key.key().fingerprint() + " carries a revocation in the name of its designated revoker " + by
                        + ", whose key is not here to check it",
                RENEW,
                signature,
                key.key());
    }

    @Test
    void but_revocations_of_another_key_and_by_strangers_count_for_nothing() throws Exception {
        CraftedKey revoker = CraftedKey.named("revoker");
        CraftedKey stranger = CraftedKey.named("stranger");
        CraftedKey key = revocableBy(revoker);
        key.add(stranger.revocationOf(key.primary));
        key.add(revoker.revocationOf(stranger.primary));
        Trusting.verify(IMAGE, signature(key), Trusting.only(key.key(), revoker.key()));
    }

    @SuppressWarnings("deprecation") // as owners named revokers before RFC 9580
    private static CraftedKey revocableBy(CraftedKey revoker) throws Exception {
        return CraftedKey.named("revocable")
                .say(hashed -> hashed.addCustomSubpacket(
                        new RevocationKey(false, (byte) 0x80, 1, revoker.primary.getFingerprint())));
    }

    private static byte[] signature(CraftedKey key) throws Exception {
        return key.sign(IMAGE, PGPSignature.BINARY_DOCUMENT, HashAlgorithmTags.SHA256, IN_2025, hashed -> {});
    }

    @Test
    void a_signature_from_before_its_key() {
        byte[] signature = gpg.sign(IMAGE, good, "--faked-system-time", "20230101T000000", "--ignore-time-conflict");
        refused(
                "signature by " + good + " was made at 2023-01-01T00:00:00Z, before the key existed",
                "ask the publisher to sign again",
                signature,
                gpg.exported(good));
    }

    @Test
    void a_signature_from_the_future_except_for_a_few_minutes_of_clock_skew() {
        TrustedKeys keys = Trusting.only(gpg.exported(good));
        Trusting.verify(IMAGE, goodSignature, keys, Trusting.at("2024-05-31T23:55:10Z"));
        refused(
                "signature by " + good + " was made in the future, at 2024-06-01T00:00:00Z",
                "set this machine's clock",
                goodSignature,
                keys,
                Trusting.at("2024-05-31T23:54:50Z"));
    }

    @Test
    void a_key_from_the_future() {
        refused(
                "key " + good + " was made in the future, on 2024-01-01",
                "set this machine's clock",
                goodSignature,
                Trusting.only(gpg.exported(good)),
                Trusting.at("2023-06-01T00:00:00Z"));
    }

    @Test
    void weak_hashes() throws Exception {
        CraftedKey key = CraftedKey.rsa("weak hashes");
        String id = key.key().fingerprint().hex();
        byte[] sha1 = key.sign(IMAGE, PGPSignature.BINARY_DOCUMENT, HashAlgorithmTags.SHA1, IN_2025, hashed -> {});
        byte[] md5 = key.sign(IMAGE, PGPSignature.BINARY_DOCUMENT, HashAlgorithmTags.MD5, IN_2025, hashed -> {});
        refused("signature by " + id + " uses SHA-1, which proves nothing any more", SIGN_AGAIN, sha1, key.key());
        refused("signature by " + id + " uses MD5, which proves nothing any more", SIGN_AGAIN, md5, key.key());
    }

    @Test
    void short_keys() {
        for (String algorithm : List.of("rsa1024", "dsa1024")) {
            String key = gpg.key("short " + algorithm, algorithm);
            byte[] signature = gpg.sign(IMAGE, key, "--digest-algo", "SHA256");
            String kind = algorithm.substring(0, 3).toUpperCase(Locale.ROOT);
            refused(
                    "key " + key + " is " + kind + " of 1024 bits; 2048 to 16384 are accepted",
                    RENEW,
                    signature,
                    gpg.exported(key));
        }
    }

    @Test
    void signatures_over_text() {
        byte[] signature = gpg.sign(IMAGE, good, "--textmode");
        refused(
                "signature by " + good + " is of type 0x01; a file needs 0x00, a signature over a binary document",
                SIGN_AGAIN,
                signature,
                gpg.exported(good));
    }

    @Test
    void critical_options_that_nobody_here_understands() {
        byte[] signature = gpg.sign(IMAGE, good, "--sig-notation", "!must-know@example.com=yes");
        refused(
                "signature by " + good + " has a critical option (20) that is not known here",
                SIGN_AGAIN,
                signature,
                gpg.exported(good));
        byte[] harmless = gpg.sign(IMAGE, good, "--sig-notation", "may-know@example.com=yes");
        Trusting.verify(IMAGE, harmless, Trusting.only(gpg.exported(good)));
    }

    @Test
    void keys_that_may_only_certify_or_encrypt() {
        String key = gpg.keyFor("cert,sign", "never", "downgraded", "rsa2048");
        byte[] signature = gpg.sign(IMAGE, key);
        gpg.edit(key, "change-usage", "S", "Q", "save");
        refused("key " + key + " may not sign, only certify or encrypt", RENEW, signature, gpg.exported(key));
    }

    @Test
    void a_signing_key_of_somebody_else_claimed_as_a_subkey() throws Exception {
        CraftedKey victim = CraftedKey.named("victim");
        CraftedKey thief =
                CraftedKey.named("thief").claim(victim.primary, hashed -> hashed.setKeyFlags(true, KeyFlags.SIGN_DATA));
        refused(
                "subkey " + victim.key().fingerprint() + " does not confirm that it belongs to key "
                        + thief.key().fingerprint(),
                RENEW,
                signature(victim),
                thief.key());
    }

    @Test
    void a_subkey_for_encryption() throws Exception {
        CraftedKey other = CraftedKey.named("other");
        CraftedKey key = CraftedKey.named("owner")
                .claim(other.primary, hashed -> hashed.setKeyFlags(true, KeyFlags.ENCRYPT_STORAGE));
        refused(
                "subkey " + other.key().fingerprint() + " may not sign, only encrypt or authenticate",
                RENEW,
                signature(other),
                key.key());
    }

    @Test
    void a_key_about_which_its_owner_says_nothing_that_counts() throws Exception {
        CraftedKey bare = CraftedKey.bare();
        String words = " carries no valid statement of its owner about it";
        refused("key " + bare.key().fingerprint() + words, RENEW, signature(bare), bare.key());

        CraftedKey late = CraftedKey.bare().certify("late SHA-1", HashAlgorithmTags.SHA1, IN_2025, hashed -> {});
        refused("key " + late.key().fingerprint() + words, RENEW, signature(late), late.key());
    }

    @Test
    void changed_bytes() {
        var verification = SignatureVerification.begin(
                Trusting.only(gpg.exported(good)), DetachedSignature.read(goodSignature), Trusting.NOW);
        byte[] changed = IMAGE.clone();
        changed[7] ^= 1;
        verification.update(changed, 0, changed.length);
        var problem = assertThrows(AestusException.class, verification::finish);
        assertEquals(
                "cannot verify example.com/web: signature by " + good
                        + " does not fit these bytes: image or signature was changed",
                problem.message());
        assertEquals(
                "fetch again; if it stays so, tell the publisher",
                problem.remedy().orElseThrow());
        assertThrows(IllegalStateException.class, verification::finish, "a second verdict");
    }

    @Test
    void one_good_signature_among_several_is_enough_and_the_others_are_told() {
        String stranger = gpg.key("stranger", "ed25519");
        String second = gpg.key("second", "rsa2048");
        byte[] wrong = gpg.sign("another image".getBytes(StandardCharsets.UTF_8), second, "--armor");
        byte[] all = joined(gpg.sign(IMAGE, stranger, "--armor"), wrong, goodSignature);

        var verified = Trusting.verify(IMAGE, all, Trusting.only(gpg.exported(good), gpg.exported(second)));
        assertEquals(
                List.of(good),
                verified.signers().stream().map(s -> s.key().hex()).toList());
        assertEquals(
                List.of(
                        "signed by key " + stranger + ", which is trusted for nothing",
                        "signature by " + second + " does not fit these bytes: image or signature was changed"),
                verified.others());
        assertEquals(
                List.of(stranger, second, good), DetachedSignature.read(all).issuers());
    }

    @Test
    void several_bad_signatures_are_each_told() {
        String stranger = gpg.key("stranger 2", "ed25519");
        byte[] all =
                joined(gpg.sign(IMAGE, good, "--armor", "--digest-algo", "SHA1"), gpg.sign(IMAGE, stranger, "--armor"));
        refused(
                "signature by " + good + " uses SHA-1, which proves nothing any more; signed by key " + stranger
                        + ", which is trusted for nothing",
                SIGN_AGAIN,
                all,
                gpg.exported(good));
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
