package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an app is just now, in the words of the OCI runtime specification.
 *
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#state">OCI runtime specification: state</a>
 */
final class OciState {
    private OciState() {}

    static JsonObject of(AppPlace place, String status, OptionalLong pid) {
        return JsonObject.builder()
                .put("ociVersion", OciConfig.VERSION)
                .put(
                        "id",
                        Optional.of(place.options().edits().id())
                                .filter(id -> !id.isEmpty())
                                .orElse(HookBundle.name(place)))
                .put("status", status)
                .put("pid", pid)
                .put("bundle", HookBundle.path(place).toString())
                .putUnlessEmpty("annotations", Json.stringMap(place.options().annotations()))
                .build();
    }
}
