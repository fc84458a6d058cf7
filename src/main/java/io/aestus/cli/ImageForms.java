package io.aestus.cli;

import io.aestus.aci.BuiltImage;
import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonObject;
import io.aestus.oci.OciReference;
import io.aestus.store.StoredImage;

/** How images are shown: JSON with the field names that rkt's users know, and more. */
final class ImageForms {
    private ImageForms() {}

    /** The name with its version. */
    static String name(StoredImage image) {
        return image.shownName();
    }

    /** What has become of a new image, which was written to {@code file}. */
    static void print(BuiltImage built, String file, Session session) {
        built.notes().forEach(session::note);
        var json = JsonObject.builder()
                .put("id", built.id().toString())
                .put("file", file)
                .put("tar_bytes", built.tarBytes())
                .put("notes", Json.strings(built.notes()))
                .build();
        session.output().print(json, to -> to.println(built.id()));
    }

    private static JsonArray references(StoredImage image) {
        return Json.strings(
                image.references().stream().map(OciReference::toString).toList());
    }

    static JsonObject json(StoredImage image) {
        var labels = JsonObject.builder();
        image.manifest().labels().all().forEach(label -> labels.put(label.name().toString(), label.value()));
        return JsonObject.builder()
                .put("id", image.id().toString())
                .put("name", name(image))
                .put("labels", labels.build())
                .put("import_time", Figures.nanoseconds(image.record().imported()))
                .put("last_used_time", Figures.nanoseconds(image.lastUsed()))
                .put("size", image.bytes())
                .put("imported", image.record().imported().toString())
                .put("last_used", image.lastUsed().toString())
                .put("origin", image.record().origin())
                .put("signers", Json.strings(image.record().signers()))
                .putUnlessEmpty("references", references(image))
                .build();
    }
}
