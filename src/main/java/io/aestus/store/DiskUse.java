package io.aestus.store;

import io.aestus.linux.Directory;
import io.aestus.linux.FileStatus;
import io.aestus.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the store takes on disk, as the file system counts: allocated blocks, and a file with several names once.
 *
 * @param images the largest first
 * @param rendered trees that whitelists forced, beside what they share with images
 * @param unfinished downloads that may be continued, images that are just being made, and layers that no image has
 */
public record DiskUse(List<OfImage> images, long rendered, long unfinished) {
    private static final int BLOCK = 512; // the unit of st_blocks, whatever the file system's

    /**
     * One image's part.
     *
     * @param archive as it was fetched, with its signature. A layer that several images have counts for the first of them
     * @param files unpacked
     */
    public record OfImage(StoredImage image, long archive, long files) {
        public long total() {
            return archive + files;
        }
    }

    public DiskUse {
        images = List.copyOf(images);
    }

    /** All of it. */
    public long total() {
        return images.stream().mapToLong(OfImage::total).sum() + rendered + unfinished;
    }

    static DiskUse of(StoreDisk disk, List<StoredImage> images) throws IOException {
        var count = new Count(disk);
        StoreLayout layout = disk.layout();
        var found = new ArrayList<OfImage>();
        var counted = new HashSet<Digest>();
        for (StoredImage image : images) {
            long archive = count.at(layout.blob(image.id())) + count.at(layout.signature(image.id()));
            long files = count.at(layout.image(image.id()));
            for (Digest layer : image.record().oci().map(OciParts::layers).orElse(List.of())) {
                if (counted.add(layer)) {
                    long blob = count.at(layout.layerBlob(layer));
                    archive += blob;
                    files += count.at(layout.layer(layer)) - blob;
                }
            }
            found.add(new OfImage(image, archive, files));
        }
        long unused = 0;
        for (Digest layer : new Layers(disk).list()) {
            unused += counted.contains(layer) ? 0 : count.at(layout.layer(layer));
        }
        found.sort(Comparator.comparingLong(OfImage::total).reversed());
        return new DiskUse(
                found, count.at(layout.rendered()), count.at(layout.downloads()) + count.at(layout.staging()) + unused);
    }

    /** Counts what was not counted before. Something that goes away meanwhile takes nothing. */
    private static final class Count {
        private final StoreDisk disk;
        private final Set<Long> linked = new HashSet<>();

        Count(StoreDisk disk) {
            this.disk = disk;
        }

        long at(Path place) throws IOException {
            return of(disk.data(), disk.below(place));
        }

        private long of(Directory parent, String name) throws IOException {
            Optional<FileStatus> status = parent.find(name);
            if (status.isEmpty()) {
                return 0;
            }
            boolean isDirectory = status.get().isDirectory();
            if (!isDirectory
                    && status.get().links() > 1
                    && !linked.add(status.get().inode())) {
                return 0;
            }
            long bytes = status.get().blocks() * BLOCK;
            if (isDirectory) {
                try (Directory directory = parent.openDirectory(name)) {
                    for (String child : directory.list()) {
                        bytes += of(directory, child);
                    }
                }
            }
            return bytes;
        }
    }
}
