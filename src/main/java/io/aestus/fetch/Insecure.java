package io.aestus.fetch;

import java.util.Locale;
import java.util.Optional;

/** What an operator may give up while fetching, in the words of {@code --insecure-options}. */
public enum Insecure {
    /** Images need no signature; none is fetched. */
    IMAGE,
    /** Certificates are not checked. */
    TLS,
    /** Plain http is allowed, for discovery, images and redirects. */
    HTTP,
    /** Plain http is allowed for the discovery of keys. */
    PUBKEY,
    /** A public server may lead to private addresses. */
    PRIVATE;

    /** The option of that name, if it is one for fetching. */
    public static Optional<Insecure> named(String word) {
        for (Insecure option : values()) {
            if (option.name().toLowerCase(Locale.ROOT).equals(word)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }
}
