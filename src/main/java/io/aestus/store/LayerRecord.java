package io.aestus.store;

import io.aestus.aci.UnpackedLayer;
import io.aestus.json.Json;
import io.aestus.json.JsonLimits;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import java.util.List;

/**
 * What the store knows of a layer beside its files: {@code layer.json}.
 *
 * @param blob the layer as it was fetched, compressed or not
 * @param treeBytes length of its files
 * @param impliedDirectories directories that it has without describing them
 * @param whiteouts what it takes from the layers below
 * @param opaque directories in which it takes all from the layers below; empty for the root
 */
record LayerRecord(
        Descriptor blob, long treeBytes, List<String> impliedDirectories, List<String> whiteouts, List<String> opaque) {
    static final String FILE = "layer.json";

    private static final JsonLimits LIMITS = new JsonLimits(64 << 20, 8);

    LayerRecord {
        impliedDirectories = List.copyOf(impliedDirectories);
        whiteouts = List.copyOf(whiteouts);
        opaque = List.copyOf(opaque);
    }

    static LayerRecord of(Descriptor blob, UnpackedLayer layer) {
        return new LayerRecord(blob, layer.fileBytes(), layer.impliedDirectories(), layer.whiteouts(), layer.opaque());
    }

    static LayerRecord read(byte[] text) {
        JsonView json = JsonReader.readOwn(text, FILE, LIMITS);
        JsonView blob = json.required("blob");
        return new LayerRecord(
                Descriptor.of(
                        blob.required("mediaType").string(),
                        blob.required("digest").parsed(Digest::parse),
                        blob.required("size").whole(0, Long.MAX_VALUE)),
                json.required("treeBytes").whole(0, Long.MAX_VALUE),
                paths(json, "impliedDirectories"),
                paths(json, "whiteouts"),
                paths(json, "opaque"));
    }

    private static List<String> paths(JsonView json, String field) {
        return json.strings(field).stream().map(EscapedName::unescaped).toList();
    }

    byte[] toJson() {
        return JsonWriter.pretty(JsonObject.builder()
                .put("blob", blob.toJson())
                .put("treeBytes", treeBytes)
                .putUnlessEmpty("impliedDirectories", Json.strings(escaped(impliedDirectories)))
                .putUnlessEmpty("whiteouts", Json.strings(escaped(whiteouts)))
                .putUnlessEmpty("opaque", Json.strings(escaped(opaque)))
                .build());
    }

    private static List<String> escaped(List<String> paths) {
        return paths.stream().map(EscapedName::escaped).toList();
    }

    /** What the layer takes on disk: as fetched, and its files. */
    long bytes() {
        return blob.size() + treeBytes;
    }
}
