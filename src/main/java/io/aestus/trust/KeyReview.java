package io.aestus.trust;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.openpgp.PGPPublicKey;

/**
 * What a person should compare before trusting a key.
 *
 * @param fingerprint of the primary key; this is what the owner should confirm
 * @param algorithm such as {@code RSA 4096}
 * @param created when, by the owner's word
 * @param expires when it ends, if ever
 * @param userIds names that the owner affirms and has not withdrawn; foreign text
 * @param subkeys all of them
 * @param objection why the primary key cannot sign images now, if so; subkeys may nevertheless
 */
public record KeyReview(
        Fingerprint fingerprint,
        String algorithm,
        Instant created,
        Optional<Instant> expires,
        List<String> userIds,
        List<Subkey> subkeys,
        Optional<String> objection) {

    public KeyReview {
        userIds = List.copyOf(userIds);
        subkeys = List.copyOf(subkeys);
    }

    /**
     * A subkey, by which publishers often sign.
     *
     * @param objection why it cannot sign images now, if so
     */
    public record Subkey(
            Fingerprint fingerprint,
            String algorithm,
            Instant created,
            Optional<Instant> expires,
            Optional<String> objection) {}

    /** Whether any part of the key can sign images now. */
    public boolean canSign() {
        return objection.isEmpty()
                || subkeys.stream().anyMatch(s -> s.objection().isEmpty());
    }

    static KeyReview of(OpenPgpKey key, Instant now) {
        synchronized (key) {
            PGPPublicKey primary = key.primary();
            return new KeyReview(
                    key.fingerprint(),
                    algorithm(primary),
                    primary.getCreationTime().toInstant(),
                    key.statements().aboutPrimary(now).flatMap(s -> OpenPgpKey.expiry(primary, s)),
                    key.userIds(now),
                    key.components().stream()
                            .skip(1)
                            .map(s -> subkey(key, s, now))
                            .toList(),
                    objection(key, primary, now));
        }
    }

    private static Subkey subkey(OpenPgpKey key, PGPPublicKey subkey, Instant now) {
        return new Subkey(
                OpenPgpKey.fingerprintOf(subkey),
                algorithm(subkey),
                subkey.getCreationTime().toInstant(),
                key.statements().binding(subkey, now).flatMap(s -> OpenPgpKey.expiry(subkey, s)),
                objection(key, subkey, now));
    }

    private static Optional<String> objection(OpenPgpKey key, PGPPublicKey component, Instant now) {
        return key.objectionTo(component, List.of(), now).map(Refusal::reason);
    }

    private static String algorithm(PGPPublicKey key) {
        return SignaturePolicy.algorithmOf(key) + " " + key.getBitStrength();
    }
}
