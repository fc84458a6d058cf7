package io.aestus.store;

import io.aestus.appc.ImageId;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A root file system that was put together file by file, by hard links to the images it is made of. Its key is the hash of
 * these images' IDs in their order, so it never changes once it is there.
 */
final class RenderedTree {
    private static final String ROOT = "rootfs";
    private static final String TOP = "image";
    private static final String LOCK = "lock";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final StoreDisk disk;
    private final Path place;

    private RenderedTree(StoreDisk disk, Path place) {
        this.disk = disk;
        this.place = place;
    }

    static RenderedTree at(StoreDisk disk, String key) {
        return new RenderedTree(disk, disk.layout().renderedTree(key));
    }

    static RenderedTree of(StoreDisk disk, List<Layering.Layer> layers) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            for (Layering.Layer layer : layers) {
                digest.update((layer.image().id() + "\n").getBytes(StandardCharsets.US_ASCII));
            }
            return at(disk, ImageId.of(digest.digest()).toString());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without SHA-512", e);
        }
    }

    Path rootfs() {
        return place.resolve(ROOT);
    }

    Path lock() {
        return place.resolve(LOCK);
    }

    /** The image it was rendered for, if the tree is whole. */
    Optional<ImageId> top() throws IOException {
        return disk.read(place.resolve(TOP)).map(id -> ImageId.parse(new String(id, StandardCharsets.US_ASCII)));
    }

    Instant lastUsed() throws IOException {
        return disk.data()
                .find(disk.below(lock()))
                .map(status -> status.modified())
                .orElse(Instant.EPOCH);
    }

    /** Its lock, shared, once it is there: rendered now if nobody did before. */
    FileLock pin(List<Layering.Layer> layers) throws IOException {
        while (true) {
            Optional<FileLock> lock = tryPin();
            if (lock.isPresent()) {
                Instant now = Instant.now();
                disk.data().setTimes(disk.below(lock()), now, now);
                return lock.get();
            }
            render(layers);
        }
    }

    private Optional<FileLock> tryPin() throws SyscallException {
        try {
            return FileLock.acquire(lock(), FileLock.Kind.SHARED, PATIENCE);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void render(List<Layering.Layer> layers) throws IOException {
        try (Staging staging = Staging.begin(disk)) {
            staging.directory().makeDirectory("tree", 0700);
            try (Directory tree = staging.directory().openDirectory("tree")) {
                tree.makeDirectory(ROOT, 0755);
                try (Directory root = tree.openDirectory(ROOT);
                        var renderer = new TreeRenderer(root, TreeRenderer.Files.LINKED)) {
                    renderer.render(TreePlan.of(disk, layers));
                }
                try (Fd top = tree.createFile(TOP, 0600);
                        Fd lock = tree.createFile(LOCK, 0600)) {
                    top.writeFully(layers.getLast().image().id().toString().getBytes(StandardCharsets.US_ASCII));
                }
            }
            disk.reached(Step.TREE_RENDERED);
            disk.data().syncFileSystem();
            // Somebody else may have rendered the same meanwhile: theirs is as good as ours.
            if (disk.data().renameWithoutReplacing(staging.below("tree"), disk.data(), disk.below(place))) {
                disk.reached(Step.TREE_RENAMED);
                disk.sync(disk.layout().rendered());
            }
        }
    }
}
