package io.aestus.trust;

import static org.bouncycastle.openpgp.PGPSignature.CERTIFICATION_REVOCATION;
import static org.bouncycastle.openpgp.PGPSignature.DIRECT_KEY;
import static org.bouncycastle.openpgp.PGPSignature.KEY_REVOCATION;
import static org.bouncycastle.openpgp.PGPSignature.SUBKEY_BINDING;
import static org.bouncycastle.openpgp.PGPSignature.SUBKEY_REVOCATION;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bouncycastle.bcpg.sig.RevocationKey;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;

/**
 * What a key's owner says about key, names and subkeys: only statements whose signature was checked here, under the policy. Everything
 * else in a key file (others' certifications, forged or damaged packets) is as if it were not there, except revocations by
 * someone else, which {@link KeyJudge} weighs.
 */
final class OwnStatements {
    private final PGPPublicKey primary;

    OwnStatements(PGPPublicKeyRing ring) {
        this.primary = ring.getPublicKey();
    }

    /** The statement that governs the primary key's flags and expiry at {@code now}: the newest by name, or directly on the key. */
    Optional<PGPSignature> aboutPrimary(Instant now) {
        List<PGPSignature> candidates = new ArrayList<>();
        for (byte[] name : names()) {
            certificationOf(name, now).ifPresent(candidates::add);
        }
        List<PGPSignature> direct = signaturesOnKey(primary, DIRECT_KEY, now);
        // GnuPG names designated revokers in direct signatures that say nothing else: these must not hide an expiry.
        direct.stream().filter(OwnStatements::saysHowToUseIt).forEach(candidates::add);
        return newest(candidates.isEmpty() ? direct : candidates);
    }

    private static boolean saysHowToUseIt(PGPSignature signature) {
        var options = signature.getHashedSubPackets();
        return options.getKeyFlags() != 0 || options.getKeyExpirationTime() != 0;
    }

    /** User IDs that the owner affirms and has not revoked. */
    List<byte[]> validNames(Instant now) {
        return names().stream()
                .filter(name -> certificationOf(name, now).isPresent())
                .toList();
    }

    private Optional<PGPSignature> certificationOf(byte[] name, Instant now) {
        var all = listOf(primary.getSignaturesForID(name));
        var newest = newest(valid(all, PGPSignature::isCertification, now, s -> s.verifyCertification(name, primary)));
        var revocation = newest(valid(
                all,
                s -> s.getSignatureType() == CERTIFICATION_REVOCATION,
                now,
                s -> s.verifyCertification(name, primary)));
        return newest.filter(certification -> revocation.isEmpty()
                || SignaturePolicy.madeAt(revocation.get()).isBefore(SignaturePolicy.madeAt(certification)));
    }

    /** The newest binding of a subkey to this primary key. */
    Optional<PGPSignature> binding(PGPPublicKey subkey, Instant now) {
        return newest(signaturesOnKey(subkey, SUBKEY_BINDING, now));
    }

    /** Whether the subkey says that it belongs to this primary key; without that, anybody could claim anybody's signing key. */
    boolean isBoundBack(PGPPublicKey subkey, PGPSignature binding) {
        return embeddedIn(binding).stream()
                .filter(back -> back.getSignatureType() == PGPSignature.PRIMARYKEY_BINDING)
                .filter(SignaturePolicy::acceptsStatement)
                .anyMatch(back -> holds(back, subkey, s -> s.verifyCertification(primary, subkey)));
    }

    private static List<PGPSignature> embeddedIn(PGPSignature binding) {
        return Stream.of(binding.getHashedSubPackets(), binding.getUnhashedSubPackets())
                .flatMap(OwnStatements::embeddedIn)
                .toList();
    }

    private static Stream<PGPSignature> embeddedIn(PGPSignatureSubpacketVector options) {
        try {
            return StreamSupport.stream(options.getEmbeddedSignatures().spliterator(), false);
        } catch (PGPException e) {
            return Stream.of(); // what cannot be read holds no back signature
        }
    }

