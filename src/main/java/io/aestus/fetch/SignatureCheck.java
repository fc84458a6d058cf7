package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcIdentifier;
import io.aestus.trust.DetachedSignature;
import io.aestus.trust.KeyStore;
import io.aestus.trust.Scope;
import io.aestus.trust.SignatureVerification;
import io.aestus.trust.TrustedKey;
import io.aestus.trust.VerifiedSignature;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies a signature over bytes that pass by, where the name that the keys must be trusted for may come last: an archive
 * given by URL or path says its name in its manifest. Then every scope that could vouch is tried, and only one that covers
 * the name counts in the end.
 */
final class SignatureCheck {
    private final KeyStore keys;
    private final List<SignatureVerification> verifications;

    private SignatureCheck(KeyStore keys, List<SignatureVerification> verifications) {
        this.keys = keys;
        this.verifications = verifications;
    }

    /**
     * Begins with the first byte to come.
     *
     * @param name of the image, if it is known
     * @throws AestusException {@link Problem#UNTRUSTED} if no trusted key can have made the signature
     */
    static SignatureCheck begin(
            KeyStore keys, DetachedSignature signature, Optional<AcIdentifier> name, InstantSource clock) {
        if (name.isPresent()) {
            var verification = SignatureVerification.begin(keys.keysFor(name.get()), signature, clock);
            return new SignatureCheck(keys, List.of(verification));
        }
        var prospects = new ArrayList<SignatureVerification>();
        AestusException refusal = null;
        for (AcIdentifier candidate : namesOfScopes(keys)) {
            try {
                prospects.add(SignatureVerification.begin(keys.keysFor(candidate), signature, clock));
            } catch (AestusException e) {
                refusal = e;
            }
        }
        if (!prospects.isEmpty()) {
            return new SignatureCheck(keys, prospects);
        }
        throw refusal != null ? refusal : stranger(signature);
    }

    /** One name for each scope that any key is trusted for. */
    private static Set<AcIdentifier> namesOfScopes(KeyStore keys) {
        var names = new LinkedHashSet<AcIdentifier>();
        for (TrustedKey key : keys.list().keys()) {
            names.add(
                    switch (key.scope()) {
                        case Scope.Root _ -> AcIdentifier.parse("localhost");
                        case Scope.Prefix(AcIdentifier prefix) -> prefix;
                    });
        }
        return names;
    }

    private static AestusException stranger(DetachedSignature signature) {
        return new AestusException(
                        Problem.UNTRUSTED,
                        "cannot verify image: signed by key " + String.join(", ", signature.issuers())
                                + ", which is trusted for nothing")
                .withRemedy("aestus trust --prefix NAME KEYFILE");
    }

    void update(byte[] buffer, int from, int length) {
        for (SignatureVerification verification : verifications) {
            verification.update(buffer, from, length);
        }
    }

    /**
     * After the last byte.
     *
     * @param name as the manifest has it
     * @return fingerprints of the keys that signed and are trusted for this name
     * @throws AestusException {@link Problem#UNTRUSTED}
     */
    List<String> finish(AcIdentifier name) {
        var signers = new LinkedHashSet<VerifiedSignature.Signer>();
        AestusException refusal = null;
        for (SignatureVerification verification : verifications) {
            try {
                signers.addAll(verification.finish().signers());
            } catch (AestusException e) {
                refusal = e;
            }
        }
        if (signers.isEmpty() && refusal != null) {
            throw refusal;
        }
        List<TrustedKey> trusted = keys.keysFor(name).keys();
        List<String> fingerprints = signers.stream()
                .map(VerifiedSignature.Signer::key)
                .filter(key ->
                        trusted.stream().anyMatch(each -> each.fingerprint().equals(key)))
                .map(Object::toString)
                .distinct()
                .toList();
        if (fingerprints.isEmpty()) {
            String scopes = String.join(
                    ", ",
                    signers.stream()
                            .map(signer -> signer.scope().toString())
                            .distinct()
                            .toList());
            throw new AestusException(
                            Problem.UNTRUSTED,
                            "cannot verify " + name + ": the key that signed it is trusted only for " + scopes)
                    .withRemedy("aestus trust --prefix " + name + " KEYFILE");
        }
        return fingerprints;
    }
}
