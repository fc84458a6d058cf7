package io.aestus.oci;

import io.aestus.appc.Platform;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Files that are no image: nothing runs of them, and they can be seen. A blob is a file that is called as its title says, or, if its
 * media type is that of a tar, all that is in it. One that is neither is not seen.
 *
 * @param type of the whole, such as {@code application/vnd.example.model}
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md#guidelines-for-artifact-usage">OCI: Guidelines for
 *     Artifact Usage</a>
 */
public record OciArtifact(String type, List<Part> parts) implements OciDocument {
    private static final String TITLE = "org.opencontainers.image.title";
    private static final String TAR = ".tar";
    /** What a layer has to take files away: no file of an artifact can be called so. */
    private static final String WHITEOUT = ".wh.";

    private static final int LONGEST_NAME = 255;

    public OciArtifact {
        parts = List.copyOf(parts);
    }

    /** What is seen of it. */
    public sealed interface Part {
        /** As it is at the registry. */
        Descriptor blob();
    }

    /**
     * A file.
     *
     * @param name without slashes
     */
    public record File(Descriptor blob, String name) implements Part {}

    /** An archive of files, compressed or not. */
    public record Files(Descriptor blob) implements Part {}

    /** @param type of its configuration, where nothing else says what it is */
    static OciArtifact read(JsonView view, String type) {
        JsonView layers = view.required("layers");
        if (layers.elements().size() > OciManifest.MOST_LAYERS) {
            throw layers.failure("must not have more than " + OciManifest.MOST_LAYERS + " elements");
        }
        var parts = new ArrayList<Part>();
        Set<String> names = new HashSet<>();
        for (JsonView layer : layers.elements()) {
            Descriptor blob = Descriptor.read(layer);
            var title = layer.optional("annotations").flatMap(all -> all.optional(TITLE));
            if (blob.mediaType().contains(TAR)) {
                parts.add(new Files(blob));
            } else if (title.isPresent()) {
                String name = name(title.get());
                if (!names.add(name)) {
                    throw title.get().failure("must not be that of another blob");
                }
                parts.add(new File(blob, name));
            }
        }
        if (parts.isEmpty()) {
            throw layers.failure("must have a blob with a name (" + TITLE + "), or one that is a tar");
        }
        return new OciArtifact(
                view.optional("artifactType").map(JsonView::string).orElse(type), parts);
    }

    /** One that a directory can have, and nothing else: links are not followed, for there are none. */
    private static String name(JsonView title) {
        String name = title.string();
        boolean isFine = !name.isEmpty()
                && name.codePoints().noneMatch(c -> c == '/' || Character.isISOControl(c))
                && !name.equals(".")
                && !name.equals("..")
                && !name.startsWith(WHITEOUT)
                && name.length() <= LONGEST_NAME / 3;
        if (!isFine) {
            throw title.failure("must be the name of a file, without slashes, of " + LONGEST_NAME / 3
                    + " characters at most, and not begin with " + WHITEOUT);
        }
        return name;
    }

    /**
     * The configuration of an image that has its files, and nothing to run.
     *
     * @param host for which it is said to be
     * @param layers digest of each part's tar
     */
    public byte[] config(Platform host, List<Digest> layers, Digest manifest) {
        var platform = TargetPlatform.of(host);
        return JsonWriter.compact(JsonObject.builder()
                .put("os", platform.os())
                .put("architecture", platform.architecture())
                .put("variant", Optional.of(platform.variant()).filter(variant -> !variant.isEmpty()))
                .put(
                        "config",
                        JsonObject.builder()
                                .put(
                                        "Labels",
                                        JsonObject.builder()
                                                .put("aestus.io/artifact-type", type)
                                                .put("aestus.io/artifact-digest", manifest.toString())
                                                .build())
                                .build())
                .put(
                        "rootfs",
                        JsonObject.builder()
                                .put("type", "layers")
                                .put(
                                        "diff_ids",
                                        Json.strings(layers.stream()
                                                .map(Digest::toString)
                                                .toList()))
                                .build())
                .build());
    }
}