    /** Revocations of the primary key or a subkey by the primary key itself; they count for ever. */
    Optional<PGPSignature> revocation(PGPPublicKey key) {
        return newest(signaturesOnKey(key, revocationTypeOf(key), Instant.MAX));
    }

    /** Revocations by somebody else that sit on {@code key}; unverified. */
    List<PGPSignature> foreignRevocations(PGPPublicKey key) {
        return listOf(key.getKeySignatures()).stream()
                .filter(s -> s.getSignatureType() == revocationTypeOf(key))
                .filter(s -> s.getKeyID() != primary.getKeyID())
                .toList();
    }

    /** Whether {@code revoker} really made this revocation of {@code key}. */
    boolean isRevocationBy(PGPPublicKey revoker, PGPSignature revocation, PGPPublicKey key) {
        return SignaturePolicy.acceptsRevocation(revocation) && holds(revocation, revoker, s -> verifyOnKey(s, key));
    }

    private int revocationTypeOf(PGPPublicKey key) {
        return key == primary ? KEY_REVOCATION : SUBKEY_REVOCATION;
    }

    /** Whom the owner ever let revoke this key. Such a right cannot be taken back. */
    @SuppressWarnings("deprecation") // RFC 9580 advises against naming revokers so; keys in use do it
    List<Fingerprint> designatedRevokers() {
        List<Fingerprint> revokers = new ArrayList<>();
        for (PGPSignature statement : signaturesOnKey(primary, DIRECT_KEY, Instant.MAX)) {
            for (RevocationKey revoker : statement.getHashedSubPackets().getRevocationKeys()) {
                if (revoker.getFingerprint().length == 20) {
                    revokers.add(Fingerprint.of(revoker.getFingerprint()));
                }
            }
        }
        return revokers;
    }

    private List<byte[]> names() {
        return listOf(primary.getRawUserIDs());
    }

    private List<PGPSignature> signaturesOnKey(PGPPublicKey key, int type, Instant now) {
        return valid(listOf(key.getKeySignatures()), s -> s.getSignatureType() == type, now, s -> verifyOnKey(s, key));
    }

    private boolean verifyOnKey(PGPSignature signature, PGPPublicKey key) throws PGPException {
        return key == primary ? signature.verifyCertification(primary) : signature.verifyCertification(primary, key);
    }

    private List<PGPSignature> valid(List<PGPSignature> all, Predicate<PGPSignature> ofKind, Instant now, Check check) {
        return all.stream()
                .filter(ofKind)
                .filter(s -> s.getKeyID() == primary.getKeyID())
                .filter(s ->
                        isRevocation(s) ? SignaturePolicy.acceptsRevocation(s) : SignaturePolicy.acceptsStatement(s))
                .filter(s -> isCurrent(s, now))
                .filter(s -> holds(s, primary, check))
                .toList();
    }

    private static boolean isRevocation(PGPSignature signature) {
        return switch (signature.getSignatureType()) {
            case KEY_REVOCATION, SUBKEY_REVOCATION, CERTIFICATION_REVOCATION -> true;
            default -> false;
        };
    }

    private static boolean isCurrent(PGPSignature signature, Instant now) {
        if (now.equals(Instant.MAX)) {
            return true;
        }
        return !SignaturePolicy.madeAt(signature).isAfter(now.plus(SignaturePolicy.CLOCK_SKEW))
                && SignaturePolicy.endOf(signature).isAfter(now);
    }

    private static boolean holds(PGPSignature signature, PGPPublicKey by, Check check) {
        try {
            signature.init(DigestVerifiers.fresh(), by);
            return check.passes(signature);
        } catch (PGPException | RuntimeException e) {
            return false; // what cannot even be checked was not said
        }
    }

    private static Optional<PGPSignature> newest(List<PGPSignature> signatures) {
        return signatures.stream().max(Comparator.comparing(SignaturePolicy::madeAt));
    }

    private static <T> List<T> listOf(Iterator<T> iterator) {
        List<T> list = new ArrayList<>();
        iterator.forEachRemaining(list::add);
        return list;
    }

    private interface Check {
        boolean passes(PGPSignature signature) throws PGPException;
    }
}
