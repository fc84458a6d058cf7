package io.aestus.oci;

import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An artifact for a test, as ORAS makes them. */
public final class ArtifactBuild {
    private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);
    private static final String EMPTY_TYPE = "application/vnd.oci.empty.v1+json";

    private final Map<Digest, byte[]> blobs = new LinkedHashMap<>(Map.of(Digest.sha256(EMPTY), EMPTY));
    private final List<Json> layers = new ArrayList<>();

    /** Adds a file by its title. */
    public ArtifactBuild file(String title, byte[] content) {
        return blob("application/octet-stream", content, Map.of("org.opencontainers.image.title", title));
    }

    public ArtifactBuild file(String title, String content) {
        return file(title, content.getBytes(StandardCharsets.UTF_8));
    }

    public ArtifactBuild blob(String mediaType, byte[] content, Map<String, String> annotations) {
        Digest digest = Digest.sha256(content);
        blobs.put(digest, content);
        layers.add(JsonObject.builder()
                .put("mediaType", mediaType)
                .put("digest", digest.toString())
                .put("size", content.length)
                .putUnlessEmpty("annotations", Json.stringMap(annotations))
                .build());
        return this;
    }

    public Map<Digest, byte[]> blobs() {
        return blobs;
    }

    public byte[] manifest() {
        return JsonWriter.compact(JsonObject.builder()
                .put("schemaVersion", 2)
                .put("mediaType", OciManifest.MEDIA_TYPE)
                .put("artifactType", "application/vnd.example.model")
                .put(
                        "config",
                        JsonObject.builder()
                                .put("mediaType", EMPTY_TYPE)
                                .put("digest", Digest.sha256(EMPTY).toString())
                                .put("size", EMPTY.length)
                                .build())
                .put("layers", new JsonArray(layers))
                .build());
    }

    /** Pushes it to a registry as the distribution specification has it. */
    public void push(String registry, String repository, String tag) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI base = URI.create("http://" + registry + "/v2/" + repository + "/");
            for (Map.Entry<Digest, byte[]> blob : blobs.entrySet()) {
                HttpResponse<String> begun = client.send(
                        HttpRequest.newBuilder(base.resolve("blobs/uploads/"))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                URI place = base.resolve(begun.headers().firstValue("Location").orElseThrow());
                String separator = place.getRawQuery() == null ? "?" : "&";
                put(client, URI.create(place + separator + "digest=" + blob.getKey()), "", blob.getValue());
            }
            put(client, base.resolve("manifests/" + tag), OciManifest.MEDIA_TYPE, manifest());
        }
    }

    private static void put(HttpClient client, URI place, String type, byte[] content)
            throws IOException, InterruptedException {
        HttpResponse<String> done = client.send(
                HttpRequest.newBuilder(place)
                        .header("Content-Type", type.isEmpty() ? "application/octet-stream" : type)
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(content))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (done.statusCode() != 201) {
            throw new IOException(place + ": " + done.statusCode() + " " + done.body());
        }
    }
}
