package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The store's directory, open, and the few ways in which this room changes it. Thread-safe, as the kernel is. */
final class StoreDisk implements AutoCloseable {
    /** How long another process may be busy with its renames before we give up. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int PRIVATE = 0700;
    private static final int LARGEST_FILE = 16 << 20;

    private final StoreLayout layout;
    private final Directory data;
    private final Step.Observer observer;

    private StoreDisk(StoreLayout layout, Directory data, Step.Observer observer) {
        this.layout = layout;
        this.data = data;
        this.observer = observer;
    }

    /** Opens the directory, making it and those in it that are missing. */
    static StoreDisk open(StoreLayout layout, Step.Observer observer) throws IOException {
        Files.createDirectories(layout.data());
        Directory data = Directory.open(layout.data());
        for (Path part : List.of(
                layout.blobs(),
                layout.images(),
                layout.layers(),
                layout.references(),
                layout.rendered(),
                layout.staging(),
                layout.pods(),
                layout.locks())) {
            data.makeDirectory(layout.below(part), PRIVATE);
        }
        return new StoreDisk(layout, data, observer);
    }

    StoreLayout layout() {
        return layout;
    }

    Directory data() {
        return data;
    }

    void reached(Step step) throws IOException {
        observer.reached(step);
    }

    String below(Path place) {
        return layout.below(place);
    }

    boolean exists(Path place) throws SyscallException {
        return data.find(below(place)).isPresent();
    }

    /** The content of a small file, if it is there. */
    Optional<byte[]> read(Path file) throws IOException {
        try (Fd open = data.openForReading(below(file))) {
            return Optional.of(open.readAll(LARGEST_FILE));
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Replaces a small file so that a crash leaves the old one or the new one. */
    void replace(Path file, byte[] content) throws IOException {
        String name = below(file);
        String fresh = name + ".new-" + Long.toHexString(System.nanoTime());
        try {
            try (Fd open = data.createFile(fresh, 0600)) {
                open.writeFully(content);
                open.sync();
            }
            data.rename(fresh, name);
        } catch (SyscallException e) {
            data.unlink(fresh);
            throw e;
        }
        sync(file.resolveSibling("."));
    }

    /** Forces the names in a directory of the store to the disk. */
    void sync(Path directory) throws SyscallException {
        String place = below(directory.normalize());
        try (Directory open = data.openDirectory(place.isEmpty() ? "." : place)) {
            open.sync();
        }
    }

    /** Nobody else renames anything into or out of the store while this is held; hold it for renames only. */
    FileLock lockNames() throws SyscallException {
        return FileLock.acquire(layout.locks().resolve("names"), FileLock.Kind.EXCLUSIVE, PATIENCE)
                .orElseThrow(() -> new AestusException(
                        Problem.UNAVAILABLE,
                        "cannot change the store: another process has been changing it for " + PATIENCE.toSeconds()
                                + " s"));
    }

    @Override
    public void close() {
        data.close();
    }
}
