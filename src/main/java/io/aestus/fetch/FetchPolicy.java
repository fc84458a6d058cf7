package io.aestus.fetch;

import io.aestus.store.StoredImage;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * How one request is to be met. Immutable.
 *
 * @param pull when to ask a server
 * @param insecure what the operator gives up
 * @param keys who decides on keys that discovery finds for a name that has none
 * @param signature the signature to use instead of the one beside the image
 * @param platforms whether an image for another host will do
 */
public record FetchPolicy(
        PullPolicy pull,
        Set<Insecure> insecure,
        KeyAcceptance keys,
        Optional<Path> signature,
        Platforms platforms,
        FetchLimits limits) {
    /** Signed images over https, asked for only if the store has none. */
    public static final FetchPolicy STANDARD = new FetchPolicy(
            PullPolicy.NEW, Set.of(), KeyAcceptance.NONE, Optional.empty(), Platforms.THIS_HOST, FetchLimits.STANDARD);

    /** Which hosts an image must be for that is given by URL or path; a name says it by its labels. */
    public enum Platforms {
        THIS_HOST,
        ANY
    }

    public FetchPolicy {
        insecure = Set.copyOf(insecure);
    }

    boolean allows(Insecure option) {
        return insecure.contains(option);
    }

    /** Whether what the store has may be used as it is: signed, unless the policy gives that up. */
    public boolean admits(StoredImage image) {
        return image.isSigned() || allows(Insecure.IMAGE);
    }

    public FetchPolicy pulling(PullPolicy newPull) {
        return new FetchPolicy(newPull, insecure, keys, signature, platforms, limits);
    }

    public FetchPolicy allowing(Insecure... options) {
        var all = EnumSet.noneOf(Insecure.class);
        all.addAll(insecure);
        all.addAll(Set.of(options));
        return new FetchPolicy(pull, all, keys, signature, platforms, limits);
    }

    public FetchPolicy accepting(KeyAcceptance newKeys) {
        return new FetchPolicy(pull, insecure, newKeys, signature, platforms, limits);
    }

    public FetchPolicy signedBy(Path newSignature) {
        return new FetchPolicy(pull, insecure, keys, Optional.of(newSignature), platforms, limits);
    }

    public FetchPolicy forAnyPlatform() {
        return new FetchPolicy(pull, insecure, keys, signature, Platforms.ANY, limits);
    }

    public FetchPolicy within(FetchLimits newLimits) {
        return new FetchPolicy(pull, insecure, keys, signature, platforms, newLimits);
    }
}
