package io.aestus.metadata;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The secret of which the keys of a node's pods are made: 64 random bytes in a file of the data directory that only its owner can
 * read. It is made when the first signature is asked for, by whichever process is asked, and the same for all of them from then on.
 * Thread-safe.
 */
final class NodeKey {
    private static final System.Logger LOG = System.getLogger("io.aestus.metadata");
    private static final int BYTES = 64;

    private final Path file;
    private byte @Nullable [] known;

    NodeKey(Path file) {
        this.file = file.toAbsolutePath();
    }

    /** @throws AestusException {@link Problem#CORRUPT} if something else is in its place */
    synchronized byte[] bytes() {
        if (known == null) {
            try {
                known = read();
            } catch (IOException e) {
                throw new AestusException(
                        Problem.UNAVAILABLE, "cannot read the identity key " + file + ": " + e.getMessage(), e);
            }
        }
        return known;
    }

    private byte[] read() throws IOException {
        byte[] found;
        try {
            found = Files.readAllBytes(file);
        } catch (NoSuchFileException _) {
            make();
            found = Files.readAllBytes(file);
        }
        if (found.length != BYTES) {
            throw new AestusException(
                            Problem.CORRUPT,
                            "cannot use the identity key " + file + ": it has " + found.length + " bytes, not " + BYTES)
                    .withRemedy("remove it: pods get new identities, and what they signed before is void");
        }
        return found;
    }

    /** It is there whole or not at all; if another process makes one at the same time the first one counts. */
    private void make() throws IOException {
        Path directory = Objects.requireNonNull(file.getParent());
        Files.createDirectories(directory);
        Path fresh = directory.resolve("." + file.getFileName() + "." + UUID.randomUUID());
        try {
            var bytes = new byte[BYTES];
            new SecureRandom().nextBytes(bytes);
            write(fresh, bytes);
            Files.createLink(file, fresh);
            try (var names = FileChannel.open(directory, StandardOpenOption.READ)) {
                names.force(true);
            }
        } catch (FileAlreadyExistsException _) {
            LOG.log(Level.DEBUG, "another process has made {0} meanwhile", file);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static void write(Path fresh, byte[] bytes) throws IOException {
        var ownersOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var out =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownersOnly)) {
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
            out.force(true);
        }
    }
}
