package io.aestus.trust;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;

/** Which algorithms, lengths and options a signature may use. One policy for everybody: a weak one cannot be switched on. */
final class SignaturePolicy {
    /** How far a signer's clock may be ahead of ours. */
    static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /** GnuPG's own date: until then SHA-1 was usual in what owners say about their keys, and collisions were out of reach. */
    private static final Instant SHA1_UNTIL = Instant.parse("2019-01-19T00:00:00Z");

    private static final int MIN_RSA_OR_DSA_BITS = 2048;
    private static final int MAX_RSA_OR_DSA_BITS = 16384;
    private static final int MIN_CURVE_BITS = 255;

    /** Hashed options that we obey, or that ask nothing of a verifier. Any other one that is marked critical makes the signature void. */
    private static final Set<Integer> UNDERSTOOD = Set.of(
            SignatureSubpacketTags.CREATION_TIME,
            SignatureSubpacketTags.EXPIRE_TIME,
            SignatureSubpacketTags.EXPORTABLE,
            SignatureSubpacketTags.REVOCABLE,
            SignatureSubpacketTags.KEY_EXPIRE_TIME,
            SignatureSubpacketTags.PREFERRED_SYM_ALGS,
            SignatureSubpacketTags.REVOCATION_KEY,
            SignatureSubpacketTags.ISSUER_KEY_ID,
            SignatureSubpacketTags.PREFERRED_HASH_ALGS,
            SignatureSubpacketTags.PREFERRED_COMP_ALGS,
            SignatureSubpacketTags.KEY_SERVER_PREFS,
            SignatureSubpacketTags.PREFERRED_KEY_SERV,
            SignatureSubpacketTags.PRIMARY_USER_ID,
            SignatureSubpacketTags.POLICY_URL,
            SignatureSubpacketTags.KEY_FLAGS,
            SignatureSubpacketTags.SIGNER_USER_ID,
            SignatureSubpacketTags.REVOCATION_REASON,
            SignatureSubpacketTags.FEATURES,
            SignatureSubpacketTags.EMBEDDED_SIGNATURE,
            SignatureSubpacketTags.ISSUER_FINGERPRINT,
            SignatureSubpacketTags.PREFERRED_AEAD_ALGORITHMS);

    private SignaturePolicy() {}

    /** What speaks against the way an image signature is made, whoever made it: goes on after "signature by …". */
    static Optional<String> objectionToImageSignature(PGPSignature signature) {
        if (signature.getVersion() != 4 && signature.getVersion() != 6) {
            return Optional.of("is of version " + signature.getVersion() + "; 4 and 6 are accepted");
        }
        if (signature.getSignatureType() != PGPSignature.BINARY_DOCUMENT) {
            return Optional.of("is of type 0x%02x; a file needs 0x00, a signature over a binary document"
                    .formatted(signature.getSignatureType()));
        }
        Optional<HashAlgorithm> hash = HashAlgorithm.ofTag(signature.getHashAlgorithm());
        if (hash.isEmpty() || hash.get() == HashAlgorithm.SHA1) {
            return Optional.of("uses " + HashAlgorithm.nameOfTag(signature.getHashAlgorithm())
                    + ", which proves nothing any more");
        }
        return objectionToOptions(signature);
    }

    private static Optional<String> objectionToOptions(PGPSignature signature) {
        if (signature.getHashedSubPackets().getSignatureCreationTime() == null) {
            return Optional.of("does not say when it was made");
        }
        for (int tag : signature.getHashedSubPackets().getCriticalTags()) {
            if (!UNDERSTOOD.contains(tag)) {
                return Optional.of("has a critical option (" + tag + ") that is not known here");
            }
        }
        return Optional.empty();
    }

    /** Whether what an owner says about a key, when it says so, can count. The hash needs no resistance to collisions before 2019. */
    static boolean acceptsStatement(PGPSignature signature) {
        if (signature.getVersion() < 4 || objectionToOptions(signature).isPresent()) {
            return false;
        }
        Optional<HashAlgorithm> hash = HashAlgorithm.ofTag(signature.getHashAlgorithm());
        return hash.isPresent()
                && (hash.get() != HashAlgorithm.SHA1 || madeAt(signature).isBefore(SHA1_UNTIL));
    }

    /** Whether a revocation can count: by any hash, at any time, whatever else it says. To ignore one would be worse than to heed it. */
    static boolean acceptsRevocation(PGPSignature signature) {
        return signature.getVersion() >= 4 && signature.getHashedSubPackets().getSignatureCreationTime() != null;
    }

    /** What speaks against a key by its mere kind and length: goes on after "key …". */
    static Optional<String> objectionToKey(PGPPublicKey key) {
        int bits = key.getBitStrength();
        return switch (key.getAlgorithm()) {
            case PublicKeyAlgorithmTags.RSA_GENERAL, PublicKeyAlgorithmTags.DSA -> {
                if (bits < MIN_RSA_OR_DSA_BITS || bits > MAX_RSA_OR_DSA_BITS) {
                    yield Optional.of("is %s of %d bits; %d to %d are accepted"
                            .formatted(algorithmOf(key), bits, MIN_RSA_OR_DSA_BITS, MAX_RSA_OR_DSA_BITS));
                }
                yield Optional.empty();
            }
            case PublicKeyAlgorithmTags.ECDSA,
                    PublicKeyAlgorithmTags.EDDSA_LEGACY,
                    PublicKeyAlgorithmTags.Ed25519,
                    PublicKeyAlgorithmTags.Ed448 ->
                bits < MIN_CURVE_BITS
                        ? Optional.of("is on a curve that is too small or not known here")
                        : Optional.empty();
            default -> Optional.of("cannot sign: it is " + algorithmOf(key));
        };
    }

    static String algorithmOf(PGPPublicKey key) {
        return switch (key.getAlgorithm()) {
            case PublicKeyAlgorithmTags.RSA_GENERAL -> "RSA";
            case PublicKeyAlgorithmTags.DSA -> "DSA";
            case PublicKeyAlgorithmTags.ECDSA -> "ECDSA";
            case PublicKeyAlgorithmTags.EDDSA_LEGACY -> "EdDSA";
            case PublicKeyAlgorithmTags.Ed25519 -> "Ed25519";
            case PublicKeyAlgorithmTags.Ed448 -> "Ed448";
            case PublicKeyAlgorithmTags.ECDH, PublicKeyAlgorithmTags.X25519, PublicKeyAlgorithmTags.X448 -> "ECDH";
            case PublicKeyAlgorithmTags.ELGAMAL_ENCRYPT -> "ElGamal";
            default -> "algorithm " + key.getAlgorithm();
        };
    }

    static Instant madeAt(PGPSignature signature) {
        return signature.getHashedSubPackets().getSignatureCreationTime().toInstant();
    }

    /** When the signature itself, not its key, ends; far in the future if it says nothing. */
    static Instant endOf(PGPSignature signature) {
        long seconds = signature.getHashedSubPackets().getSignatureExpirationTime();
        return seconds == 0 ? Instant.MAX : madeAt(signature).plusSeconds(seconds);
    }
}
