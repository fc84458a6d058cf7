package io.aestus.oci;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.Optional;

/**
 * What a manifest says of other bytes: what they are, how long, and which.
 *
 * @param mediaType may be wrong: what reads the bytes looks at themselves
 * @param size in bytes
 * @param platform for which an index has it
 * @param name the annotation that an image layout names it by
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md">OCI: Content Descriptors</a>
 */
public record Descriptor(
        String mediaType, Digest digest, long size, Optional<TargetPlatform> platform, Optional<String> name) {
    /** Names an image of a layout: a tag, or a whole reference. */
    static final String REF_NAME = "org.opencontainers.image.ref.name";
    /** The whole reference, as containerd and BuildKit write it. */
    private static final String IMAGE_NAME = "io.containerd.image.name";

    /** Nothing says what it is for. */
    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, Optional.empty(), Optional.empty());
    }

    static Descriptor read(JsonView view) {
        Optional<JsonView> annotations = view.optional("annotations");
        return new Descriptor(
                view.optional("mediaType").map(JsonView::string).orElse(""),
                view.required("digest").parsed(Digest::parse),
                view.required("size").whole(0, Long.MAX_VALUE),
                view.optional("platform").map(TargetPlatform::read),
                annotations
                        .flatMap(all -> all.optional(IMAGE_NAME).or(() -> all.optional(REF_NAME)))
                        .map(JsonView::string));
    }

    public JsonObject toJson() {
        return JsonObject.builder()
                .put("mediaType", mediaType)
                .put("digest", digest.toString())
                .put("size", size)
                .putUnlessEmpty(
                        "annotations", JsonObject.builder().put(REF_NAME, name).build())
                .build();
    }

    /** The same under a name. */
    public Descriptor named(String newName) {
        return new Descriptor(mediaType, digest, size, platform, Optional.of(newName));
    }
}
