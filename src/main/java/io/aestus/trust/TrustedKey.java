package io.aestus.trust;

import java.nio.file.Path;

/**
 * A key with what it is trusted for.
 *
 * @param file where the key store keeps it
 */
public record TrustedKey(Scope scope, OpenPgpKey key, Path file) {
    public Fingerprint fingerprint() {
        return key.fingerprint();
    }
}
