package io.aestus.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * One directory of files that is laid over others: an image's own, or one layer of an OCI image.
 *
 * @param impliedDirectories directories that it has without describing them
 * @param whiteouts what it takes from those below
 * @param opaque directories in which it takes all from those below; empty for the root
 * @param kind what a directory that it only implies does to a link below
 */
record FileTree(Path rootfs, Set<String> impliedDirectories, List<String> whiteouts, Set<String> opaque, Kind kind) {
    enum Kind {
        /** The directory replaces it. */
        IMAGE,
        /** It is followed, as a runtime that unpacks one layer over the other does. */
        LAYER
    }

    FileTree {
        impliedDirectories = Set.copyOf(impliedDirectories);
        whiteouts = List.copyOf(whiteouts);
        opaque = Set.copyOf(opaque);
    }

    static FileTree of(StoredImage image, Path rootfs) {
        return new FileTree(rootfs, Set.copyOf(image.record().impliedDirectories()), List.of(), Set.of(), Kind.IMAGE);
    }

    static FileTree of(LayerRecord layer, Path rootfs) {
        return new FileTree(
                rootfs,
                Set.copyOf(layer.impliedDirectories()),
                layer.whiteouts(),
                Set.copyOf(layer.opaque()),
                Kind.LAYER);
    }
}
