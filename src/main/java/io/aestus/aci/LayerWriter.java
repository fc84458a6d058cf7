package io.aestus.aci;

import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.SyscallException;
import io.aestus.linux.Xattrs;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/**
 * Writes what an overlay's upper directory holds as a layer of an OCI image: what was deleted becomes a whiteout. A program may change
 * the files meanwhile.
 *
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#whiteouts">OCI: Whiteouts</a>
 */
public final class LayerWriter {
    private static final int CHUNK = 1 << 16;
    private static final String TOP = ".";
    /** The kernel's marks of a directory that hides those of its name below: the host's root's, and everybody's. */
    private static final List<String> OPAQUE = List.of("trusted.overlay.opaque", "user.overlay.opaque");

    private LayerWriter() {}

    /**
     * Writes the layer.
     *
     * @param upper lent
     * @param out flushed, not closed
     */
    public static void write(Directory upper, OutputStream out) throws IOException {
        var buffered = new BufferedOutputStream(out, CHUNK);
        var tar = new TarWriter(buffered);
        var tree = new TarTree(tar, buffered, TOP);
        ImageReader.Visitor visitor = (entry, path, linkPath, data) -> {
            if (isWhiteout(entry)) {
                mark(
                        tree,
                        path.substring(0, path.lastIndexOf('/') + 1)
                                + ImageReader.WHITEOUT
                                + path.substring(path.lastIndexOf('/') + 1));
                return;
            }
            tree.visit(entry, path, linkPath, data);
            if (entry.type() == TarEntry.Type.DIRECTORY && isOpaque(upper, path)) {
                mark(tree, (path.isEmpty() ? "" : path + '/') + ImageReader.OPAQUE);
            }
        };
        new TreeReader(visitor, entry -> entry, TreeReader.Changes.EVENED_OUT, new Notes()).readDirectory(upper, "");
        tar.finish();
        buffered.flush();
    }

    private static boolean isWhiteout(TarEntry entry) {
        return entry.type() == TarEntry.Type.CHARACTER_DEVICE && entry.major() == 0 && entry.minor() == 0;
    }

    private static void mark(TarTree tree, String path) throws IOException {
        var entry = new TarEntry(path, TarEntry.Type.FILE, 0, 0, 0, 0, 0, 0, "", 0, 0, Map.of(), null);
        tree.visit(entry, path, "", _ -> {});
    }

    private static boolean isOpaque(Directory upper, String path) throws IOException {
        try (Directory directory = upper.openDirectory(path.isEmpty() ? TOP : path);
                Xattrs xattrs = directory.xattrs(TOP)) {
            for (String mark : OPAQUE) {
                if (xattrs.get(mark).isPresent()) {
                    return true;
                }
            }
            return false;
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.EOPNOTSUPP) {
                return false; // gone meanwhile, or a file system without such marks
            }
            throw e;
        }
    }
}
