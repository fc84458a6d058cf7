package io.aestus.fetch;

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
 */
public record FetchPolicy(
        PullPolicy pull, Set<Insecure> insecure, KeyAcceptance keys, Optional<Path> signature, FetchLimits limits) {
    /** Signed images over https, asked for only if the store has none. */
    public static final FetchPolicy STANDARD =
            new FetchPolicy(PullPolicy.NEW, Set.of(), KeyAcceptance.NONE, Optional.empty(), FetchLimits.STANDARD);

    public FetchPolicy {
        insecure = Set.copyOf(insecure);
    }

    boolean allows(Insecure option) {
        return insecure.contains(option);
    }

    public FetchPolicy pulling(PullPolicy newPull) {
        return new FetchPolicy(newPull, insecure, keys, signature, limits);
    }

    public FetchPolicy allowing(Insecure... options) {
        var all = EnumSet.noneOf(Insecure.class);
        all.addAll(insecure);
        all.addAll(Set.of(options));
        return new FetchPolicy(pull, all, keys, signature, limits);
    }

    public FetchPolicy accepting(KeyAcceptance newKeys) {
        return new FetchPolicy(pull, insecure, newKeys, signature, limits);
    }

    public FetchPolicy signedBy(Path newSignature) {
        return new FetchPolicy(pull, insecure, keys, Optional.of(newSignature), limits);
    }

    public FetchPolicy within(FetchLimits newLimits) {
        return new FetchPolicy(pull, insecure, keys, signature, newLimits);
    }
}
