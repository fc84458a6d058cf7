package io.aestus.aci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.linux.Directory;
import io.aestus.linux.HostDigest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Map;

/**
 * Writes an image from a directory of files and a manifest. The same files with the same times give the same bytes: the
 * manifest first, so that a reader needs no more than the beginning, then {@code rootfs} with all names in order. Hard
 * links stay links, sockets are left out, and an extended attribute is written only if unpacking keeps it.
 */
public final class ImageBuilder {
    private static final int FILE_MODE = 0644;

    private ImageBuilder() {}

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
            var tar = new TarWriter(hashed);
            writeManifest(manifest, options, tar, hashed);
            var notes = new Notes();
            new TreeReader(
                            new TarTree(tar, hashed, EntryNames.ROOT),
                            entry -> recast(entry, options),
                            TreeReader.Changes.REFUSED,
                            notes)
                    .readDirectory(rootfs, "");
            tar.finish();
            hashed.flush();
            return new BuiltImage(ImageId.of(digest.digest()), tar.total(), notes.lines());
        }
    }

    private static TarEntry recast(TarEntry entry, BuildOptions options) {
        TarEntry owned = entry.ownedBy(options.owners());
        return options.latest().map(owned::notAfter).orElse(owned);
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
            return HostDigest.of("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without SHA-512", e);
        }
    }

    private static void writeManifest(byte[] manifest, BuildOptions options, TarWriter tar, OutputStream out)
            throws IOException {
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
}
