package io.aestus.rpc;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The place of a socket. It is bound in a directory that only we can enter, gets its mode there, and is then moved to its place: at no
 * moment can somebody connect who may not.
 */
final class UnixSocket {
    /** sockaddr_un has 108 bytes with the NUL; the hidden directory needs some of them. */
    private static final int LONGEST_PATH = 100;

    private static final String NAME = "s";

    private final Path place;
    private final Path hidden;
    private final Optional<String> group;

    private UnixSocket(Path place, Path hidden, Optional<String> group) {
        this.place = place;
        this.hidden = hidden;
        this.group = group;
    }

    /**
     * Prepares the place: makes its directory, and removes a socket that nobody serves any more.
     *
     * @throws AestusException {@link Problem#CONFLICT} if somebody answers there, {@link Problem#INVALID} if the path is too long
     */
    static UnixSocket claim(Path socket, Optional<String> group) throws IOException {
        Path place = socket.toAbsolutePath();
        Path directory = place.getParent();
        if (directory == null || place.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot listen on " + place + ": a socket's path may have " + LONGEST_PATH + " bytes");
        }
        if (!Files.isDirectory(directory)) {
            createPrivately(directory);
        }
        if (Files.exists(place) && answers(place)) {
            throw new AestusException(Problem.CONFLICT, "cannot listen on " + place + ": another agent answers there")
                    .withRemedy("stop it, or choose another socket");
        }
        return new UnixSocket(place, emptied(directory.resolve("." + place.getFileName() + ".new")), group);
    }

    /** The hidden directory, without what an agent left that was killed while it started. */
    private static Path emptied(Path hidden) throws IOException {
        if (!Files.isDirectory(hidden)) {
            return createPrivately(hidden);
        }
        Files.deleteIfExists(hidden.resolve(NAME));
        return hidden;
    }

    private static Path createPrivately(Path directory) throws IOException {
        return Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static boolean answers(Path socket) {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false; // refused: whoever made it is gone
        }
    }

    Path bindAt() {
        return hidden.resolve(NAME);
    }

    /** Lets others connect, after it was bound. */
    void publish() throws IOException {
        Path bound = bindAt();
        if (group.isPresent()) {
            var attributes = Files.getFileAttributeView(bound, PosixFileAttributeView.class);
            attributes.setGroup(
                    bound.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group.get()));
        }
        Files.setPosixFilePermissions(
                bound, PosixFilePermissions.fromString(group.isPresent() ? "rw-rw----" : "rw-------"));
        Files.move(bound, place, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(hidden);
    }

    /** Takes everything away; what is gone already is fine. */
    void remove() {
        try {
            Files.deleteIfExists(bindAt());
            Files.deleteIfExists(hidden);
            Files.deleteIfExists(place);
        } catch (IOException e) {
            System.getLogger(UnixSocket.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot remove socket " + place + ": " + e);
        }
    }
}
