package io.aestus.fetch;

import io.aestus.appc.AcIdentifier;
import io.aestus.trust.KeyReview;
import java.net.URI;

/** Decides whether a key that discovery found may sign the images of a name from now on; a person, mostly. */
@FunctionalInterface
public interface KeyAcceptance {
    /** No key is looked for. */
    KeyAcceptance NONE = (_, _, _) -> false;

    /** Whoever holds the name's web server holds its images: each key that came over https is taken. */
    KeyAcceptance FROM_HTTPS = (_, _, from) -> "https".equalsIgnoreCase(from.getScheme());

    /**
     * Whether to trust {@code key}.
     *
     * @param name that the key is to be trusted for, with all below it
     * @param from where the key came from
     */
    boolean accepts(AcIdentifier name, KeyReview key, URI from);
}
