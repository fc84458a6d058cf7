package io.aestus.oci;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import java.util.List;
import java.util.Set;

/**
 * Of what an image is made: a configuration, and layers of files, the lowest first.
 *
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md">OCI: Image Manifest</a>
 */
public record OciManifest(Descriptor config, List<Descriptor> layers) implements OciDocument {
    public static final String MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json";
    static final String DOCKER_TYPE = "application/vnd.docker.distribution.manifest.v2+json";
    public static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
    private static final String DOCKER_CONFIG_TYPE = "application/vnd.docker.container.image.v1+json";
    static final Set<String> TYPES = Set.of(MEDIA_TYPE, DOCKER_TYPE);
    private static final Set<String> CONFIG_TYPES = Set.of(CONFIG_TYPE, DOCKER_CONFIG_TYPE, "");
    /** Docker makes no more than 127. */
    static final int MOST_LAYERS = 512;

    public OciManifest {
        layers = List.copyOf(layers);
    }

    /** An artifact, unless its configuration is that of an image and nothing says that it is of another type. */
    static OciDocument read(JsonView view) {
        Descriptor described = Descriptor.read(view.required("config"));
        boolean hasType = view.optional("artifactType")
                .filter(type -> !type.string().isEmpty())
                .isPresent();
        if (hasType || !CONFIG_TYPES.contains(described.mediaType())) {
            return OciArtifact.read(view, described.mediaType());
        }
        JsonView layers = view.required("layers");
        List<Descriptor> all = layers.elements().stream().map(Descriptor::read).toList();
        if (all.size() > MOST_LAYERS) {
            throw layers.failure("must not have more than " + MOST_LAYERS + " elements");
        }
        return new OciManifest(described, all);
    }

    /** A manifest of our own making. */
    public byte[] toBytes() {
        return JsonWriter.compact(JsonObject.builder()
                .put("schemaVersion", 2)
                .put("mediaType", MEDIA_TYPE)
                .put("config", config.toJson())
                .put("layers", Json.array(layers, Descriptor::toJson))
                .build());
    }
}
