package io.aestus.store;

import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import java.nio.file.Path;
import java.time.Instant;

/**
 * An image in the store: whole, and verified as its record says.
 *
 * @param rootfs its own files, without its dependencies; see {@link ImageStore#layers}
 * @param lastUsed when a pod was last prepared from it, or when it was imported
 */
public record StoredImage(ImageId id, ImageManifest manifest, Path rootfs, ImageRecord record, Instant lastUsed) {
    /** Whether a signature by a trusted key was verified when it was stored. */
    public boolean isSigned() {
        return !record.signers().isEmpty();
    }

    /** What it takes on disk: the archive as fetched, and its files. */
    public long bytes() {
        return record.blobBytes() + record.treeBytes();
    }
}
