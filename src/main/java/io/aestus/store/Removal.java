package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Dependency;
import io.aestus.appc.ImageId;
import io.aestus.appc.Labels;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.FileLock;
import io.aestus.linux.SyscallException;
import io.aestus.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How images leave. First the image's lock is taken for ourselves: from then on nobody can begin to use it. Only then the
 * pods are read: whoever began before has written its pod by now, or still holds the lock and we would not have it. What is
 * to go is renamed into staging, so it is gone at one instant, and deleted there.
 */
final class Removal {
    private final StoreDisk disk;
    private final ImageIndex index;
    private final PinnedImages pinned;
    private final Clock clock;

    Removal(StoreDisk disk, ImageIndex index, PinnedImages pinned, Clock clock) {
        this.disk = disk;
        this.index = index;
        this.pinned = pinned;
        this.clock = clock;
    }

    void remove(StoredImage image) throws IOException {
        Optional<FileLock> lock = tryLock(disk.layout().imageLock(image.id()));
        if (lock.isEmpty()) {
            throw inUse(image, "another process is using it");
        }
        try (FileLock held = lock.get()) {
            List<StoredImage> images = index.list();
            if (needed(referenced(PodReferences.find(disk), images), images).contains(image.id())) {
                throw inUse(image, "a pod uses it");
            }
            delete(List.of(image));
        }
        List<Digest> own = image.record().oci().map(OciParts::layers).orElse(List.of());
        if (!own.isEmpty()) {
            new Layers(disk).remove(own, layersOf(index.list()), Instant.MAX);
        }
    }

    private static Set<Digest> layersOf(List<StoredImage> images) {
        var layers = new HashSet<Digest>();
        images.forEach(image -> image.record().oci().ifPresent(parts -> layers.addAll(parts.layers())));
        return layers;
    }

    private static AestusException inUse(StoredImage image, String reason) {
        return new AestusException(
                        Problem.CONFLICT,
                        "cannot remove image " + image.manifest().name() + " ("
                                + image.id().abbreviated() + "): " + reason)
                .withRemedy("aestus list, then aestus rm POD");
    }

    GcReport gc(Duration grace, Set<ImageId> inUse) throws IOException {
        Instant latest = clock.instant().minus(grace);
        List<StoredImage> images = index.list();
        Map<ImageId, FileLock> locks = new LinkedHashMap<>();
        try {
            for (StoredImage image : images) {
                if (image.lastUsed().isBefore(latest) && !inUse.contains(image.id())) {
                    tryLock(disk.layout().imageLock(image.id())).ifPresent(lock -> locks.put(image.id(), lock));
                }
            }
            Set<String> named = PodReferences.find(disk);
            Set<ImageId> kept = referenced(named, images);
            kept.addAll(pinned.among(images));
            images.stream()
                    .map(StoredImage::id)
                    .filter(id -> !locks.containsKey(id))
                    .forEach(kept::add);
            Set<ImageId> needed = needed(kept, images);
            List<StoredImage> old = images.stream()
                    .filter(image -> !needed.contains(image.id()))
                    .toList();
            delete(old);
            int trees = collectTrees(named, needed, latest);
            sweepBlobs();
            sweepReferences();
            var layers = new Layers(disk);
            long layerBytes = layers.remove(layers.list(), layersOf(index.list()), latest);
            return new GcReport(
                    old.stream().map(StoredImage::id).toList(),
                    trees,
                    layerBytes
                            + old.stream()
                                    .filter(image -> !image.isOci()) // whose layers were just counted
                                    .mapToLong(StoredImage::bytes)
                                    .sum());
        } finally {
            locks.values().forEach(FileLock::close);
        }
    }

    private static Set<ImageId> referenced(Set<String> named, List<StoredImage> images) {
        var found = new HashSet<ImageId>();
        images.stream()
                .map(StoredImage::id)
                .filter(id -> named.contains(id.toString()))
                .forEach(found::add);
        return found;
    }

