package io.aestus.store;

import io.aestus.linux.FileLock;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps an image, and all that it stands on, from being removed until it is closed. A pod holds one from the moment its
 * images are known until its own files, which name them, are on disk.
 */
public final class ImagePin implements AutoCloseable {
    private final List<Path> layers;
    private final List<FileLock> locks;

    ImagePin(List<Path> layers, List<FileLock> locks) {
        this.layers = List.copyOf(layers);
        this.locks = List.copyOf(locks);
    }

    /** Directories to be stacked as the app's root, the lowest first; a single one where the tree had to be rendered. */
    public List<Path> layers() {
        return layers;
    }

    @Override
    public void close() {
        locks.forEach(FileLock::close);
    }
}
