package io.aestus.aci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import io.aestus.linux.Xattrs;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Shows a visitor the files of a directory as the entries of an archive: names in order, each directory before what lies in
 * it, hard links as links, no sockets, and only extended attributes that unpacking keeps.
 *
 * <p>The files may be those of a hostile program that runs meanwhile. No link is followed, nothing but a regular file is ever
 * opened, whatever stands under its name by then, and no file is read beyond the size it had.
 */
final class TreeReader {
    /** What becomes of a file that has another size at its end than it had at its beginning. */
    enum Changes {
        REFUSED,
        /** It is cut off, or filled up with zeros, to the size that was announced. */
        EVENED_OUT
    }

    private static final int DEEPEST = 1024;

    private record Inode(int major, int minor, long number) {}

    private final ImageReader.Visitor visitor;
    private final UnaryOperator<TarEntry> change;
    private final Changes changes;
    private final Notes notes;
    private final Map<Inode, String> names = new HashMap<>();
    private final byte[] buffer = new byte[512 * TarInput.BLOCK];

    /** @param change makes of each entry what the visitor is shown */
    TreeReader(ImageReader.Visitor visitor, UnaryOperator<TarEntry> change, Changes changes, Notes notes) {
        this.visitor = visitor;
        this.change = change;
        this.changes = changes;
        this.notes = notes;
    }

    /** Shows {@code directory}, lent, as the one at {@code path}, and all below it. */
    void readDirectory(Directory directory, String path) throws IOException {
        readDirectory(directory, path, directory.fd().status(), rootXattrs(directory), 0);
    }

    private void readDirectory(
            Directory directory, String path, FileStatus status, Map<String, byte[]> xattrs, int depth)
            throws IOException {
        if (depth > DEEPEST) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot read " + Quoted.of(path) + ": it lies deeper than " + DEEPEST + " directories");
        }
        show(entry(path, TarEntry.Type.DIRECTORY, status, "", xattrs), path, "", _ -> {});
        for (String name : new TreeSet<>(directory.list())) {
            read(directory, name, path.isEmpty() ? name : path + '/' + name, depth);
        }
    }

    /** Shows what is called {@code name} in {@code directory} as the one at {@code path}, with all below it. */
    void read(Directory directory, String name, String path) throws IOException {
        read(directory, name, path, 0);
    }

    private void read(Directory directory, String name, String path, int depth) throws IOException {
        try (Fd handle = directory.openPath(name)) {
            FileStatus status = handle.status();
            if (status.isDirectory()) {
                try (Directory below = directory.openDirectory(name)) {
                    readDirectory(below, path, below.fd().status(), rootXattrs(below), depth + 1);
                }
            } else if (status.isSocket()) {
                notes.add("left out: a socket, entry", path);
            } else {
                String first = status.links() > 1 ? names.putIfAbsent(inode(status), path) : null;
                if (first != null) {
                    show(entry(path, TarEntry.Type.HARD_LINK, status, first, Map.of()), path, first, _ -> {});
                } else {
                    readLeaf(directory, name, path, status, handle);
                }
            }
        } catch (SyscallException e) {
            if (e.errno() != Errno.ENOENT || changes == Changes.REFUSED) {
                throw e;
            }
            notes.add("left out: gone meanwhile, entry", path);
        }
    }

    private void readLeaf(Directory directory, String name, String path, FileStatus status, Fd handle)
            throws IOException {
        if (status.isSymbolicLink()) {
            show(entry(path, TarEntry.Type.SYMLINK, status, directory.readLink(name), Map.of()), path, "", _ -> {});
        } else if (status.isRegular()) {
            try (Fd file = handle.reopenForReading()) {
                TarEntry entry = entry(path, TarEntry.Type.FILE, status, "", kept(directory, name));
                show(entry, path, "", sink -> copy(file, status.size(), path, sink));
            }
        } else {
            TarEntry.Type type = status.isPipe()
                    ? TarEntry.Type.FIFO
                    : status.isCharacterDevice() ? TarEntry.Type.CHARACTER_DEVICE : TarEntry.Type.BLOCK_DEVICE;
            show(entry(path, type, status, "", Map.of()), path, "", _ -> {});
        }
    }

    private void show(TarEntry entry, String path, String linkPath, ImageReader.Data data) throws IOException {
        visitor.visit(change.apply(entry), path, linkPath, data);
    }

    private void copy(Fd file, long size, String path, TarEntry.Sink sink) throws IOException {
        long done = 0;
        while (done < size) {
            int count = file.read(buffer, 0, (int) Math.min(size - done, buffer.length));
            if (count < 0) {
                fill(done, size, path, sink);
                return;
            }
            sink.write(done, buffer, 0, count);
            done += count;
        }
        if (changes == Changes.REFUSED && file.read(buffer, 0, 1) > 0) {
            throw changed(path);
        }
    }

    private void fill(long from, long size, String path, TarEntry.Sink sink) throws IOException {
        if (changes == Changes.REFUSED) {
            throw changed(path);
        }
        notes.add("filled up with zeros, since it became shorter meanwhile: the end", path);
        Arrays.fill(buffer, (byte) 0);
        for (long done = from; done < size; ) {
            int count = (int) Math.min(size - done, buffer.length);
            sink.write(done, buffer, 0, count);
            done += count;
        }
    }

    private static AestusException changed(String path) {
        return new AestusException(
                Problem.CONFLICT, "cannot build image: " + Quoted.of(path) + " changed while it was read");
    }

    private static Inode inode(FileStatus status) {
        return new Inode(status.deviceMajor(), status.deviceMinor(), status.inode());
    }

    private static Map<String, byte[]> kept(Directory directory, String name) throws SyscallException {
        try (Xattrs xattrs = directory.xattrs(name)) {
            return kept(xattrs);
        }
    }

    private static Map<String, byte[]> rootXattrs(Directory directory) throws SyscallException {
        return kept(directory, ".");
    }

    private static Map<String, byte[]> kept(Xattrs xattrs) throws SyscallException {
        var kept = new LinkedHashMap<String, byte[]>();
        try {
            for (String key : new TreeSet<>(xattrs.list())) {
                if (XattrPolicy.keeps(key, TarEntry.Type.FILE)) {
                    xattrs.get(key).ifPresent(value -> kept.put(key, value));
                }
            }
        } catch (SyscallException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
        return kept;
    }

    private static TarEntry entry(
            String path, TarEntry.Type type, FileStatus status, String link, Map<String, byte[]> xattrs) {
        Instant modified = status.modified();
        return new TarEntry(
                path,
                type,
                type == TarEntry.Type.FILE ? status.size() : 0,
                type == TarEntry.Type.SYMLINK ? 0777 : status.permissions(),
                status.uid(),
                status.gid(),
                modified.getEpochSecond(),
                modified.getNano(),
                link,
                status.specialMajor(),
                status.specialMinor(),
                xattrs,
                null);
    }
}
