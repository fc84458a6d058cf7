package io.aestus.trust;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;

/**
 * Checks detached signatures over bytes that pass by once. {@link #begin} refuses what cannot become good whatever the bytes are, so
 * that nothing is downloaded in vain; {@link #finish} decides. For one thread; may be dropped at any time.
 */
public final class SignatureVerification {
    private final TrustedKeys keys;
    private final Instant now;
    private final List<Prospect> prospects = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private final Map<HashAlgorithm, MessageDigest> shared = new EnumMap<>(HashAlgorithm.class);
    private final List<MessageDigest> digests = new ArrayList<>();
    private boolean finished;

    private SignatureVerification(TrustedKeys keys, Instant now) {
        this.keys = keys;
        this.now = now;
    }

    /** A signature that a trusted key may have made, with the digest that takes up the bytes for it. */
    private record Prospect(PGPSignature signature, TrustedKey by, PGPPublicKey component, MessageDigest digest) {}

    /**
     * Starts with the first byte still to come.
     *
     * @throws AestusException {@link Problem#UNTRUSTED} if no signature is by a key that is trusted for this name and may sign now
     */
    public static SignatureVerification begin(TrustedKeys keys, DetachedSignature signature, InstantSource clock) {
        var verification = new SignatureVerification(keys, clock.instant());
        signature.signatures().forEach(verification::consider);
        if (verification.prospects.isEmpty()) {
            throw verification.untrusted();
        }
        return verification;
    }

    private void consider(PGPSignature signature) {
        boolean known = false;
        for (TrustedKey trusted : keys.keys()) {
            for (PGPPublicKey component : trusted.key().possibleSigners(signature)) {
                known = true;
                objectionTo(signature, trusted, component)
                        .ifPresentOrElse(refusals::add, () -> prospects.add(prospect(signature, trusted, component)));
            }
        }
        if (!known) {
            refusals.add(strangers(signature));
        }
    }

    private Optional<Refusal> objectionTo(PGPSignature signature, TrustedKey trusted, PGPPublicKey component) {
        return SignaturePolicy.objectionToImageSignature(signature)
                .map(phrase ->
                        bySigner(signature, phrase, "ask the publisher to sign again with a current OpenPGP program"))
                .or(() -> trusted.key().objectionTo(component, keys.openPgpKeys(), now))
                .or(() -> objectionToTime(signature, component));
    }

    private Optional<Refusal> objectionToTime(PGPSignature signature, PGPPublicKey component) {
        Instant made = SignaturePolicy.madeAt(signature);
        Instant end = SignaturePolicy.endOf(signature);
        if (made.isAfter(now.plus(SignaturePolicy.CLOCK_SKEW))) {
            return Optional.of(bySigner(signature, "was made in the future, at " + made, "set this machine's clock"));
        }
        if (made.isBefore(component.getCreationTime().toInstant())) {
            return Optional.of(bySigner(
                    signature, "was made at " + made + ", before the key existed", "ask the publisher to sign again"));
        }
        if (!end.isAfter(now)) {
            return Optional.of(bySigner(signature, "expired at " + end, "ask the publisher to sign again"));
        }
        return Optional.empty();
    }

    private static Refusal bySigner(PGPSignature signature, String phrase, String remedy) {
        return new Refusal("signature by " + DetachedSignature.issuerOf(signature) + " " + phrase, remedy);
    }

    /** Says whether nobody trusts the key, or only for other names. */
    private Refusal strangers(PGPSignature signature) {
        String elsewhere = keys.everywhere().stream()
                .filter(k -> !k.key().possibleSigners(signature).isEmpty())
                .map(k -> k.scope().toString())
                .distinct()
                .collect(Collectors.joining(", "));
        return new Refusal(
                "signed by key " + DetachedSignature.issuerOf(signature) + ", which is trusted "
                        + (elsewhere.isEmpty() ? "for nothing" : "only for " + elsewhere),
                "aestus trust --prefix " + keys.name() + " KEYFILE");
    }

    private Prospect prospect(PGPSignature signature, TrustedKey trusted, PGPPublicKey component) {
        HashAlgorithm hash = HashAlgorithm.ofTag(signature.getHashAlgorithm()).orElseThrow();
        if (signature.getVersion() == 4) {
            return new Prospect(signature, trusted, component, shared.computeIfAbsent(hash, this::newDigest));
        }
        MessageDigest own = newDigest(hash); // version 6 begins with a salt of its own
        start(signature, own, component);
        return new Prospect(signature, trusted, component, own);
    }

    private MessageDigest newDigest(HashAlgorithm hash) {
        MessageDigest digest = hash.newDigest();
        digests.add(digest);
        return digest;
    }

    /** Takes up the next bytes of the image as it was delivered, still compressed. */
    public void update(byte[] bytes, int offset, int length) {
        for (MessageDigest digest : digests) {
            digest.update(bytes, offset, length);
        }
    }

    /**
     * After the last byte: one good signature is enough.
     *
     * @throws AestusException {@link Problem#UNTRUSTED} if no trusted key signed exactly these bytes
     */
    public VerifiedSignature finish() {
        if (finished) {
            throw new IllegalStateException("a verification can be finished once");
        }
        finished = true;
        List<VerifiedSignature.Signer> signers = new ArrayList<>();
        for (Prospect prospect : prospects) {
            if (holds(prospect)) {
                signers.add(signer(prospect));
            } else {
                refusals.add(mismatch(prospect));
            }
        }
        if (signers.isEmpty()) {
            throw untrusted();
        }
        return new VerifiedSignature(
                keys.name(), signers, refusals.stream().map(Refusal::reason).toList());
    }

    private static boolean holds(Prospect prospect) {
        try {
            if (prospect.signature().getVersion() == 4) {
                var copy = (MessageDigest) prospect.digest().clone();
                prospect.signature().init(DigestVerifiers.continuing(copy), prospect.component());
            }
            return prospect.signature().verify();
        } catch (PGPException | RuntimeException e) {
            return false; // numbers that make no sense for this key: as wrong as any other
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's digests can be cloned", e);
        }
    }

    private static void start(PGPSignature signature, MessageDigest digest, PGPPublicKey component) {
        try {
            signature.init(DigestVerifiers.continuing(digest), component);
        } catch (PGPException e) {
            throw new AestusException(Problem.INVALID, "cannot read signature: its packets are damaged", e);
        }
    }

    private VerifiedSignature.Signer signer(Prospect prospect) {
        return new VerifiedSignature.Signer(
                prospect.by().fingerprint(),
                OpenPgpKey.fingerprintOf(prospect.component()),
                prospect.by().scope(),
                prospect.by().key().userIds(now),
                SignaturePolicy.madeAt(prospect.signature()));
    }

    private static Refusal mismatch(Prospect prospect) {
        return bySigner(
                prospect.signature(),
                "does not fit these bytes: image or signature was changed",
                "fetch again; if it stays so, tell the publisher");
    }

    private AestusException untrusted() {
        String reasons = refusals.stream().map(Refusal::reason).distinct().collect(Collectors.joining("; "));
        String passedOver = keys.refused().stream()
                .map(file -> "; key file "
                        + Quoted.of(String.valueOf(file.file().getFileName())) + " was passed over: " + file.reason())
                .collect(Collectors.joining());
        return new AestusException(Problem.UNTRUSTED, "cannot verify " + keys.name() + ": " + reasons + passedOver)
                .withRemedy(refusals.getFirst().remedy());
    }
}
