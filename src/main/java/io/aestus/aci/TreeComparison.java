package io.aestus.aci;

import io.aestus.Quoted;
import io.aestus.appc.ImageId;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.FileStatus;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compares an unpacked image with its archive, entry by entry and byte by byte, by the reader that unpacked it. */
public final class TreeComparison implements ImageReader.LayerVisitor {
    private static final int MOST = 100;

    /**
     * What came out.
     *
     * @param id of the archive, as its bytes are now
     * @param differences a line each; beyond {@value #MOST} only the first
     */
    public record Result(ImageId id, List<String> differences) {
        public Result {
            differences = List.copyOf(differences);
        }
    }

    private final Directory root;
    private final UnpackLimits limits;
    private final Set<String> seen = new HashSet<>();
    private final Set<String> whiteouts = new HashSet<>();
    private final Set<String> opaque = new HashSet<>();
    private final List<String> differences = new ArrayList<>();
    private final boolean areOwnersKept;

    private TreeComparison(Directory root, UnpackLimits limits) throws SyscallException {
        this.root = root;
        this.limits = limits;
        this.areOwnersKept = root.fd().status().uid() == 0;
    }

    /**
     * Compares.
     *
     * @param tar uncompressed, lent
     * @param unpacked the directory that it was unpacked to, lent
     * @param limits as they were then
     */
    public static Result compare(InputStream tar, Directory unpacked, UnpackLimits limits) throws IOException {
        try (Directory root = unpacked.openDirectory(EntryNames.ROOT)) {
            var comparison = new TreeComparison(root, limits);
            ImageReader.Outcome outcome = ImageReader.read(tar, limits, comparison);
            comparison.compareManifest(unpacked, outcome.manifest());
            comparison.findExtra(root, "");
            return new Result(outcome.id(), comparison.differences);
        }
    }

    /**
     * What came out for a layer.
     *
     * @param hash of the tar in hexadecimal digits, as its bytes are now
     */
    public record LayerResult(String hash, List<String> differences) {
        public LayerResult {
            differences = List.copyOf(differences);
        }
    }

    /** The same for a layer that {@link LayerUnpacker} unpacked to a directory. */
    public static LayerResult compareLayer(
            InputStream tar, Directory unpacked, UnpackLimits limits, MessageDigest digest) throws IOException {
        try (Directory root = unpacked.openDirectory(EntryNames.ROOT)) {
            var comparison = new TreeComparison(root, limits);
            String hash = ImageReader.readLayer(tar, limits, digest, comparison);
            comparison.compareTakenAway();
            comparison.findExtra(root, "");
            return new LayerResult(hash, comparison.differences);
        }
    }

    @Override
    public void visitWhiteout(String path) {
        addWithParents(path);
        whiteouts.add(path);
    }

    @Override
    public void visitOpaque(String path) {
        addWithParents(path);
        opaque.add(path);
    }

    private void compareTakenAway() throws SyscallException {
        for (String path : opaque) {
            if (!path.isEmpty() && !TreeWriter.isOpaque(root, path)) {
                differs(path, "no longer hides what is below");
            }
        }
        for (String path : whiteouts) {
            if (LayerUnpacker.isMarked(path, opaque) && root.find(path).isEmpty()) {
                differs(path, "no longer hides what is below");
            }
        }
    }

    @Override
    public void visit(TarEntry entry, String path, String linkPath, ImageReader.Data data) throws IOException {
        if (path.isEmpty()) {
            return;
        }
        addWithParents(path);
        Optional<FileStatus> found = root.find(path);
        if (isLeftOut(entry) || isLinkToLeftOut(entry, linkPath)) {
            return;
        }
        if (found.isEmpty()) {
            differs(path, "is missing");
            return;
        }
        FileStatus status = found.get();
        if (entry.type() == TarEntry.Type.HARD_LINK) {
            if (root.find(linkPath).filter(status::isSameFile).isEmpty()) {
                differs(path, "is no longer the same file as " + Quoted.of(linkPath));
            }
        } else if (isType(entry.type(), status)) {
            compareMetadata(entry, path, status);
            compareContent(entry, path, status, data);
        } else {
            differs(path, "is of another type");
        }
    }

