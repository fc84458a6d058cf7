package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.fetch.Download.Known;
import io.aestus.fetch.HttpAnswer.Validators;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import io.aestus.linux.FileLock;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The archive of one URL while it arrives, and what is left of it when that is cut short: {@code HASH} has the bytes,
 * {@code HASH.json} says what they are a version of, {@code HASH.lock} keeps others away. Whoever comes later waits, and
 * continues or finds it done. Bytes taken up again are as unverified as any: they go through the whole pass once more.
 */
final class Partial implements AutoCloseable {
    /** A download that nobody came back for. */
    private static final Duration ABANDONED = Duration.ofDays(7);

    private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);

    private final Path bytes;
    private final Path version;
    private final Path lockFile;
    private final FileLock lock;
    private @Nullable FileChannel channel;
    private boolean isKept;
    private boolean isContinued;

    private Partial(Path bytes, FileLock lock) {
        this.bytes = bytes;
        this.version = beside(bytes, ".json");
        this.lockFile = beside(bytes, ".lock");
        this.lock = lock;
    }

    /**
     * Waits until no other process or thread fetches {@code url}.
     *
     * @param waiting called once if there is somebody to wait for
     */
    static Partial lock(Path dir, URI url, Duration limit, Runnable waiting) throws IOException {
        Files.createDirectories(dir);
        sweep(dir);
        Path bytes = dir.resolve(name(url));
        Path lockFile = beside(bytes, ".lock");
        Optional<FileLock> lock = FileLock.tryAcquire(lockFile, FileLock.Kind.EXCLUSIVE);
        if (lock.isEmpty()) {
            waiting.run();
            lock = FileLock.acquire(lockFile, FileLock.Kind.EXCLUSIVE, limit.plus(SHORTEST_WAIT));
        }
        return new Partial(
                bytes,
                lock.orElseThrow(() -> Thread.currentThread().isInterrupted()
                        ? new InterruptedIOException("interrupted")
                        : new IOException("another process has been fetching it for too long")));
    }

    private static String name(URI url) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(url.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** What an earlier, unfinished download left. */
    Known known() throws IOException {
        try {
            JsonView json = JsonReader.readOwn(Files.readAllBytes(version), version.toString());
            var validators = new Validators(
                    json.optional("etag").map(JsonView::string),
                    json.optional("lastModified").map(JsonView::string));
            OptionalLong total = json.optional("total")
                    .map(view -> OptionalLong.of(view.whole(0, Long.MAX_VALUE)))
                    .orElse(OptionalLong.empty());
            return new Known(Files.size(bytes), total, validators);
        } catch (NoSuchFileException | AestusException _) {
            return Known.NOTHING; // never begun, or cut short while it was noted down
        }
    }

    /** All bytes of the archive from its first: those that are here, then those of {@code download}, kept as they pass. */
    InputStream join(Download download) throws IOException {
        long start = download.start();
        isContinued = start > 0;
        if (start == 0) {
            Files.deleteIfExists(version);
        }
        FileChannel file = open();
        file.truncate(start);
        file.position(start);
        if (start == 0) {
            note(download);
        }
        var fresh = new WatchedInputStream(download, (buffer, from, length) -> {
            for (var rest = ByteBuffer.wrap(buffer, from, length); rest.hasRemaining(); ) {
                file.write(rest);
            }
        });
        return start == 0 ? fresh : new SequenceInputStream(Files.newInputStream(bytes), fresh);
    }

    private FileChannel open() throws IOException {
        if (channel != null) {
            channel.close();
        }
        channel = FileChannel.open(bytes, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        return channel;
    }

    private void note(Download download) throws IOException {
        if (download.validators().forRange().isEmpty()) {
            return; // nobody could continue it
        }
        Files.write(
                version,
                JsonWriter.compact(JsonObject.builder()
                        .put("etag", download.validators().etag())
                        .put("lastModified", download.validators().lastModified())
                        .put("total", download.total())
                        .build()));
    }

    /** Whether the bytes last joined began with ones that an earlier download left. */
    boolean wasContinued() {
        return isContinued;
    }

    long size() throws IOException {
        return Files.size(bytes);
    }

    /** The whole archive, once it is here. */
    Path path() {
        return bytes;
    }

    /** Leaves the bytes for the next attempt; otherwise {@link #close} removes them. */
    void keep() {
        isKept = true;
    }

    void discard() throws IOException {
        isKept = false;
        isContinued = false;
        Files.deleteIfExists(version);
        Files.deleteIfExists(bytes);
    }

    @Override
    public void close() throws IOException {
        try (lock;
                var _ = channel) {
            if (!isKept) {
                discard();
            }
            Files.deleteIfExists(lockFile); // while we hold it: whoever waits makes another
        }
    }

    /** Removes what nobody came back for. */
    private static void sweep(Path dir) throws IOException {
        Instant limit = Instant.now().minus(ABANDONED);
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file :
                    files.filter(each -> !each.toString().contains(".")).toList()) {
                if (isOlder(file, limit)) {
                    Optional<FileLock> lock = FileLock.tryAcquire(beside(file, ".lock"), FileLock.Kind.EXCLUSIVE);
                    if (lock.isPresent()) {
                        new Partial(file, lock.get()).close();
                    }
                }
            }
        }
    }

    private static boolean isOlder(Path file, Instant limit) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(limit);
        } catch (NoSuchFileException _) {
            return false;
        }
    }
}
