package io.aestus.store;

import io.aestus.linux.FileLock;
import io.aestus.oci.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The right to bring some layers, which nobody else has as long as this is open: of all who want one at once, one fetches it, and the
 * others find it here. Nobody waits for a layer while holding another, so no two wait for each other.
 */
public final class LayerTurns implements AutoCloseable {
    private final Map<Digest, Turn> turns;

    private record Turn(Path file, FileLock lock) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            try (lock) {
                Files.deleteIfExists(file); // while we hold it: whoever waits makes another
            }
        }
    }

    private LayerTurns(Map<Digest, Turn> turns) {
        this.turns = turns;
    }

    /**
     * Takes as many of {@code wanted} as are nobody's; if all are somebody's, waits for the first.
     *
     * @throws IOException if that takes too long, or the thread was interrupted, which it then still is
     */
    static LayerTurns take(StoreLayout layout, Collection<Digest> wanted, Duration patience) throws IOException {
        var taken = new LayerTurns(new LinkedHashMap<>());
        try {
            for (Digest diffId : wanted) {
                Path file = layout.layerTurn(diffId);
                FileLock.tryAcquire(file, FileLock.Kind.EXCLUSIVE)
                        .ifPresent(lock -> taken.turns.put(diffId, new Turn(file, lock)));
            }
            if (taken.turns.isEmpty() && !wanted.isEmpty()) {
                Digest first = wanted.iterator().next();
                Path file = layout.layerTurn(first);
                taken.turns.put(first, new Turn(file, await(file, first, patience)));
            }
            return taken;
        } catch (IOException | RuntimeException e) {
            taken.close();
            throw e;
        }
    }

    private static FileLock await(Path file, Digest diffId, Duration patience) throws IOException {
        Optional<FileLock> lock = FileLock.acquire(file, FileLock.Kind.EXCLUSIVE, patience);
        if (lock.isEmpty()) {
            throw Thread.currentThread().isInterrupted()
                    ? new InterruptedIOException("interrupted")
                    : new IOException(
                            "somebody else has been fetching layer " + diffId.abbreviated() + " for too long");
        }
        return lock.get();
    }

    /** Removes what processes that are no more have left. */
    static void sweep(StoreLayout layout) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.locks(), StoreLayout.TURN + "*")) {
            for (Path file : files) {
                Optional<FileLock> lock = FileLock.tryAcquire(file, FileLock.Kind.EXCLUSIVE);
                if (lock.isPresent()) {
                    new Turn(file, lock.get()).close();
                }
            }
        }
    }

    /** Those that are ours to bring. */
    public Set<Digest> layers() {
        return Set.copyOf(turns.keySet());
    }

    @Override
    public void close() throws IOException {
        for (Turn turn : turns.values()) {
            turn.close();
        }
    }
}
