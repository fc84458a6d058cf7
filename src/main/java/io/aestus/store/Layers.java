package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import io.aestus.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The layers of OCI images, each unpacked once however many images have it: {@code layers/DIGEST} holds its files, the archive that
 * they came in, and what overlays need to know. A layer that no image names is kept while somebody holds its lock, and else until the
 * next collection.
 */
final class Layers {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final StoreDisk disk;

    Layers(StoreDisk disk) {
        this.disk = disk;
    }

    /** Keeps a layer that is here; empty if it is not. */
    Optional<FileLock> pin(Digest diffId) throws IOException {
        try {
            return FileLock.acquire(disk.layout().layerLock(diffId), FileLock.Kind.SHARED, PATIENCE);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Makes confirmed layers visible, each by one rename, after all of them are on the disk.
     *
     * @return their locks, which keep them
     */
    List<FileLock> commit(List<StagedLayer> staged) throws IOException {
        for (StagedLayer layer : staged) {
            try (Fd record = layer.tree().createFile(LayerRecord.FILE, 0600);
                    Fd lock = layer.tree().createFile("lock", 0600)) {
                record.writeFully(layer.confirmed().orElseThrow().record().toJson());
            }
        }
        if (!staged.isEmpty()) {
            disk.reached(Step.LAYERS_WRITTEN);
            disk.data().syncFileSystem();
        }
        var pins = new ArrayList<FileLock>();
        try {
            for (StagedLayer layer : staged) {
                Digest diffId = layer.confirmed().orElseThrow().diffId();
                pins.add(moveIn(layer, diffId));
                disk.reached(Step.LAYER_RENAMED);
            }
            disk.sync(disk.layout().layers());
            return pins;
        } catch (IOException | RuntimeException e) {
            pins.forEach(FileLock::close);
            throw e;
        }
    }

    /** Somebody else may have brought the same layer meanwhile: theirs is as good as ours. */
    private FileLock moveIn(StagedLayer layer, Digest diffId) throws IOException {
        while (true) {
            boolean isOurs = disk.data()
                    .renameWithoutReplacing(
                            layer.place(), disk.data(), disk.below(disk.layout().layer(diffId)));
            Optional<FileLock> pin = pin(diffId);
            if (pin.isPresent()) {
                return pin.get();
            }
            if (isOurs) {
                throw new AestusException(
                        Problem.CONFLICT, "cannot store layer " + diffId.abbreviated() + ": it was just removed again");
            }
        }
    }

    LayerRecord record(Digest diffId) throws IOException {
        return disk.read(disk.layout().layerRecord(diffId))
                .map(LayerRecord::read)
                .orElseThrow(() -> new AestusException(
                        Problem.CORRUPT,
                        "cannot read layer " + diffId.abbreviated() + ": the store lost it, fetch its image again"));
    }

    List<Digest> list() throws IOException {
        try (Directory all = disk.data().openDirectory(disk.below(disk.layout().layers()))) {
            return all.list().stream().map(Digest::ofFileName).toList();
        }
    }

    /**
     * Removes those of {@code candidates} that nobody holds.
     *
     * @param usedBefore only those that came before
     * @return bytes that went
     */
    long remove(List<Digest> candidates, Set<Digest> needed, Instant usedBefore) throws IOException {
        long bytes = 0;
        for (Digest diffId : candidates) {
            if (!needed.contains(diffId) && cameBefore(diffId, usedBefore)) {
                bytes += remove(diffId);
            }
        }
        return bytes;
    }

    private boolean cameBefore(Digest diffId, Instant limit) throws SyscallException {
        return disk.data()
                .find(disk.below(disk.layout().layerRecord(diffId)))
                .map(FileStatus::modified)
                .filter(limit::isAfter)
                .isPresent();
    }

    private long remove(Digest diffId) throws IOException {
        Optional<FileLock> lock;
        try {
            lock = FileLock.tryAcquire(disk.layout().layerLock(diffId), FileLock.Kind.EXCLUSIVE);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return 0; // somebody else removed it
            }
            throw e;
        }
        if (lock.isEmpty()) {
            return 0;
        }
        try (FileLock held = lock.get();
                Staging trash = Staging.begin(disk)) {
            long bytes = record(diffId).bytes();
            disk.data().rename(disk.below(disk.layout().layer(diffId)), trash.directory(), diffId.fileName());
            disk.reached(Step.LAYER_TAKEN_AWAY);
            return bytes;
        }
    }
}
