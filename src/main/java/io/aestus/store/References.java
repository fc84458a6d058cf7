package io.aestus.store;

import io.aestus.appc.ImageId;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import io.aestus.oci.Digest;
import io.aestus.oci.OciReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which image a name at a registry stands for: a file for each name, replaced at once when a tag moves on. One that leads to an image
 * that is no more counts for nothing.
 */
final class References {
    /** A name, and the image that it stands for. */
    record Entry(OciReference name, ImageId image) {
        static Entry read(byte[] text) {
            JsonView json = JsonReader.readOwn(text, "reference");
            return new Entry(
                    json.required("name").parsed(OciReference::parse),
                    json.required("image").parsed(ImageId::parse));
        }

        byte[] toJson() {
            return JsonWriter.compact(JsonObject.builder()
                    .put("name", name.toString())
                    .put("image", image.toString())
                    .build());
        }
    }

    private static final Comparator<OciReference> TAGS_FIRST =
            Comparator.comparing((OciReference name) -> name.tag().isEmpty()).thenComparing(OciReference::toString);

    private References() {}

    static void put(StoreDisk disk, OciReference name, ImageId image) throws IOException {
        disk.replace(place(disk.layout(), name), new Entry(name, image).toJson());
    }

    static Optional<ImageId> find(StoreDisk disk, OciReference name) throws IOException {
        return disk.read(place(disk.layout(), name))
                .map(text -> Entry.read(text).image());
    }

    private static Path place(StoreLayout layout, OciReference name) {
        byte[] text = name.toString().getBytes(StandardCharsets.UTF_8);
        return layout.references().resolve(Digest.sha256(text).fileName());
    }

    /** All names, by plain Java: a process that only looks has no store open. None where there is no store. */
    static List<Entry> all(StoreLayout layout) throws IOException {
        var all = new ArrayList<Entry>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.references(), "sha256-*[0-9a-f]")) {
            for (Path file : files) {
                read(file).ifPresent(all::add);
            }
        } catch (NoSuchFileException _) {
            return List.of();
        }
        return List.copyOf(all);
    }

    private static Optional<Entry> read(Path file) throws IOException {
        if (file.getFileName().toString().contains(".")) {
            return Optional.empty(); // being replaced
        }
        try {
            return Optional.of(Entry.read(Files.readAllBytes(file)));
        } catch (NoSuchFileException _) {
            return Optional.empty(); // removed meanwhile
        }
    }

    /** The names of one image among {@code all}, tags first. */
    static List<OciReference> of(ImageId image, List<Entry> all) {
        return all.stream()
                .filter(entry -> entry.image().equals(image))
                .map(Entry::name)
                .sorted(TAGS_FIRST)
                .toList();
    }

    /** Removes a name, unless it stands for another image by now. */
    static void remove(StoreDisk disk, Entry entry) throws IOException {
        if (find(disk, entry.name()).filter(entry.image()::equals).isPresent()) {
            disk.data().unlink(disk.below(place(disk.layout(), entry.name())));
        }
    }
}
