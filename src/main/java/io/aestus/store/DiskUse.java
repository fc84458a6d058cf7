package io.aestus.store;

import io.aestus.linux.TreeUse;
import io.aestus.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;

/**
 * What the store takes on disk, as the file system counts: allocated blocks, and a file with several names once.
 *
 * @param images the largest first
 * @param rendered trees that whitelists forced, beside what they share with images
 * @param unfinished downloads that may be continued, images that are just being made, and layers that no image has
 */
public record DiskUse(List<OfImage> images, long rendered, long unfinished) {
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
        private final TreeUse use = new TreeUse();

        Count(StoreDisk disk) {
            this.disk = disk;
        }

        long at(Path place) throws IOException {
            long before = use.bytes();
            use.add(disk.data(), disk.below(place));
            return use.bytes() - before;
        }
    }
}
