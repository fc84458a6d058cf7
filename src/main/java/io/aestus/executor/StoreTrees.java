package io.aestus.executor;

import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.store.ImageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The trees of the image store, which is told that they are used. Thread-safe. */
public final class StoreTrees implements ImageTrees {
    /** How exactly the store knows when an image was last used: who collects old ones counts in hours. */
    private static final Duration EXACTNESS = Duration.ofMinutes(1);

    private final ImageStore images;
    /** What an ID stands for never changes: the store need only be asked anew when something is not there any more. */
    private final Map<ImageId, Known> known = new ConcurrentHashMap<>();

    /** @param told when the store was, as of {@link System#nanoTime} */
    private record Known(List<Path> layers, long told) {
        boolean isExact() {
            return System.nanoTime() - told < EXACTNESS.toNanos();
        }

        boolean isThere() {
            return layers.stream().allMatch(Files::isDirectory);
        }
    }

    public StoreTrees(ImageStore images) {
        this.images = images;
    }

    @Override
    public ImageManifest manifest(ImageId image) throws IOException {
        return images.manifest(image);
    }

    @Override
    public List<Path> layers(ImageId image) throws IOException {
        Known last = known.get(image);
        if (last != null && last.isExact() && last.isThere()) {
            return last.layers();
        }
        images.touch(image);
        var now = new Known(last != null && last.isThere() ? last.layers() : images.layers(image), System.nanoTime());
        known.put(image, now);
        return now.layers();
    }
}
