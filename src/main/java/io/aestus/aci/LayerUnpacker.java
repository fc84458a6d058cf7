package io.aestus.aci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Directory;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Unpacks a layer of an OCI image while it arrives, as {@link Unpacker} does an image: one pass, on the calling thread, without
 * knowing what lies below. What the layer takes away is made at the end, in the form in which an overlay understands it, since an
 * entry of the same layer counts whether it stands before or behind.
 */
public final class LayerUnpacker implements ImageReader.LayerVisitor {
    private final TreeWriter tree;
    private final Set<String> whiteouts = new LinkedHashSet<>();
    private final Set<String> opaque = new LinkedHashSet<>();

    private LayerUnpacker(TreeWriter tree) {
        this.tree = tree;
    }

    /**
     * Reads {@code tar} to its end and makes {@code rootfs} in {@code target}. It is there when this returns, or not at all.
     *
     * @param tar uncompressed, see {@link Compression}; lent
     * @param target lent; without an entry of this name
     * @param digest computes the hash
     * @throws HostileArchiveException if the layer breaks a rule or a limit
     * @throws IOException if reading or the disk fails
     */
    public static UnpackedLayer unpack(InputStream tar, Directory target, UnpackLimits limits, MessageDigest digest)
            throws IOException {
        if (!target.makeDirectory(EntryNames.ROOT, 0777)) {
            throw new AestusException(Problem.CONFLICT, "cannot unpack layer: the target has a rootfs already");
        }
        boolean isDone = false;
        try (Directory root = target.openDirectory(EntryNames.ROOT);
                var tree = TreeWriter.beginning(root, limits.devices())) {
            var layer = new LayerUnpacker(tree);
            var counted = new CountedInputStream(tar);
            String hash = ImageReader.readLayer(counted, limits, digest, layer);
            layer.takeAway();
            tree.finish();
            isDone = true;
            return layer.result(hash, counted.count());
        } finally {
            if (!isDone) {
                target.removeTree(EntryNames.ROOT);
            }
        }
    }

    @Override
    public void visit(TarEntry entry, String path, String linkPath, ImageReader.Data data) throws IOException {
        tree.visit(entry, path, linkPath, data);
    }

    @Override
    public void visitWhiteout(String path) {
        whiteouts.add(path);
    }

    @Override
    public void visitOpaque(String path) {
        opaque.add(path);
    }

    /** What is in an opaque directory is gone as it is, and a mark for it would be seen there. */
    private void takeAway() throws IOException {
        for (String path : opaque) {
            if (!path.isEmpty()) { // an overlay does not look at its roots: whoever stacks them does
                tree.makeOpaque(path);
            }
        }
        whiteouts.removeIf(path -> !isMarked(path, opaque));
        for (String path : whiteouts) {
            tree.whiteOut(path);
        }
    }

    /** Whether a file that is gone has a mark of its own: not where a directory around it says so of all. */
    static boolean isMarked(String path, Set<String> opaque) {
        for (int slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
            if (opaque.contains(path.substring(0, slash))) {
                return false;
            }
        }
        return !opaque.contains("");
    }

    private UnpackedLayer result(String hash, long tarBytes) {
        List<String> notes = new ArrayList<>(tree.notes());
        return new UnpackedLayer(
                hash,
                tarBytes,
                tree.fileBytes(),
                tree.impliedDirectories(),
                List.copyOf(whiteouts),
                List.copyOf(opaque),
                notes);
    }
}
