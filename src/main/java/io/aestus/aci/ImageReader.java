package io.aestus.aci;

import io.aestus.Quoted;
import io.aestus.appc.ImageId;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Reads an image's tar under the rules of an App Container Image and shows a visitor what lies in its root file system.
 * All rules that an archive can break are here, so hashing, validating, unpacking and comparing share them:
 *
 * <ul>
 *   <li>on top, one regular {@code manifest} and one directory {@code rootfs}, and nothing else
 *   <li>no absolute name, no {@code ..}, no name twice ({@code a}, {@code ./a} and {@code a/} are one name)
 *   <li>no entry behind a symbolic link or below a file
 *   <li>hard links only to what came before, inside {@code rootfs}
 *   <li>nothing beyond {@link UnpackLimits}, nothing but zeros behind the end
 * </ul>
 *
 * @see <a href="https://github.com/appc/spec/blob/master/spec/aci.md#image-archives">appc: Image Archives</a>
 */
final class ImageReader {
    private static final String BELOW_ROOT = EntryNames.ROOT + "/";
    static final String WHITEOUT = ".wh.";
    static final String OPAQUE = ".wh..wh..opq";

    /** Is shown each entry of the root file system, in the archive's order. */
    interface Visitor {
        /**
         * Shows one entry.
         *
         * @param path relative to the root file system, normalized; empty for itself
         * @param linkPath for a hard link the path of its target, likewise; else empty
         * @param data the bytes of a file; need not be taken
         */
        void visit(TarEntry entry, String path, String linkPath, Data data) throws IOException;
    }

    /** The bytes of a file that stand next in the archive. */
    interface Data {
        void copyTo(TarEntry.Sink sink) throws IOException;
    }

    /** What a whole archive came to. */
    static final class Outcome {
        private final byte[] hash;
        private final byte[] manifest;
        private final long bytes;
        private final long entries;

        private Outcome(byte[] hash, byte[] manifest, long bytes, long entries) {
            this.hash = hash;
            this.manifest = manifest;
            this.bytes = bytes;
            this.entries = entries;
        }

        /** The ID: SHA-512 of the tar. */
        ImageId id() {
            return ImageId.of(hash);
        }

        /** The manifest, byte for byte. */
        byte[] manifest() {
            return manifest;
        }

        /** Length of the tar. */
        long bytes() {
            return bytes;
        }

        long entries() {
            return entries;
        }
    }

    private final TarReader tar;
    private final UnpackLimits limits;
    private final EntryNames names;
    /** What the names of all files begin with. */
    private final String top;

    private byte @Nullable [] manifest;
    private boolean isTopSeen;
    private long entries;
    private long apparentBytes;

    private ImageReader(InputStream in, UnpackLimits limits, String top, MessageDigest digest) {
        this.top = top;
        this.tar = new TarReader(in, limits, digest);
        this.limits = limits;
        this.names = new EntryNames(limits);
    }

    /** Reads {@code tar} to its end. */
    static Outcome read(InputStream tar, UnpackLimits limits, Visitor visitor) throws IOException {
        return new ImageReader(tar, limits, BELOW_ROOT, TarInput.sha512()).readAll(visitor);
    }

    /** Reads {@code tar}, which is of plain files and no image, to its end; the same rules hold for the whole of it. */
    static void readPlain(InputStream tar, UnpackLimits limits, Visitor visitor) throws IOException {
        var reader = new ImageReader(tar, limits, "", TarInput.sha512());
        for (TarEntry entry = reader.tar.next(); entry != null; entry = reader.tar.next()) {
            reader.count(entry);
            String path = reader.names.normalized(entry.name(), entry.name());
            if (!path.isEmpty()) {
                reader.visitRoot(entry, path, visitor);
            } else if (entry.type() != TarEntry.Type.DIRECTORY) {
                throw HostileArchiveException.entry(entry.name(), "is no directory");
            }
        }
    }

    /** Is shown each entry of a layer: what it adds, and what it takes away from the layers below. */
    interface LayerVisitor extends Visitor {
        /** Whatever lower layers have at {@code path} is gone. */
        void visitWhiteout(String path);

