package io.aestus.trust;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.aestus.AestusException;
import io.aestus.appc.AcIdentifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One layer of a {@link KeyStore}: the only class that knows its paths. */
final class KeyDirectory {
    private static final String DIRECTORY_MODE = "rwxr-xr-x";
    private static final String FILE_MODE = "rw-r--r--";

    private final Path root;
    private final Path prefix;

    KeyDirectory(Path directory) {
        this.root = directory.resolve("root.d");
        this.prefix = directory.resolve("prefix.d");
    }

    /** A file, with what it turned out to be. The fingerprint is its name's. */
    record Entry(Scope scope, Path file, Optional<Fingerprint> fingerprint, Content content) {}

    sealed interface Content {}

    record Key(OpenPgpKey key) implements Content {}

    /** An empty file. */
    record Mask() implements Content {}

    record Refused(String reason) implements Content {}

    List<Entry> rootKeys() throws IOException {
        return entries(root, new Scope.Root());
    }

    /** Those of the prefixes that cover {@code name}, the shortest first. */
    List<Entry> prefixKeys(AcIdentifier name) throws IOException {
        List<Entry> found = new ArrayList<>();
        for (AcIdentifier covering : prefixesOf(name)) {
            found.addAll(entries(prefix.resolve(covering.value()), new Scope.Prefix(covering)));
        }
        return found;
    }

    private static List<AcIdentifier> prefixesOf(AcIdentifier name) {
        List<AcIdentifier> prefixes = new ArrayList<>();
        String covered = "";
        for (String element : name.value().split("/", -1)) {
            if (!Scope.isPlain(element)) {
                break; // no prefix can have such an element, so none covers the name from here on
            }
            covered = covered.isEmpty() ? element : covered + "/" + element;
            if (Character.isLetterOrDigit(covered.charAt(covered.length() - 1))) {
                prefixes.add(new AcIdentifier(covered));
            }
        }
        return prefixes;
    }

    /** Root keys, then those of every prefix. */
    List<Entry> all() throws IOException {
        List<Entry> found = new ArrayList<>(rootKeys());
        collect(prefix, found);
        return found;
    }

    private void collect(Path directory, List<Entry> found) throws IOException {
        for (Path child : children(directory)) {
            if (Files.isDirectory(child)) {
                String name = prefix.relativize(child).toString();
                try {
                    found.addAll(entries(child, new Scope.Prefix(AcIdentifier.parse(name))));
                    collect(child, found);
                } catch (AestusException e) {
                    found.add(refused(new Scope.Root(), child, "its path is not an image name"));
                }
            } else if (directory.equals(prefix) && !isTemporary(child)) {
                found.add(refused(new Scope.Root(), child, "it lies outside of any prefix"));
            }
        }
    }

    private static List<Entry> entries(Path directory, Scope scope) throws IOException {
        List<Entry> found = new ArrayList<>();
        for (Path child : children(directory)) {
            if (!isTemporary(child) && !Files.isDirectory(child)) {
                found.add(entry(scope, child));
            }
        }
        return found;
    }

    private static Entry entry(Scope scope, Path file) throws IOException {
        String name = file.getFileName().toString();
        if (!Fingerprint.isFingerprint(name)) {
            return refused(scope, file, "its name is not a fingerprint of 40 or 64 lower-case hexadecimal digits");
        }
        var fingerprint = new Fingerprint(name);
        return new Entry(scope, file, Optional.of(fingerprint), content(file, fingerprint));
    }

    private static Content content(Path file, Fingerprint expected) throws IOException {
        if (!Files.isRegularFile(file)) {
            return new Refused("it is not a regular file");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(OpenPgpKey.LIMIT_BYTES + 1);
        }
        if (bytes.length == 0) {
            return new Mask();
        }
        try {
            List<OpenPgpKey> keys = OpenPgpKey.parse(bytes);
            if (keys.size() > 1) {
                return new Refused("it holds " + keys.size() + " keys, not one");
            }
            Fingerprint actual = keys.getFirst().fingerprint();
            return actual.equals(expected)
                    ? new Key(keys.getFirst())
                    : new Refused("it holds key " + actual + ", not the one of its name");
        } catch (IOException e) {
            return new Refused(String.valueOf(e.getMessage()));
        }
    }

    private static Entry refused(Scope scope, Path file, String reason) {
        return new Entry(scope, file, Optional.empty(), new Refused(reason));
    }

    private static boolean isTemporary(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    /** Sorted, so that listings and masks do not depend on the file system. */
    private static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of(); // no such layer or prefix: no keys
        }
        children.sort(null);
        return children;
    }

    boolean holds(Scope scope, Fingerprint fingerprint) {
        return Files.exists(directoryOf(scope).resolve(fingerprint.hex()));
    }

    /** Puts the file in place in one step. */
    Path write(Scope scope, Fingerprint fingerprint, byte[] content) throws IOException {
        Path directory = directoryOf(scope);
        Path file = directory.resolve(fingerprint.hex());
        createDirectories(directory);
        Path temporary = Files.createTempFile(directory, "." + fingerprint.keyId(), ".new");
        try {
            try (FileChannel channel = FileChannel.open(temporary, WRITE)) {
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString(FILE_MODE));
                channel.force(true);
            }
            Files.move(temporary, file, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(directory);
        return file;
    }

    void delete(Scope scope, Fingerprint fingerprint) throws IOException {
        Files.deleteIfExists(directoryOf(scope).resolve(fingerprint.hex()));
        sync(directoryOf(scope));
    }

    private Path directoryOf(Scope scope) {
        return switch (scope) {
            case Scope.Root _ -> root;
            case Scope.Prefix(AcIdentifier name) -> prefix.resolve(name.value());
        };
    }

    /** With fixed modes whatever the umask: other users' commands must be able to read public keys. */
    private static void createDirectories(Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null || Files.isDirectory(directory)) {
            return;
        }
        createDirectories(parent);
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            return; // another command was faster; it sets the mode as well
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(DIRECTORY_MODE));
        sync(parent);
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }
}
