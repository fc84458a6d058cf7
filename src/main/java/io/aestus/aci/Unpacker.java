package io.aestus.aci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.ImageManifest;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Unpacks an image while it arrives: hashes every byte, checks every entry, makes every file, in one pass and on the
 * calling thread. What it makes may be looked at only after it returned and the ID was compared.
 */
public final class Unpacker {
    private Unpacker() {}

    /**
     * Reads {@code tar} to its end and makes {@code manifest} and {@code rootfs} in {@code target}. Either both are there
     * when this returns, or neither.
     *
     * @param tar uncompressed, see {@link Compression}; lent
     * @param target lent; on a disk, and without entries of these names
     * @throws HostileArchiveException if the archive breaks a rule or a limit
     * @throws AestusException {@link Problem#INVALID} if the manifest is none, {@link Problem#CONFLICT} if something is there
     * @throws IOException if reading or the disk fails
     */
    public static UnpackedImage unpack(InputStream tar, Directory target, UnpackLimits limits) throws IOException {
        if (target.find(EntryNames.MANIFEST).isPresent() || !target.makeDirectory(EntryNames.ROOT, 0777)) {
            throw new AestusException(
                    Problem.CONFLICT, "cannot unpack image: the target has a manifest or rootfs already");
        }
        boolean isDone = false;
        try {
            UnpackedImage image = unpackInto(tar, target, limits);
            isDone = true;
            return image;
        } finally {
            if (!isDone) {
                target.removeTree(EntryNames.ROOT);
            }
        }
    }

    private static UnpackedImage unpackInto(InputStream tar, Directory target, UnpackLimits limits) throws IOException {
        try (Directory root = target.openDirectory(EntryNames.ROOT);
                var tree = TreeWriter.beginning(root, limits.devices())) {
            ImageReader.Outcome outcome = ImageReader.read(tar, limits, tree);
            tree.finish();
            ImageManifest manifest = ImageArchive.readManifest(outcome.manifest());
            writeManifest(target, outcome.manifest());
            return new UnpackedImage(
                    outcome.id(),
                    manifest,
                    outcome.bytes(),
                    tree.fileBytes(),
                    outcome.entries(),
                    tree.impliedDirectories(),
                    tree.notes());
        }
    }

    private static void writeManifest(Directory target, byte[] manifest) throws SyscallException {
        try (Fd file = target.createFile(EntryNames.MANIFEST, 0644)) {
            file.writeFully(manifest);
        } catch (SyscallException e) {
            target.unlink(EntryNames.MANIFEST);
            throw e;
        }
    }
}
