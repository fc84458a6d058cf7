package io.aestus.store;

import io.aestus.appc.ImageId;
import io.aestus.linux.Errno;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import io.aestus.oci.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/** Which trees lie over each other, and whether an overlay of them shows what it should. */
final class Stacking {
    /** Overlays of more layers are slow to look up in, and refused by older kernels. */
    private static final int MOST_STACKED = 100;

    private static final int IMPLIED_MODE = 0755;

    private final StoreDisk disk;
    private final Layers layers;

    Stacking(StoreDisk disk) {
        this.disk = disk;
        this.layers = new Layers(disk);
    }

    /**
     * The images in their order, each once. Of an image that is applied twice only the last time counts: it covers whatever
     * the first left, and what came between keeps only the paths that the image does not have.
     */
    static List<StoredImage> distinct(List<Layering.Layer> layering) {
        var images = new LinkedHashMap<ImageId, StoredImage>();
        for (Layering.Layer layer : layering) {
            images.remove(layer.image().id());
            images.put(layer.image().id(), layer.image());
        }
        return List.copyOf(images.values());
    }

    /** The trees of {@code images}, in their order. */
    List<FileTree> trees(List<StoredImage> images) throws IOException {
        var trees = new ArrayList<FileTree>();
        for (StoredImage image : images) {
            trees.addAll(trees(image));
        }
        return List.copyOf(trees);
    }

    /** The trees of one image, the lowest first: its own, or its layers, each once as images are. */
    List<FileTree> trees(StoredImage image) throws IOException {
        Optional<OciParts> parts = image.record().oci();
        if (parts.isEmpty()) {
            return List.of(FileTree.of(image, disk.layout().rootfs(image.id())));
        }
        var digests = new LinkedHashSet<Digest>();
        for (Digest diffId : parts.get().layers()) {
            digests.remove(diffId);
            digests.add(diffId);
        }
        var trees = new ArrayList<FileTree>();
        for (Digest diffId : digests) {
            FileTree tree = FileTree.of(layers.record(diffId), disk.layout().layerRootfs(diffId));
            if (tree.opaque().contains("")) {
                trees.clear(); // an overlay does not look whether its roots are
            }
            trees.add(tree);
        }
        return trees;
    }

    boolean canStack(List<FileTree> trees) throws IOException {
        var below = new ArrayList<FileTree>();
        for (FileTree tree : trees) {
            for (String path : tree.impliedDirectories()) {
                if (wouldChange(path, tree.kind(), below)) {
                    return false;
                }
            }
            for (String path : tree.whiteouts()) {
                if (wouldShow(path, below)) {
                    return false;
                }
            }
            below.add(tree);
        }
        return !trees.isEmpty() && trees.size() <= MOST_STACKED;
    }

    /** Whether a directory that nobody described would hide the owner or mode that a lower tree gives it, or a link. */
    private boolean wouldChange(String path, FileTree.Kind kind, List<FileTree> below) throws IOException {
        for (FileTree lower : below) {
            Optional<FileStatus> status = find(lower, path);
            if (status.isEmpty()) {
                continue;
            }
            if (status.get().isDirectory() && !isPlain(status.get())) {
                return true;
            }
            if (status.get().isSymbolicLink() && kind == FileTree.Kind.LAYER) {
                return true;
            }
        }
        return false;
    }

    /** Whether a whiteout would be seen: an overlay hides it only in a directory that it has put together. */
    private boolean wouldShow(String path, List<FileTree> below) throws IOException {
        int slash = path.lastIndexOf('/');
        if (slash < 0) {
            return false; // the root is always put together
        }
        for (FileTree lower : below) {
            if (find(lower, path.substring(0, slash))
                    .filter(FileStatus::isDirectory)
                    .isPresent()) {
                return false;
            }
        }
        return true;
    }

    /** What a tree has at a path. Behind a link there is nothing: whatever covers the link hides that, too. */
    private Optional<FileStatus> find(FileTree tree, String path) throws IOException {
        String place = disk.below(tree.rootfs()); // as text: not every name is a Path
        try {
            return disk.data().find(path.isEmpty() ? place : place + '/' + path);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ELOOP) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean isPlain(FileStatus status) {
        return status.permissions() == IMPLIED_MODE && status.uid() == 0 && status.gid() == 0;
    }
}
