package io.aestus.store;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.oci.Digest;
import java.util.List;

/**
 * Of what an OCI image is made, as far as finding it goes.
 *
 * @param config digest of its configuration: what Docker calls its ID
 * @param layers digest of each layer's tar, the lowest first
 */
public record OciParts(Digest config, List<Digest> layers) {
    public OciParts {
        layers = List.copyOf(layers);
    }

    static OciParts read(JsonView view) {
        return new OciParts(
                view.required("config").parsed(Digest::parse),
                view.list("layers", layer -> layer.parsed(Digest::parse)));
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("config", config.toString())
                .put(
                        "layers",
                        Json.strings(layers.stream().map(Digest::toString).toList()))
                .build();
    }
}
