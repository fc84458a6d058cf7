package io.aestus.agent;

import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.executor.ImageTrees;
import io.aestus.store.ImageStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The image store, as far as an isolation needs it. */
record StoredTrees(ImageStore store) implements ImageTrees {
    @Override
    public ImageManifest manifest(ImageId image) throws IOException {
        return store.require(image).manifest();
    }

    @Override
    public List<Path> layers(ImageId image) throws IOException {
        return store.layers(image);
    }
}
