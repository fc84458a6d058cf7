package io.aestus.oci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonLimits;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import java.util.Set;

/** What a name at a registry stands for: an image, or a list of them for several machines, or files that are no image. */
public sealed interface OciDocument permits OciManifest, OciIndex, OciArtifact {
    /** How large a manifest, an index or a configuration may be. */
    int LARGEST_BYTES = 4 << 20;

    /** Of what a registry is asked for. */
    String ACCEPTED = String.join(
            ", ", OciManifest.MEDIA_TYPE, OciManifest.DOCKER_TYPE, OciIndex.MEDIA_TYPE, OciIndex.DOCKER_TYPE);

    /**
     * Reads one of them. What it says of its own type must be what it is: bytes that are two things at once are none
     * (CVE-2021-41190).
     *
     * @throws AestusException {@link Problem#INVALID} or {@link Problem#UNSUPPORTED}, naming the field
     */
    static OciDocument read(byte[] json) {
        JsonView view = JsonReader.read(json, "image manifest", new JsonLimits(LARGEST_BYTES, 64));
        boolean isIndex = view.optional("manifests").isPresent();
        boolean isManifest =
                view.optional("layers").isPresent() || view.optional("config").isPresent();
        if (view.optional("fsLayers").isPresent()) {
            throw new AestusException(
                    Problem.UNSUPPORTED,
                    "cannot read image manifest: it is of Docker's schema 1, which nothing verifies");
        }
        if (isIndex == isManifest) {
            throw view.failure(
                    isIndex
                            ? "must not have both manifests and layers"
                            : "must have either manifests, or config and layers");
        }
        view.required("schemaVersion").whole(2, 2);
        Set<String> types = isIndex ? OciIndex.TYPES : OciManifest.TYPES;
        view.optional("mediaType").ifPresent(type -> {
            if (!types.contains(type.string())) {
                throw type.failure("must be one of " + String.join(", ", types));
            }
        });
        return isIndex ? OciIndex.read(view) : OciManifest.read(view);
    }
}
