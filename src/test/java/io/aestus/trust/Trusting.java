package io.aestus.trust;

import io.aestus.appc.AcIdentifier;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Short ways to trust keys and verify, for tests. */
final class Trusting {
    static final AcIdentifier WEB = AcIdentifier.parse("example.com/web");
    static final InstantSource NOW = Clock.systemUTC();

    private Trusting() {}

    static TrustedKeys only(OpenPgpKey... keys) {
        return elsewhere(List.of(), keys);
    }

    /** @param elsewhere keys that are trusted for another name */
    static TrustedKeys elsewhere(List<TrustedKey> elsewhere, OpenPgpKey... keys) {
        List<TrustedKey> trusted = new ArrayList<>();
        for (OpenPgpKey key : keys) {
            trusted.add(trusted("example.com", key));
        }
        return new TrustedKeys(WEB, trusted, List.of(), () -> elsewhere);
    }

    static TrustedKey trusted(String prefix, OpenPgpKey key) {
        return new TrustedKey(new Scope.Prefix(AcIdentifier.parse(prefix)), key, Path.of("/nowhere"));
    }

    static VerifiedSignature verify(byte[] image, byte[] signature, TrustedKeys keys) {
        return verify(image, signature, keys, NOW);
    }

    static VerifiedSignature verify(byte[] image, byte[] signature, TrustedKeys keys, InstantSource clock) {
        var verification = SignatureVerification.begin(keys, DetachedSignature.read(signature), clock);
        verification.update(image, 0, 1);
        verification.update(image, 1, image.length - 1);
        return verification.finish();
    }

    static InstantSource at(String instant) {
        return InstantSource.fixed(Instant.parse(instant));
    }
}
