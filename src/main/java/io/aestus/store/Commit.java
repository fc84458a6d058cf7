package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.UnpackedImage;
import io.aestus.appc.ImageId;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** How a staged image becomes a stored one. */
final class Commit {
    private final StoreDisk disk;
    private final ImageIndex index;
    private final Clock clock;

    Commit(StoreDisk disk, ImageIndex index, Clock clock) {
        this.disk = disk;
        this.index = index;
        this.clock = clock;
    }

    /**
     * All bytes first, then names: a crash before the image's rename leaves at most an archive without an image, which
     * {@link ImageStore#gc} takes, and after it there is nothing more to do.
     */
    StoredImage run(StagedImage staged, ImageRecord record) throws IOException {
        UnpackedImage unpacked = staged.unpacked();
        ImageRecord whole =
                record.stored(clock.instant(), staged.blobBytes(), unpacked.fileBytes(), unpacked.impliedDirectories());
        writeInto(staged.tree(), whole);
        disk.reached(Step.RECORD_WRITTEN);
        disk.data().syncFileSystem();
        disk.reached(Step.DATA_DURABLE);
        try (FileLock names = disk.lockNames()) {
            if (disk.exists(disk.layout().image(unpacked.id()))) {
                update(staged, unpacked.id(), whole);
            } else {
                moveIn(staged, unpacked.id());
            }
        }
        return index.find(unpacked.id()).orElseThrow();
    }

    private static void writeInto(Directory tree, ImageRecord record) throws IOException {
        try (Fd file = tree.createFile(ImageRecord.FILE, 0600);
                Fd lock = tree.createFile("lock", 0600)) {
            file.writeFully(record.toJson());
            file.setTimes(record.imported(), record.imported()); // the time of its last use
        }
    }

    private void moveIn(StagedImage staged, ImageId id) throws IOException {
        moveBlob(staged, id);
        disk.data()
                .rename(staged.below(StagedImage.TREE), disk.below(disk.layout().image(id)));
        disk.reached(Step.IMAGE_RENAMED);
        disk.sync(disk.layout().images());
        disk.reached(Step.IMAGE_DURABLE);
    }

    /** The same bytes came again, perhaps packed or signed differently. */
    private void update(StagedImage staged, ImageId id, ImageRecord record) throws IOException {
        ImageRecord before =
                ImageRecord.read(disk.read(disk.layout().record(id)).orElseThrow());
        boolean isNewlySigned = before.signers().isEmpty() && !record.signers().isEmpty();
        boolean isBlobWanted = isNewlySigned || !disk.exists(disk.layout().blob(id));
        if (isBlobWanted) {
            moveBlob(staged, id); // a signature covers the archive as it came, so both change together
        }
        long blobBytes = isBlobWanted && staged.hasBlob() ? record.blobBytes() : before.blobBytes();
        disk.replace(disk.layout().record(id), record.over(before, blobBytes).toJson());
        disk.data().setTimes(disk.below(disk.layout().record(id)), record.imported(), record.imported());
        disk.reached(Step.RECORD_REPLACED);
    }

    /** A record that is read and written again, so that no other process's change is lost. */
    StoredImage renew(ImageId id, Optional<Instant> freshUntil) throws IOException {
        try (FileLock names = disk.lockNames()) {
            ImageRecord before = index.find(id)
                    .map(StoredImage::record)
                    .orElseThrow(() -> new AestusException(
                            Problem.NOT_FOUND, "cannot renew image " + id.abbreviated() + ": it was just removed"));
            disk.replace(
                    disk.layout().record(id),
                    before.withCaching(before.etag(), freshUntil).toJson());
        }
        return index.find(id).orElseThrow();
    }

    private void moveBlob(StagedImage staged, ImageId id) throws IOException {
        if (!staged.hasBlob()) {
            return;
        }
        // A signature that belongs to other bytes must never stand beside these.
        disk.data().unlink(disk.below(disk.layout().signature(id)));
        disk.data()
                .rename(staged.below(StagedImage.BLOB), disk.below(disk.layout().blob(id)));
        disk.reached(Step.BLOB_RENAMED);
        if (staged.hasSignature()) {
            disk.data()
                    .rename(
                            staged.below(StagedImage.SIGNATURE),
                            disk.below(disk.layout().signature(id)));
            disk.reached(Step.SIGNATURE_RENAMED);
        }
        disk.sync(disk.layout().blobs());
    }
}
