package io.aestus.executor;

import io.aestus.linux.Directory;
import io.aestus.linux.FileLock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Where a checkpoint is made: a directory beside the archive that it becomes, for that is on a disk with room for it, and gone with it.
 * It holds memory of programs, so what a crash left of an earlier one goes as well. Whoever works in one has its lock.
 */
final class CheckpointWork implements AutoCloseable {
    private static final String PREFIX = ".checkpoint-";
    private static final String LOCK = "lock";
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path path;
    private final FileLock lock;

    private CheckpointWork(Path path, FileLock lock) {
        this.path = path;
        this.lock = lock;
    }

    /** A new one in {@code parent}, from which those go that nobody works in. */
    static CheckpointWork open(Path parent) throws IOException {
        sweep(parent);
        Path path = Files.createTempDirectory(parent, PREFIX, PRIVATE);
        Optional<FileLock> lock = lock(path);
        if (lock.isEmpty()) {
            throw new IOException(path + " was taken for one that a crash had left");
        }
        return new CheckpointWork(path, lock.get());
    }

    private static Optional<FileLock> lock(Path path) throws IOException {
        return FileLock.tryAcquire(path.resolve(LOCK), FileLock.Kind.EXCLUSIVE);
    }

    private static void sweep(Path parent) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path path : all) {
                // One without a lock was just made, or has nothing in it yet.
                if (Files.exists(path.resolve(LOCK))) {
                    Optional<FileLock> lock = lock(path);
                    if (lock.isPresent()) {
                        new CheckpointWork(path, lock.get()).close();
                    }
                }
            }
        }
    }

    Path path() {
        return path;
    }

    /** For what lies in it. */
    Path directory(String name) throws IOException {
        return Files.createDirectory(path.resolve(name), PRIVATE);
    }

    @Override
    public void close() throws IOException {
        try (lock;
                Directory parent = Directory.open(path.resolve(".."))) {
            parent.removeTree(path.getFileName().toString());
        }
    }
}
