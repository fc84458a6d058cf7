package io.aestus.fetch;

import java.net.URI;
import java.util.Optional;

/** What we show to the server that is asked, and never to where it redirects. */
@FunctionalInterface
interface Identity {
    /** The value of {@code Authorization} for a request to {@code url}. */
    Optional<String> forUrl(URI url);
}
