package io.aestus.store;

import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.oci.OciReference;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * An image in the store: whole, and verified as its record says.
 *
 * @param rootfs its own files, without its dependencies; see {@link ImageStore#layers}. Not there for an OCI image, whose files are
 *     those of its layers
 * @param references what it is called at registries, if it is an OCI image: tags first
 * @param lastUsed when an app was last started from it, to a minute, or when it was imported
 */
public record StoredImage(
        ImageId id,
        ImageManifest manifest,
        Path rootfs,
        ImageRecord record,
        List<OciReference> references,
        Instant lastUsed) {
    public StoredImage {
        references = List.copyOf(references);
    }

    /** An App Container Image. */
    public StoredImage(ImageId id, ImageManifest manifest, Path rootfs, ImageRecord record, Instant lastUsed) {
        this(id, manifest, rootfs, record, List.of(), lastUsed);
    }

    /** Whether it came from a registry, or could have. */
    public boolean isOci() {
        return record.oci().isPresent();
    }

    /** Name and version, as it is asked for; of an OCI image without a name, what its configuration is. */
    public String shownName() {
        if (isOci()) {
            return references.isEmpty() ? "<none>" : references.getFirst().toString();
        }
        return manifest.name()
                + manifest.labels().version().map(version -> ":" + version).orElse("");
    }

    /** Whether a signature by a trusted key was verified when it was stored. */
    public boolean isSigned() {
        return !record.signers().isEmpty();
    }

    /** What it takes on disk: the archive as fetched, and its files. */
    public long bytes() {
        return record.blobBytes() + record.treeBytes();
    }
}
