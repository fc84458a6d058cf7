package io.aestus.executor;

import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where the images are of which apps are made; the image store, as far as an isolation needs it. */
public interface ImageTrees {
    /** The manifest of an image. */
    ImageManifest manifest(ImageId image) throws IOException;

    /** The directories that lie over each other in an app's root, the lowest first; none may change while an app runs. */
    List<Path> layers(ImageId image) throws IOException;
}
