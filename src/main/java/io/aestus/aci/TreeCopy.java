package io.aestus.aci;

import io.aestus.AestusException;
import io.aestus.linux.Directory;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies files between directories and tars, either of which may be hostile, and the directory a running program's that
 * changes it meanwhile: no link is followed, nothing outside the two is touched or read, and nothing but regular files is
 * opened. Devices are left out where files are made. What it returns says for people what was left out.
 */
public final class TreeCopy {
    private static final int CHUNK = 1 << 16;

    private TreeCopy() {}

    /**
     * Copies what is called {@code name} in {@code from}, with all below it, into {@code into} as {@code newName}. A file that
     * is there is replaced, a directory is added to.
     *
     * @param from lent
     * @param name a name there, or empty for {@code from} itself, which then is a directory
     * @param into lent
     * @param newName a name there, or empty for {@code into} itself, if {@code name} is a directory
     */
    public static List<String> toDirectory(Directory from, String name, Directory into, String newName, Owners owners)
            throws IOException {
        var notes = new Notes();
        try (var tree = TreeWriter.addingTo(into, DevicePolicy.SKIP)) {
            read(
                    new TreeReader(tree, entry -> entry.ownedBy(owners), TreeReader.Changes.EVENED_OUT, notes),
                    from,
                    name,
                    newName);
            tree.finish();
            return both(notes, tree);
        }
    }

    private static void read(TreeReader reader, Directory from, String name, String path) throws IOException {
        if (name.isEmpty()) {
            reader.readDirectory(from, path);
        } else {
            reader.read(from, name, path);
        }
    }

    private static List<String> both(Notes notes, TreeWriter tree) {
        var all = new ArrayList<>(notes.lines());
        all.addAll(tree.notes());
        return List.copyOf(all);
    }

    /**
     * Writes what is called {@code name} in {@code from}, with all below it, as a tar.
     *
     * @param from lent
     * @param name a name there, or empty for {@code from} itself
     * @param top what it is called in the tar
     * @param out flushed, not closed
     */
    public static List<String> toTar(Directory from, String name, String top, OutputStream out, Owners owners)
            throws IOException {
        var notes = new Notes();
        var buffered = new BufferedOutputStream(out, CHUNK);
        var tar = new TarWriter(buffered);
        var tree = new TarTree(tar, buffered, top);
        read(
                new TreeReader(tree, entry -> entry.ownedBy(owners), TreeReader.Changes.EVENED_OUT, notes),
                from,
                name,
                "");
        tar.finish();
        buffered.flush();
        return notes.lines();
    }

    /**
     * Makes the files of a tar in {@code into}.
     *
     * @param tar read to its end; not closed
     * @param into lent
     * @throws AestusException if the tar breaks a rule or a limit
     */
    public static List<String> fromTar(InputStream tar, Directory into, UnpackLimits limits, Owners owners)
            throws IOException {
        try (var tree = TreeWriter.addingTo(into, limits.devices())) {
            ImageReader.readPlain(
                    tar, limits, (entry, path, link, data) -> tree.visit(entry.ownedBy(owners), path, link, data));
            tree.finish();
            return tree.notes();
        }
    }
}
