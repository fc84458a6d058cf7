package io.aestus.executor;

import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.store.ImageStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The trees of the image store. */
public record StoreTrees(ImageStore images) implements ImageTrees {
    @Override
    public ImageManifest manifest(ImageId image) throws IOException {
        return images.manifest(image);
    }

    @Override
    public List<Path> layers(ImageId image) throws IOException {
        return images.layers(image);
    }
}
