package io.aestus.store;

import io.aestus.aci.ImageArchive;
import io.aestus.appc.ImageId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which images the disk says there are, for a process that only looks: the store is not opened, nothing is made or swept up, and no
 * call into the kernel is made that Java has no own way for. So a short command is over before a store would be open.
 */
public final class ImageSnapshot {
    private ImageSnapshot() {}

    /** All images of a store, in no order; none where there is no store. */
    public static List<StoredImage> list(StoreLayout layout) throws IOException {
        var images = new ArrayList<StoredImage>();
        List<References.Entry> references = References.all(layout);
        try (DirectoryStream<Path> names = Files.newDirectoryStream(layout.images())) {
            for (Path name : names) {
                String id = name.getFileName().toString();
                if (id.startsWith(ImageId.PREFIX)) {
                    add(layout, ImageId.parse(id), references, images);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of(); // never used
        }
        return List.copyOf(images);
    }

    private static void add(StoreLayout layout, ImageId id, List<References.Entry> references, List<StoredImage> images)
            throws IOException {
        try {
            Path record = layout.record(id);
            images.add(new StoredImage(
                    id,
                    ImageArchive.readManifest(Files.readAllBytes(layout.manifest(id))),
                    layout.rootfs(id),
                    ImageRecord.read(Files.readAllBytes(record)),
                    References.of(id, references),
                    Files.getLastModifiedTime(record).toInstant()));
        } catch (NoSuchFileException e) {
            return; // removed while we looked
        }
    }
}
