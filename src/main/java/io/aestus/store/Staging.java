package io.aestus.store;

import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.FileLock;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A directory of our own below {@code staging/}, for as long as we hold its lock. Whatever is left in it at the end, or
 * after the end of its process, is removed.
 */
final class Staging implements AutoCloseable {
    private static final String LOCK = "lock";

    private final StoreDisk disk;
    private final Path place;
    private final FileLock lock;
    private final Directory directory;

    private Staging(StoreDisk disk, Path place, FileLock lock, Directory directory) {
        this.disk = disk;
        this.place = place;
        this.lock = lock;
        this.directory = directory;
    }

    static Staging begin(StoreDisk disk) throws IOException {
        while (true) {
            String name = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
            Path place = disk.layout().staged(name);
            if (!disk.data().makeDirectory(disk.below(place), 0700)) {
                continue;
            }
            // Between these two lines a sweep may take the directory for abandoned: then the next name is tried.
            var lock = tryLock(place);
            if (lock.isPresent()) {
                return begin(disk, place, lock.get());
            }
        }
    }

    private static Staging begin(StoreDisk disk, Path place, FileLock lock) throws IOException {
        Staging staging;
        try {
            staging = new Staging(disk, place, lock, disk.data().openDirectory(disk.below(place)));
        } catch (IOException e) {
            lock.close();
            throw e;
        }
        try {
            disk.reached(Step.STAGE_MADE);
            return staging;
        } catch (IOException e) {
            staging.close();
            throw e;
        }
    }

    private static Optional<FileLock> tryLock(Path place) throws SyscallException {
        try {
            return FileLock.tryAcquire(place.resolve(LOCK), FileLock.Kind.EXCLUSIVE);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Removes what processes that are no more have left. */
    static void sweep(StoreDisk disk) throws IOException {
        try (Directory all = disk.data().openDirectory(disk.below(disk.layout().staging()))) {
            for (String name : all.list()) {
                var lock = tryLock(disk.layout().staged(name));
                if (lock.isPresent()) {
                    try (FileLock held = lock.get()) {
                        all.removeTree(name);
                    }
                }
            }
        }
    }

    Directory directory() {
        return directory;
    }

    /** Moves a file of the store's directory in. */
    void take(Path file, String name) throws IOException {
        disk.data().rename(disk.below(file), below(name));
    }

    /** Where {@code name} in here lies, seen from the store's directory. */
    String below(String name) {
        return disk.below(place.resolve(name));
    }

    @Override
    public void close() throws IOException {
        try {
            directory.close();
            disk.data().removeTree(disk.below(place));
        } finally {
            lock.close();
        }
    }
}
