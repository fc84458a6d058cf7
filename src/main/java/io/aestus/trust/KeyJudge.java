package io.aestus.trust;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Optional;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;

/**
 * Judges whether a key or subkey may sign images, at one moment. Both ends must hold: the primary key (affirmed by itself, not revoked,
 * not expired, strong enough), and, if a subkey signs, its binding, back signature, flags, expiry and revocation.
 *
 * <p>Expiry is judged now and not when the signature says it was made: whoever has stolen a key can write any date. For the same
 * reason a revocation counts for ever and whatever its reason.
 */
final class KeyJudge {
    private static final String RENEW = "get the owner's current key and add it with 'aestus trust'";

    private final OpenPgpKey key;
    private final OwnStatements said;
    private final Collection<OpenPgpKey> known;
    private final Instant now;

    /** @param known keys by which designated revokers' revocations can be checked */
    KeyJudge(OpenPgpKey key, Collection<OpenPgpKey> known, Instant now) {
        this.key = key;
        this.said = key.statements();
        this.known = known;
        this.now = now;
    }

    /** What speaks against signatures of this component of the key; empty if it may sign. */
    Optional<Refusal> objectionTo(PGPPublicKey component) {
        synchronized (key) { // the library's signatures keep state while they are checked
            Optional<Refusal> objection = objectionToPrimary();
            if (objection.isPresent()) {
                return objection;
            }
            return component == key.primary() ? objectionToSigningByPrimary() : objectionToSubkey(component);
        }
    }

    private Optional<Refusal> objectionToPrimary() {
        PGPPublicKey primary = key.primary();
        return weaknessOf(primary)
                .or(() -> revocationOf(primary))
                .or(() -> ageOf(primary))
                .or(() -> said.aboutPrimary(now)
                        .map(statement -> expiryOf(primary, statement))
                        .orElseGet(() -> refuse(primary, "carries no valid statement of its owner about it", RENEW)));
    }

    private Optional<Refusal> objectionToSigningByPrimary() {
        PGPPublicKey primary = key.primary();
        int flags = flagsIn(said.aboutPrimary(now).orElseThrow());
        return mayNotSign(flags) ? refuse(primary, "may not sign, only certify or encrypt", RENEW) : Optional.empty();
    }

    private Optional<Refusal> objectionToSubkey(PGPPublicKey subkey) {
        return weaknessOf(subkey)
                .or(() -> revocationOf(subkey))
                .or(() -> ageOf(subkey))
                .or(() -> said.binding(subkey, now)
                        .map(binding -> expiryOf(subkey, binding).or(() -> objectionToBinding(subkey, binding)))
                        .orElseGet(() -> refuse(subkey, "is not bound to key " + key.fingerprint(), RENEW)));
    }

    private Optional<Refusal> objectionToBinding(PGPPublicKey subkey, PGPSignature binding) {
        if (mayNotSign(flagsIn(binding))) {
            return refuse(subkey, "may not sign, only encrypt or authenticate", RENEW);
        }
        if (!said.isBoundBack(subkey, binding)) {
            return refuse(subkey, "does not confirm that it belongs to key " + key.fingerprint(), RENEW);
        }
        return Optional.empty();
    }

    private Optional<Refusal> revocationOf(PGPPublicKey component) {
        Optional<PGPSignature> own = said.revocation(component);
        if (own.isPresent()) {
            return refuse(component, "was revoked by its owner on " + day(SignaturePolicy.madeAt(own.get())), RENEW);
        }
        for (PGPSignature foreign : said.foreignRevocations(component)) {
            for (Fingerprint revoker : said.designatedRevokers()) {
                if (revoker.keyId().equals(idOf(foreign))) {
                    Optional<Refusal> refusal = revocationBy(revoker, foreign, component);
                    if (refusal.isPresent()) {
                        return refusal;
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Without the revoker's key nobody can tell whether the revocation is genuine; then it counts. */
    private Optional<Refusal> revocationBy(Fingerprint revoker, PGPSignature revocation, PGPPublicKey component) {
        Optional<OpenPgpKey> revokerKey =
                known.stream().filter(k -> k.fingerprint().equals(revoker)).findFirst();
        if (revokerKey.isEmpty()) {
            return refuse(
                    component,
                    "carries a revocation in the name of its designated revoker " + revoker
                            + ", whose key is not here to check it",
                    RENEW);
        }
        return said.isRevocationBy(revokerKey.get().primary(), revocation, component)
                ? refuse(component, "was revoked by its designated revoker " + revoker, RENEW)
                : Optional.empty();
    }

    private Optional<Refusal> ageOf(PGPPublicKey component) {
        Instant created = component.getCreationTime().toInstant();
        return created.isAfter(now.plus(SignaturePolicy.CLOCK_SKEW))
                ? refuse(component, "was made in the future, on " + day(created), "set this machine's clock")
                : Optional.empty();
    }

    private Optional<Refusal> weaknessOf(PGPPublicKey component) {
        return SignaturePolicy.objectionToKey(component).flatMap(phrase -> refuse(component, phrase, RENEW));
    }

    private Optional<Refusal> expiryOf(PGPPublicKey component, PGPSignature statement) {
        return OpenPgpKey.expiry(component, statement)
                .filter(end -> !end.isAfter(now))
                .flatMap(end -> refuse(component, "expired on " + day(end), RENEW));
    }

    private static int flagsIn(PGPSignature statement) {
        return statement.getHashedSubPackets().getKeyFlags();
    }

    /** Old keys say nothing about their use: then the algorithm alone decides. */
    private static boolean mayNotSign(int flags) {
        return flags != 0 && (flags & KeyFlags.SIGN_DATA) == 0;
    }

    private Optional<Refusal> refuse(PGPPublicKey component, String phrase, String remedy) {
        String what = component == key.primary() ? "key " : "subkey ";
        return Optional.of(new Refusal(what + OpenPgpKey.fingerprintOf(component) + " " + phrase, remedy));
    }

    private static String idOf(PGPSignature signature) {
        return "%016x".formatted(signature.getKeyID());
    }

    static LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }
}
