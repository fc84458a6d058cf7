package io.aestus.appc;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An image whose files lie under another image's.
 *
 * @param imageId if given, the image found by name must have it
 * @param size in bytes, of the file as delivered or of the tar within
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/aci.md#dependency-matching">appc: Dependency Matching</a>
 */
public record Dependency(AcIdentifier imageName, Optional<ImageId> imageId, Labels labels, OptionalLong size) {
    static Dependency read(JsonView view) {
        AcIdentifier name = view.required("imageName").parsed(AcIdentifier::parse);
        return new Dependency(
                name,
                view.optional("imageID").map(id -> id.parsed(ImageId::parse)),
                view.optional("labels").map(Labels::read).orElse(Labels.NONE),
                view.optional("size")
                        .map(size -> OptionalLong.of(size.whole(0, Long.MAX_VALUE)))
                        .orElse(OptionalLong.empty()));
    }

    /** What to look for. */
    public ImageQuery query() {
        return new ImageQuery(imageName, labels);
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("imageName", imageName.value())
                .put("imageID", imageId)
                .putUnlessEmpty("labels", labels.toJson())
                .put("size", size)
                .build();
    }
}