    private boolean isLeftOut(TarEntry entry) {
        return entry.type().isDevice() && limits.devices() != DevicePolicy.CREATE;
    }

    private boolean isLinkToLeftOut(TarEntry entry, String linkPath) throws SyscallException {
        return entry.type() == TarEntry.Type.HARD_LINK
                && seen.contains(linkPath)
                && limits.devices() != DevicePolicy.CREATE
                && root.find(linkPath).isEmpty();
    }

    private void addWithParents(String path) {
        for (String at = path; seen.add(at) && at.indexOf('/') >= 0; ) {
            at = at.substring(0, at.lastIndexOf('/'));
        }
    }

    private static boolean isType(TarEntry.Type type, FileStatus status) {
        return switch (type) {
            case FILE, HARD_LINK -> status.isRegular();
            case SYMLINK -> status.isSymbolicLink();
            case CHARACTER_DEVICE -> status.isCharacterDevice();
            case BLOCK_DEVICE -> status.isBlockDevice();
            case DIRECTORY -> status.isDirectory();
            case FIFO -> status.isPipe();
        };
    }

    private void compareMetadata(TarEntry entry, String path, FileStatus status) {
        if (entry.type() != TarEntry.Type.SYMLINK && status.permissions() != entry.mode()) {
            differs(
                    path,
                    "has mode " + Integer.toOctalString(status.permissions()) + ", not "
                            + Integer.toOctalString(entry.mode()));
        }
        if (areOwnersKept
                && (status.uid() != OwnUsers.orRoot(entry.uid()) || status.gid() != OwnUsers.orRoot(entry.gid()))) {
            differs(
                    path,
                    "belongs to " + Integer.toUnsignedString(status.uid()) + ':'
                            + Integer.toUnsignedString(status.gid()));
        }
        if (!status.modified().equals(Instant.ofEpochSecond(entry.seconds(), entry.nanos()))) {
            differs(path, "was modified " + status.modified());
        }
    }

    private void compareContent(TarEntry entry, String path, FileStatus status, ImageReader.Data data)
            throws IOException {
        if (entry.type() == TarEntry.Type.SYMLINK) {
            if (!root.readLink(path).equals(entry.link())) {
                differs(path, "points elsewhere");
            }
        } else if (entry.type() == TarEntry.Type.FILE) {
            if (status.size() != entry.size()) {
                differs(path, "is " + status.size() + " bytes long, not " + entry.size());
            } else {
                compareBytes(entry, path, data);
            }
            compareXattrs(entry, path);
        }
    }

    private void compareBytes(TarEntry entry, String path, ImageReader.Data data) throws IOException {
        try (Fd file = root.openForReading(path);
                var content = new FileContent(file)) {
            data.copyTo(content);
            if (!content.isEqual() || !content.isZeroToTheEnd(entry.size())) {
                differs(path, "has other content");
            }
        }
    }

    private void compareXattrs(TarEntry entry, String path) throws SyscallException {
        for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
            if (XattrPolicy.keeps(xattr.getKey(), entry.type())) {
                try (var xattrs = root.xattrs(path)) {
                    Optional<byte[]> value = xattrs.get(xattr.getKey());
                    if (value.isEmpty() || !Arrays.equals(value.get(), xattr.getValue())) {
                        differs(path, "has another attribute " + xattr.getKey());
                    }
                }
            }
        }
    }

    private void compareManifest(Directory unpacked, byte[] manifest) throws IOException {
        try (Fd file = unpacked.openForReading(EntryNames.MANIFEST)) {
            if (!Arrays.equals(file.readAll(limits.manifestBytes()), manifest)) {
                differences.add("the manifest is not the archive's");
            }
        }
    }

    private void findExtra(Directory directory, String prefix) throws SyscallException {
        for (String name : directory.list()) {
            String path = prefix + name;
            if (!seen.contains(path)) {
                differs(path, "is not in the archive");
            } else if (directory.status(name).isDirectory()) {
                try (Directory below = directory.openDirectory(name)) {
                    findExtra(below, path + '/');
                }
            }
        }
    }

    private void differs(String path, String how) {
        if (differences.size() < MOST) {
            differences.add(Quoted.of('/' + path) + ' ' + how);
        }
    }
}
