package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Quoted;
import io.aestus.json.JsonView;

/**
 * What a manifest describes.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/types.md#ac-kind-type">appc: AC Kind</a>
 */
public enum AcKind {
    IMAGE_MANIFEST("ImageManifest"),
    POD_MANIFEST("PodManifest");

    private final String word;

    AcKind(String word) {
        this.word = word;
    }

    /** Refuses a manifest whose {@code acKind} is not this one. */
    void requireIn(JsonView manifest) throws AestusException {
        JsonView kind = manifest.required("acKind");
        if (!kind.string().equals(word)) {
            throw kind.failure("must be " + word + ", not " + Quoted.of(kind.string()));
        }
    }

    /** As it stands in a manifest. */
    @Override
    public String toString() {
        return word;
    }
}
