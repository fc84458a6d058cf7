package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.linux.Directory;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * Where the sockets of owners are: {@code owners/PID.START.RANDOM}, one for each process that owns pods; a pod's {@code owner}
 * says which of them is that of its owner. Only the data directory's own user gets there.
 */
final class OwnerSockets {
    private static final Pattern NAME = Pattern.compile("(\\d{1,10})\\.(\\d{1,19})\\.[0-9a-f]{1,16}");

    private final Path directory;
    private final PodFiles pods;

    OwnerSockets(Path dataDirectory, PodFiles pods) {
        this.directory = dataDirectory.resolve("owners");
        this.pods = pods;
    }

    /** A name for a socket of this process. Those of processes that are gone are removed. */
    String make() throws IOException {
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException _) {
            sweep();
        }
        var self = ProcessIdentity.of(ProcessHandle.current().pid());
        return self.pid() + "." + self.startTicks() + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong());
    }

    private void sweep() throws IOException {
        try (var entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                var name = NAME.matcher(entry.getFileName().toString());
                if (name.matches() && !isThere(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)))) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }

    private static boolean isThere(long pid, long startTicks) throws IOException {
        return new ProcessIdentity(pid, startTicks, ProcessIdentity.Boot.id()).isThere();
    }

    void remove(String name) throws IOException {
        Files.deleteIfExists(directory.resolve(name));
    }

    /** Says that the owner of a pod is behind that socket. */
    void write(PodUuid pod, String name) throws IOException {
        Files.writeString(pods.owner(pod), name, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** Which socket the owner of a pod is behind; empty if nobody said so. */
    Optional<String> find(PodUuid pod) throws IOException {
        try {
            return Optional.of(Files.readString(pods.owner(pod), StandardCharsets.ISO_8859_1))
                    .filter(name -> NAME.matcher(name).matches());
        } catch (NoSuchFileException _) {
            return Optional.empty(); // the pod is gone, which whoever locks it will see
        }
    }

    /** Something done with a socket's address. */
    @FunctionalInterface
    interface Use<T> {
        T with(SocketAddress address) throws IOException;
    }

    /** An address that is short enough however deep the data directory lies: a socket's may have 107 bytes. */
    <T> T at(String name, Use<T> use) throws IOException {
        try (Directory open = Directory.open(directory)) {
            return use.with(UnixDomainSocketAddress.of(open.fd().path().resolve(name)));
        }
    }
}
