package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.aci.Owners;
import io.aestus.executor.AppFiles;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileIdentity;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One end of a copy: a path of the host or of an app. A path of an app means what it would mean to the app: links are
 * followed, and lead nowhere outside of its root.
 */
final class CopyEnd implements AutoCloseable {
    private final String shown;
    private final Directory root;
    private final String path;
    private final @Nullable AppFiles files;

    private CopyEnd(String shown, Directory root, String path, @Nullable AppFiles files) {
        this.shown = shown;
        this.root = root;
        this.path = path;
        this.files = files;
    }

    /** Of this host. */
    static CopyEnd ofHost(String path) throws IOException {
        return new CopyEnd(
                path,
                Directory.open(Path.of("/")),
                Path.of(path).toAbsolutePath() + (isContent(path) ? "/." : ""),
                null);
    }

    /** Of an app; takes {@code files}. */
    static CopyEnd ofApp(AppFiles files, String path) {
        return new CopyEnd(path, files.root(), path, files);
    }

    private static boolean isContent(String path) {
        return path.equals("/") || path.endsWith("/.") || path.equals(".");
    }

    /** Something with a name in a directory; without a name, the directory itself. */
    record Place(Directory directory, String name) implements AutoCloseable {
        @Override
        public void close() {
            directory.close();
        }
    }

    /** What is to be copied; a link itself is, if it is the last part of the path. What ends in {@code /.} has no name. */
    Place source() throws IOException {
        if (isContent(path)) {
            return new Place(require(path), "");
        }
        Place place = inParent();
        if (place.directory().find(place.name()).isEmpty()) {
            place.close();
            throw missing();
        }
        return place;
    }

    /** The directory that is there. */
    Directory directory() throws IOException {
        return require(path);
    }

    /**
     * Where the copy goes.
     *
     * @param name what is copied; empty for what is in a directory
     */
    Place target(String name) throws IOException {
        Optional<Directory> there = find(path);
        if (there.isPresent()) {
            return new Place(there.get(), name);
        }
        Place place = inParent();
        if (!name.isEmpty()) {
            return place;
        }
        try (place) {
            if (!place.directory().makeDirectory(place.name(), 0755)) {
                throw new AestusException(
                        Problem.CONFLICT, "cannot copy to " + Quoted.of(shown) + ": it is no directory");
            }
            return new Place(place.directory().openDirectory(place.name()), "");
        }
    }

    /** The last part of the path. */
    String name() {
        return name(path);
    }

    private static String name(String path) {
        String trimmed = path.replaceFirst("/+$", "");
        return trimmed.substring(trimmed.lastIndexOf('/') + 1);
    }

    private Place inParent() throws IOException {
        String trimmed = path.replaceFirst("/+$", "");
        String name = name(trimmed);
        if (name.isEmpty() || name.equals("..") || name.equals(".")) {
            throw new WrongUsage("cannot copy " + Quoted.of(shown) + ": its last part is no name");
        }
        return new Place(require(trimmed.substring(0, trimmed.length() - name.length()) + "."), name);
    }

    private Directory require(String directory) throws IOException {
        return find(directory).orElseThrow(this::missing);
    }

    /** A directory, as the owner of the root would find it. */
    private Optional<Directory> find(String directory) throws IOException {
        Fd handle;
        try {
            handle = root.openPathInRoot(directory);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
        if (!handle.status().isDirectory()) {
            handle.close();
            return Optional.empty();
        }
        return Optional.of(Directory.of(handle));
    }

    private AestusException missing() {
        return new AestusException(
                Problem.NOT_FOUND,
                "cannot find " + Quoted.of(shown) + (files == null ? "" : " in the app")
                        + ": there is no such file or directory");
    }

    /** From numbers of users here to those that a pod and an archive know. */
    Owners inward() {
        return files == null || !files.hasOwnUsers()
                ? Owners.KEPT
                : Owners.seenInside(files.userBase(), files.userCount());
    }

    /** The other way. */
    Owners outward() {
        return files == null || !files.hasOwnUsers()
                ? Owners.KEPT
                : Owners.seenOutside(files.userBase(), files.userCount());
    }

    /** Has files made here, by somebody who can: where users are mapped, only one of them. */
    <T> T writing(FileIdentity.Action<T> action) throws IOException, InterruptedException {
        if (files == null) {
            return action.run();
        }
        if (!files.isRunning()) {
            throw new AestusException(Problem.CONFLICT, "cannot copy to an app that does not run: only from it");
        }
        return files.hasOwnUsers() ? new FileIdentity(files.userBase(), files.userBase()).run(action) : action.run();
    }

    @Override
    public void close() {
        root.close();
    }
}
