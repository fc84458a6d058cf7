package io.aestus.fetch;

import io.aestus.appc.AcIdentifier;
import io.aestus.trust.KeyReview;
import io.aestus.trust.KeyStore;
import io.aestus.trust.OpenPgpKey;
import io.aestus.trust.Scope;
import java.net.URI;
import java.time.InstantSource;

/** Looks for the keys of a name that has none, and asks whether to trust them. */
final class KeyDiscovery {
    private final SmallFiles files;
    private final FetchPolicy policy;
    private final KeyStore keys;
    private final InstantSource clock;

    KeyDiscovery(SmallFiles files, FetchPolicy policy, KeyStore keys, InstantSource clock) {
        this.files = files;
        this.policy = policy;
        this.keys = keys;
        this.clock = clock;
    }

    /** Adds for {@code name} what is accepted. Accepting nothing is no error: the signature will say which key is missing. */
    void run(AcIdentifier name, Meter meter) {
        for (URI place : PublishedKeys.places(name, files, policy)) {
            for (OpenPgpKey key : PublishedKeys.read(place, files, policy)) {
                KeyReview review = key.review(clock.instant());
                if (review.canSign() && policy.keys().accepts(name, review, place)) {
                    keys.add(new Scope.Prefix(name), key);
                    meter.notice("key " + key.fingerprint() + " from " + place + " is now trusted for " + name);
                }
            }
        }
    }
}
