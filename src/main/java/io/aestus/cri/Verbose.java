package io.aestus.cri;

import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import io.aestus.oci.Digest;
import io.aestus.store.StoredImage;

/** What {@code crictl inspect} shows beside a status: JSON, for people. No environment, which may hold secrets. */
final class Verbose {
    private Verbose() {}

    static String of(PodStatus pod) {
        var info = JsonObject.builder().put("uuid", pod.uuid().toString());
        if (pod.state() instanceof PodState.Running running) {
            info.put("pid", running.pid());
        }
        return JsonWriter.compactText(
                info.put("network", pod.options().network().name()).build());
    }

    static String of(AppStatus app) {
        var info = JsonObject.builder()
                .put("app", app.name().value())
                .put("image", app.image().toString())
                .put("starts", app.starts());
        if (app.state() instanceof AppState.Running running) {
            info.put("pid", running.pid());
        }
        return JsonWriter.compactText(info.build());
    }

    /** Its origin and what it is made of; the environment of an image is no secret of anybody's who may pull it. */
    static String of(StoredImage image) {
        var info = JsonObject.builder()
                .put("origin", image.record().origin())
                .put("imported", image.record().imported().toString())
                .putUnlessEmpty("signers", Json.strings(image.record().signers()))
                .put("manifest", image.manifest().toJson());
        image.record().oci().ifPresent(parts -> info.put(
                        "config", parts.config().toString())
                .put(
                        "layers",
                        Json.strings(
                                parts.layers().stream().map(Digest::toString).toList())));
        return JsonWriter.compactText(info.build());
    }
}