    /**
     * {@code roots} and all they stand on. A dependency by name counts for every image it may mean: a pod that runs may stand
     * on one that a newer has replaced since.
     */
    private static Set<ImageId> needed(Set<ImageId> roots, List<StoredImage> images) {
        var needed = new HashSet<>(roots);
        var open = new ArrayList<>(roots);
        while (!open.isEmpty()) {
            ImageId id = open.removeLast();
            for (StoredImage dependent : images) {
                if (dependent.id().equals(id)) {
                    for (Dependency dependency : dependent.manifest().dependencies()) {
                        images.stream()
                                .filter(image -> isMeant(dependency, image))
                                .map(StoredImage::id)
                                .filter(needed::add)
                                .forEach(open::add);
                    }
                }
            }
        }
        return needed;
    }

    private static boolean isMeant(Dependency dependency, StoredImage image) {
        return dependency.imageId().isPresent()
                ? dependency.imageId().get().equals(image.id())
                : dependency.query().matches(image.manifest(), Labels.NONE);
    }

    /** Takes images, whose locks we hold, out of sight and then off the disk. */
    private void delete(List<StoredImage> images) throws IOException {
        if (images.isEmpty()) {
            return;
        }
        try (Staging trash = Staging.begin(disk)) {
            try (FileLock names = disk.lockNames()) {
                for (StoredImage image : images) {
                    move(disk.layout().image(image.id()), trash, image.id().toString());
                    disk.reached(Step.IMAGE_TAKEN_AWAY);
                    move(disk.layout().signature(image.id()), trash, image.id() + ".asc");
                    move(disk.layout().blob(image.id()), trash, image.id() + ".blob");
                    disk.reached(Step.BLOB_TAKEN_AWAY);
                }
                disk.sync(disk.layout().images());
                disk.sync(disk.layout().blobs());
            }
            if (images.stream().anyMatch(StoredImage::isOci)) {
                sweepReferences();
            }
        }
    }

    private void move(Path place, Staging trash, String name) throws SyscallException {
        try {
            disk.data().rename(disk.below(place), trash.directory(), name);
        } catch (SyscallException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** Rendered trees whose image is gone, or that neither a pod nor anybody else used lately. */
    private int collectTrees(Set<String> named, Set<ImageId> needed, Instant latest) throws IOException {
        int count = 0;
        for (String key : names(disk.layout().rendered())) {
            RenderedTree tree = RenderedTree.at(disk, key);
            boolean isNeeded =
                    named.contains(key) || tree.top().map(needed::contains).orElse(false);
            if (isNeeded && (named.contains(key) || !isUnused(tree, named, latest))) {
                continue;
            }
            Optional<FileLock> lock = tryLock(tree.lock());
            if (lock.isPresent()) {
                try (FileLock held = lock.get();
                        Staging trash = Staging.begin(disk)) {
                    move(disk.layout().renderedTree(key), trash, key);
                    count++;
                }
            }
        }
        return count;
    }

    private static boolean isUnused(RenderedTree tree, Set<String> named, Instant latest) throws IOException {
        boolean isPods = tree.top().map(top -> named.contains(top.toString())).orElse(false);
        return !isPods && tree.lastUsed().isBefore(latest);
    }

    /** Archives whose image never came or has gone: a process was killed between two renames. */
    private void sweepBlobs() throws IOException {
        try (FileLock names = disk.lockNames()) {
            Set<String> images = new HashSet<>(names(disk.layout().images()));
            for (String name : names(disk.layout().blobs())) {
                String id = name.endsWith(".asc") ? name.substring(0, name.length() - 4) : name;
                if (!images.contains(id)) {
                    disk.data().unlink(disk.below(disk.layout().blobs().resolve(name)));
                }
            }
        }
    }

    /** Names whose image has gone. */
    private void sweepReferences() throws IOException {
        try (FileLock names = disk.lockNames()) {
            Set<ImageId> images = Set.copyOf(index.ids());
            for (References.Entry entry : References.all(disk.layout())) {
                if (!images.contains(entry.image())) {
                    References.remove(disk, entry);
                }
            }
        }
    }

    private List<String> names(Path place) throws IOException {
        try (Directory directory = disk.data().openDirectory(disk.below(place))) {
            return directory.list();
        }
    }

    private static Optional<FileLock> tryLock(Path lock) throws SyscallException {
        try {
            return FileLock.tryAcquire(lock, FileLock.Kind.EXCLUSIVE);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty(); // somebody else removed it
            }
            throw e;
        }
    }
}