        /** Whatever lower layers have in the directory at {@code path} is gone; empty for the root. */
        void visitOpaque(String path);
    }

    /**
     * Reads the tar of an OCI layer to its end. The rules are those of a plain tar, but that a directory may be described again and
     * that the root may be described.
     *
     * @return the hash of the tar, in hexadecimal digits
     * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#whiteouts">OCI: Whiteouts</a>
     */
    static String readLayer(InputStream tar, UnpackLimits limits, MessageDigest digest, LayerVisitor visitor)
            throws IOException {
        var reader = new ImageReader(tar, limits, "", digest);
        for (TarEntry entry = reader.tar.next(); entry != null; entry = reader.tar.next()) {
            reader.count(entry);
            String path = reader.names.normalized(entry.name(), entry.name());
            String name = OpenParents.name(path);
            if (name.startsWith(WHITEOUT)) {
                reader.readWhiteout(entry, path, name, visitor);
            } else if (path.isEmpty() && entry.type() != TarEntry.Type.DIRECTORY) {
                throw HostileArchiveException.entry(entry.name(), "is no directory");
            } else if (entry.type() == TarEntry.Type.DIRECTORY && reader.names.at(path) == EntryNames.Kind.DIRECTORY) {
                visitor.visit(entry, path, "", reader.tar::copyData); // its last description counts
            } else {
                reader.visitRoot(reader.withLocalLink(entry), path, visitor);
            }
        }
        return HexFormat.of().formatHex(reader.tar.hash());
    }

    private void readWhiteout(TarEntry entry, String path, String name, LayerVisitor visitor) {
        String directory = path.substring(0, Math.max(0, path.length() - name.length() - 1));
        names.addParents(path, entry.name());
        if (name.equals(OPAQUE)) {
            visitor.visitOpaque(directory);
        } else if (!name.startsWith(WHITEOUT + WHITEOUT)) { // else aufs' own bookkeeping
            String gone = name.substring(WHITEOUT.length());
            if (gone.isEmpty() || gone.equals(".") || gone.equals("..")) {
                throw HostileArchiveException.entry(entry.name(), "takes away a file without a name");
            }
            visitor.visitWhiteout(directory.isEmpty() ? gone : directory + '/' + gone);
        }
    }

    /** Some builders write the targets of hard links as absolute paths, in the root of the layer. */
    private TarEntry withLocalLink(TarEntry entry) {
        return entry.type() == TarEntry.Type.HARD_LINK && entry.link().startsWith("/")
                ? entry.named(entry.name(), entry.link().replaceFirst("^/+", ""))
                : entry;
    }

    /** The bytes of the first manifest in {@code tar}; what follows it is not read. */
    static byte[] manifestOf(InputStream tar, UnpackLimits limits) throws IOException {
        var reader = new ImageReader(tar, limits, BELOW_ROOT, TarInput.sha512());
        for (TarEntry entry = reader.tar.next(); entry != null; entry = reader.tar.next()) {
            reader.count(entry);
            if (reader.names.normalized(entry.name(), entry.name()).equals(EntryNames.MANIFEST)) {
                return reader.readManifest(entry);
            }
        }
        throw HostileArchiveException.archive("it has no manifest");
    }

