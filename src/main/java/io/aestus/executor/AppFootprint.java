package io.aestus.executor;

import io.aestus.linux.Directory;
import io.aestus.linux.TreeUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What an app has written over its image, and nothing of its volumes.
 *
 * @param bytes on disk
 * @param files and directories
 */
public record AppFootprint(long bytes, long files) {
    /** Nothing. */
    public static final AppFootprint NONE = new AppFootprint(0, 0);

    /** Of a directory and what is below it, which somebody may change meanwhile. */
    static AppFootprint of(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return NONE; // it never ran
        }
        var use = new TreeUse();
        try (Directory top = Directory.open(directory)) {
            use.add(top);
        }
        return new AppFootprint(use.bytes(), use.inodes());
    }
}
