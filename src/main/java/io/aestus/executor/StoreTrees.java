package io.aestus.executor;

import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.store.ImageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The trees of the image store. Thread-safe. */
public final class StoreTrees implements ImageTrees {
    private final ImageStore images;
    /** What an ID stands for never changes: the store need only be asked anew when something is not there any more. */
    private final Map<ImageId, List<Path>> known = new ConcurrentHashMap<>();

    public StoreTrees(ImageStore images) {
        this.images = images;
    }

    @Override
    public ImageManifest manifest(ImageId image) throws IOException {
        return images.manifest(image);
    }

    @Override
    public List<Path> layers(ImageId image) throws IOException {
        List<Path> layers = known.get(image);
        if (layers == null || !layers.stream().allMatch(Files::isDirectory)) {
            layers = images.layers(image);
            known.put(image, layers);
        }
        return layers;
    }
}