    private Outcome readAll(Visitor visitor) throws IOException {
        for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
            count(entry);
            dispatch(entry, visitor);
        }
        if (manifest == null) {
            throw HostileArchiveException.archive("it has no manifest");
        }
        if (!names.hasRoot()) {
            throw HostileArchiveException.archive("it has no rootfs");
        }
        return new Outcome(tar.hash(), manifest, tar.total(), entries);
    }

    private void count(TarEntry entry) {
        if (++entries > limits.entries()) {
            throw HostileArchiveException.limit("entries", limits.entries());
        }
        apparentBytes += entry.size();
        if (entry.size() > limits.bytes() || apparentBytes > limits.bytes()) {
            throw HostileArchiveException.limit("bytes in its files", limits.bytes());
        }
    }

    private void dispatch(TarEntry entry, Visitor visitor) throws IOException {
        String path = names.normalized(entry.name(), entry.name());
        if (path.startsWith(BELOW_ROOT)) {
            visitRoot(entry, path.substring(BELOW_ROOT.length()), visitor);
        } else if (path.equals(EntryNames.ROOT)) {
            if (entry.type() != TarEntry.Type.DIRECTORY) {
                throw HostileArchiveException.entry(entry.name(), "is no directory");
            }
            visitRoot(entry, "", visitor);
        } else if (path.equals(EntryNames.MANIFEST)) {
            manifest = readManifest(entry);
        } else if (path.isEmpty() && entry.type() == TarEntry.Type.DIRECTORY && !isTopSeen) {
            isTopSeen = true; // what "tar -C dir -c ." writes first
        } else {
            throw HostileArchiveException.entry(entry.name(), "is neither the manifest nor inside rootfs");
        }
    }

    private byte[] readManifest(TarEntry entry) throws IOException {
        if (manifest != null) {
            throw HostileArchiveException.entry(entry.name(), "is a second manifest");
        }
        if (entry.type() != TarEntry.Type.FILE || entry.segments() != null) {
            throw HostileArchiveException.entry(entry.name(), "is no regular file");
        }
        if (entry.size() > limits.manifestBytes()) {
            throw HostileArchiveException.entry(
                    entry.name(), "is " + entry.size() + " bytes long, more than " + limits.manifestBytes());
        }
        byte[] bytes = new byte[(int) entry.size()];
        tar.copyData((offset, buffer, from, length) -> System.arraycopy(buffer, from, bytes, (int) offset, length));
        return bytes;
    }

    private void visitRoot(TarEntry entry, String path, Visitor visitor) throws IOException {
        String linkPath = "";
        EntryNames.Kind kind =
                switch (entry.type()) {
                    case DIRECTORY -> EntryNames.Kind.DIRECTORY;
                    case SYMLINK -> {
                        requireLink(entry);
                        yield EntryNames.Kind.SYMLINK;
                    }
                    case FILE, FIFO -> EntryNames.Kind.LEAF;
                    case CHARACTER_DEVICE, BLOCK_DEVICE -> {
                        if (limits.devices() == DevicePolicy.REFUSE) {
                            throw HostileArchiveException.entry(entry.name(), "is a device");
                        }
                        yield EntryNames.Kind.LEAF;
                    }
                    case HARD_LINK -> {
                        requireLink(entry);
                        linkPath = hardLinkTarget(entry);
                        // A second name of a link is as little to be walked through as its first.
                        yield names.at(linkPath) == EntryNames.Kind.SYMLINK
                                ? EntryNames.Kind.SYMLINK
                                : EntryNames.Kind.LEAF;
                    }
                };
        names.add(path, kind, entry.name());
        visitor.visit(entry, path, linkPath, tar::copyData);
    }

    private void requireLink(TarEntry entry) {
        if (entry.link().isEmpty()) {
            throw HostileArchiveException.entry(entry.name(), "is a link to nothing");
        }
        if (entry.link().length() > limits.pathBytes()) {
            throw HostileArchiveException.entry(
                    entry.name(), "has a link target longer than " + limits.pathBytes() + " bytes");
        }
    }

    private String hardLinkTarget(TarEntry entry) {
        String target = names.normalized(entry.link(), entry.name());
        if (!target.startsWith(top)) {
            throw HostileArchiveException.entry(
                    entry.name(), "is a hard link to " + Quoted.of(entry.link()) + ", which is outside rootfs");
        }
        String path = target.substring(top.length());
        return switch (names.at(path)) {
            case LEAF, SYMLINK -> path;
            case IMPLIED, DIRECTORY ->
                throw HostileArchiveException.entry(entry.name(), "is a hard link to a directory");
            case null ->
                throw HostileArchiveException.entry(
                        entry.name(), "is a hard link to " + Quoted.of(entry.link()) + ", which no earlier entry made");
        };
    }
}
