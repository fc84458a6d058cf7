package io.aestus.aci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import io.aestus.linux.Xattrs;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Writes an image from a directory of files and a manifest. The same files with the same times give the same bytes: the
 * manifest first, so that a reader needs no more than the beginning, then {@code rootfs} with all names in order. Hard
 * links stay links, sockets are left out, and an extended attribute is written only if unpacking keeps it.
 */
public final class ImageBuilder {
    private static final int FILE_MODE = 0644;

    private record Inode(int major, int minor, long number) {}

    private final BuildOptions options;
    private final OutputStream out;
    private final TarWriter tar;
    private final Notes notes = new Notes();
    private final Map<Inode, String> names = new HashMap<>();
    private final byte[] buffer = new byte[512 * TarInput.BLOCK];

    private ImageBuilder(OutputStream out, BuildOptions options) {
        this.options = options;
        this.out = out;
        this.tar = new TarWriter(out);
    }

    /**
     * Builds.
     *
     * @param manifest written byte for byte
     * @param rootfs the files, lent; they should not change meanwhile
     * @param archive where the image goes; flushed, not closed
     * @throws AestusException {@link Problem#INVALID} if the manifest is none or its name is not one to publish
     */
    public static BuiltImage build(byte[] manifest, Directory rootfs, BuildOptions options, OutputStream archive)
            throws IOException {
        requirePublishable(ImageArchive.readManifest(manifest));
        MessageDigest digest = sha512();
        try (OutputStream compressed =
                        options.compression().compress(new UnclosedOutputStream(archive), options.level());
                var hashed = new DigestOutputStream(new BufferedOutputStream(compressed, 1 << 16), digest)) {
            var builder = new ImageBuilder(hashed, options);
            builder.writeManifest(manifest);
            builder.writeDirectory(rootfs, EntryNames.ROOT, rootfs.fd().status(), builder.rootXattrs(rootfs));
            builder.tar.finish();
            return new BuiltImage(ImageId.of(digest.digest()), builder.tar.total(), builder.notes.lines());
        }
    }

    private static void requirePublishable(ImageManifest manifest) {
        if (!manifest.name().isCanonical()) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot build image " + Quoted.of(manifest.name().value())
                            + ": its name has two separators side by side");
        }
    }

    private static MessageDigest sha512() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without SHA-512", e);
        }
    }

    private void writeManifest(byte[] manifest) throws IOException {
        Instant time = options.latest().orElse(Instant.EPOCH);
        tar.begin(new TarEntry(
                EntryNames.MANIFEST,
                TarEntry.Type.FILE,
                manifest.length,
                FILE_MODE,
                0,
                0,
                time.getEpochSecond(),
                0,
                "",
                0,
                0,
                Map.of(),
                null));
        out.write(manifest);
        tar.pad(manifest.length);
    }

    private void writeDirectory(Directory directory, String path, FileStatus status, Map<String, byte[]> xattrs)
            throws IOException {
        tar.begin(entry(path + '/', TarEntry.Type.DIRECTORY, status, "", xattrs));
        for (String name : new TreeSet<>(directory.list())) {
            write(directory, name, path + '/' + name);
        }
    }

    private void write(Directory directory, String name, String path) throws IOException {
        FileStatus status = directory.status(name);
        if (status.isDirectory()) {
            try (Directory below = directory.openDirectory(name)) {
                writeDirectory(below, path, status, xattrs(directory, name));
            }
        } else if (status.isSocket()) {
            notes.add("left out: a socket, entry", path);
        } else if (status.links() > 1) {
            String first = names.putIfAbsent(inode(status), path);
            if (first != null) {
                tar.begin(entry(path, TarEntry.Type.HARD_LINK, status, first, Map.of()));
            } else {
                writeLeaf(directory, name, path, status);
            }
        } else {
            writeLeaf(directory, name, path, status);
        }
    }

    private void writeLeaf(Directory directory, String name, String path, FileStatus status) throws IOException {
        if (status.isSymbolicLink()) {
            tar.begin(entry(path, TarEntry.Type.SYMLINK, status, directory.readLink(name), Map.of()));
        } else if (status.isRegular()) {
            writeFile(directory, name, path, status);
        } else {
            TarEntry.Type type = status.isPipe()
                    ? TarEntry.Type.FIFO
                    : status.isCharacterDevice() ? TarEntry.Type.CHARACTER_DEVICE : TarEntry.Type.BLOCK_DEVICE;
            tar.begin(entry(path, type, status, "", Map.of()));
        }
    }

    private static Inode inode(FileStatus status) {
        return new Inode(status.deviceMajor(), status.deviceMinor(), status.inode());
    }

    private void writeFile(Directory directory, String name, String path, FileStatus status) throws IOException {
        tar.begin(entry(path, TarEntry.Type.FILE, status, "", xattrs(directory, name)));
        try (Fd file = directory.openForReading(name)) {
            long left = status.size();
            while (left > 0) {
                int count = file.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (count < 0) {
                    throw changed(path);
                }
                out.write(buffer, 0, count);
                left -= count;
            }
            if (file.read(buffer, 0, 1) > 0) {
                throw changed(path);
            }
        }
        tar.pad(status.size());
    }

    private static AestusException changed(String path) {
        return new AestusException(
                Problem.CONFLICT, "cannot build image: " + Quoted.of(path) + " changed while it was read");
    }

    private Map<String, byte[]> xattrs(Directory directory, String name) throws SyscallException {
        try (Xattrs xattrs = directory.xattrs(name)) {
            return kept(xattrs);
        }
    }

    private Map<String, byte[]> rootXattrs(Directory rootfs) throws SyscallException {
        try (Xattrs xattrs = rootfs.xattrs(".")) {
            return kept(xattrs);
        }
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

    private TarEntry entry(
            String path, TarEntry.Type type, FileStatus status, String link, Map<String, byte[]> xattrs) {
        Instant time = options.latest()
                .filter(latest -> status.modified().isAfter(latest))
                .orElse(status.modified());
        boolean isOwnerKept = options.owners() == BuildOptions.Owners.KEPT;
        return new TarEntry(
                path,
                type,
                type == TarEntry.Type.FILE ? status.size() : 0,
                type == TarEntry.Type.SYMLINK ? 0777 : status.permissions(),
                isOwnerKept ? status.uid() : 0,
                isOwnerKept ? status.gid() : 0,
                time.getEpochSecond(),
                time.getNano(),
                link,
                status.specialMajor(),
                status.specialMinor(),
                xattrs,
                null);
    }
}
