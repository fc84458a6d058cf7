package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonLimits;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import io.aestus.linux.FileLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which pods are attached to what, on disk: a file {@code POD.json} each, replaced by one rename. It is written before a
 * plugin is asked and forced to the disk, since leases of some plugins outlive the host's sudden end as well.
 */
final class AttachmentFiles {
    private static final String SUFFIX = ".json";
    private static final JsonLimits LIMITS =
            new JsonLimits(64 << 20, 64); // up to 16 results of 1 MiB, configurations too

    private final Path directory;

    AttachmentFiles(Path directory) {
        this.directory = directory;
    }

    /** Nobody collects while this is held SHARED, nobody attaches while it is held EXCLUSIVE. */
    Optional<FileLock> lock(FileLock.Kind kind, Duration limit) throws IOException {
        Files.createDirectories(directory);
        return FileLock.acquire(directory.resolve("lock"), kind, limit);
    }

    /** The pods that have a record. */
    List<String> pods() throws IOException {
        var pods = new ArrayList<String>();
        try (var entries = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                pods.add(name.substring(0, name.length() - SUFFIX.length()));
            }
        } catch (NoSuchFileException _) {
            return List.of();
        }
        return pods;
    }

    /** What is on record of a pod; empty if nothing was ever begun. */
    Optional<Membership> find(String pod) throws IOException {
        try {
            JsonView view = JsonReader.readOwn(Files.readAllBytes(file(pod)), "the networks of pod " + pod, LIMITS);
            return Optional.of(Membership.read(view));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /**
     * Begins the record of a pod, whose ports of the host are its own from here on.
     *
     * @throws AestusException {@link Problem#CONFLICT} when another pod has one of them
     */
    Membership begin(String pod, Membership membership, Duration limit) throws IOException {
        List<PortMapping> ports = membership.ports();
        if (ports.isEmpty()) {
            write(pod, membership);
            return membership;
        }
        try (var _ = FileLock.acquire(directory.resolve("ports"), FileLock.Kind.EXCLUSIVE, limit)
                .orElseThrow(() -> new IOException("somebody takes ports since " + limit))) {
            for (String other : pods()) {
                requireFree(ports, other);
            }
            write(pod, membership);
            return membership;
        }
    }

    /** Rules for one port lead to the pod whose came first, and the other would never know. */
    private void requireFree(List<PortMapping> ports, String other) throws IOException {
        for (PortMapping taken : find(other).map(Membership::ports).orElse(List.of())) {
            for (PortMapping port : ports) {
                if (port.clashesWith(taken)) {
                    throw new AestusException(
                                    Problem.CONFLICT, "cannot map port " + port + ": pod " + other + " has " + taken)
                            .withRemedy("another port of the host, or stop that pod");
                }
            }
        }
    }

    void write(String pod, Membership membership) throws IOException {
        Path fresh = directory.resolve(pod + ".new");
        try (var file = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(JsonWriter.compact(membership.toJson()));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.move(fresh, file(pod), StandardCopyOption.ATOMIC_MOVE);
    }

    void remove(String pod) throws IOException {
        Files.deleteIfExists(file(pod));
    }

    private Path file(String pod) {
        return directory.resolve(pod + SUFFIX);
    }
}
