package io.aestus.trust;

import io.aestus.appc.AcIdentifier;
import java.time.Instant;
import java.util.List;

/** The proof that trusted keys signed exactly the bytes that were seen. Only {@link SignatureVerification} can make one. */
public final class VerifiedSignature {
    private final AcIdentifier name;
    private final List<Signer> signers;
    private final List<String> others;

    VerifiedSignature(AcIdentifier name, List<Signer> signers, List<String> others) {
        this.name = name;
        this.signers = List.copyOf(signers);
        this.others = List.copyOf(others);
    }

    /**
     * One who signed.
     *
     * @param key the trusted primary key
     * @param signedWith the key or subkey that made the signature
     * @param scope for what the key is trusted
     * @param userIds names that its owner affirms; foreign text
     * @param signedAt by the signer's word
     */
    public record Signer(Fingerprint key, Fingerprint signedWith, Scope scope, List<String> userIds, Instant signedAt) {
        public Signer {
            userIds = List.copyOf(userIds);
        }
    }

    /** The image name under which the keys were found. Proves the bytes for this name only. */
    public AcIdentifier name() {
        return name;
    }

    /** Never empty. */
    public List<Signer> signers() {
        return signers;
    }

    /** What was wrong with further signatures in the same file, one clause each. */
    public List<String> others() {
        return others;
    }
}
