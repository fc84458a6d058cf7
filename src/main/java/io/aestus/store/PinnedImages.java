package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Labels;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonWriter;
import io.aestus.oci.OciReference;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The images that an administrator wants never collected, by name: what has one of the names counts, whenever it came. The names are
 * a file of the store, so that every process that collects knows them.
 */
final class PinnedImages {
    private static final String FILE = "pinned.json";

    private final StoreDisk disk;
    private final ImageIndex index;

    PinnedImages(StoreDisk disk, ImageIndex index) {
        this.disk = disk;
        this.index = index;
    }

    void name(List<String> names) throws IOException {
        for (String name : names) {
            if (!isId(name)
                    && read(ImageQuery::parse, name).isEmpty()
                    && read(OciReference::parse, name).isEmpty()) {
                throw new AestusException(
                        Problem.INVALID, "cannot pin image " + Quoted.of(name) + ": it is neither a name nor an ID");
            }
        }
        if (!names.equals(names())) {
            disk.replace(
                    disk.layout().pinned(),
                    JsonWriter.pretty(JsonObject.builder()
                            .put("names", Json.strings(names))
                            .build()));
        }
    }

    private List<String> names() throws IOException {
        return disk.read(disk.layout().pinned())
                .map(text -> JsonReader.readOwn(text, FILE).strings("names"))
                .orElse(List.of());
    }

    /** Those that are here. */
    Set<ImageId> ids() throws IOException {
        return among(names().isEmpty() ? List.of() : index.list());
    }

    /** Those of {@code images}. */
    Set<ImageId> among(List<StoredImage> images) throws IOException {
        var pinned = new HashSet<ImageId>();
        for (String name : names()) {
            Optional<ImageQuery> query = read(ImageQuery::parse, name);
            Optional<OciReference> reference = read(OciReference::parse, name).map(OciReference::decisive);
            images.stream()
                    .filter(image -> isId(name)
                            ? isMeant(name, image)
                            : image.isOci()
                                    ? reference
                                            .map(image.references()::contains)
                                            .orElse(false)
                                    : query.map(asked -> asked.matches(image.manifest(), Labels.NONE))
                                            .orElse(false))
                    .map(StoredImage::id)
                    .forEach(pinned::add);
        }
        return pinned;
    }

    private static boolean isId(String name) {
        return name.matches("sha512-[0-9a-f]{2,128}|sha256:[0-9a-f]{64}");
    }

    private static boolean isMeant(String id, StoredImage image) {
        return image.id().toString().startsWith(id)
                || image.record()
                        .oci()
                        .map(parts -> parts.config().toString().equals(id))
                        .orElse(false);
    }

    private static <T> Optional<T> read(Function<String, T> parser, String text) {
        try {
            return Optional.of(parser.apply(text));
        } catch (AestusException _) {
            return Optional.empty();
        }
    }
}
