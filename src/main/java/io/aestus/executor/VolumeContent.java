package io.aestus.executor;

import io.aestus.aci.Owners;
import io.aestus.aci.TreeCopy;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.util.Optional;

/**
 * What an image that was made for Docker has where it wants a volume: an empty one of the app's own begins with that, and belongs to
 * whom it belongs to.
 *
 * @param root of the app, assembled. Lent
 */
record VolumeContent(Directory root) {
    private static final String UNFINISHED = ".filling"; // no volume's name has a dot

    /**
     * Makes the directory {@code name} in {@code parent}, lent, of what is at {@code path}.
     *
     * @return false if there is no directory at that path: nothing was made
     */
    boolean copy(String path, Directory parent, String name) throws IOException {
        Optional<Directory> found = find(path);
        if (found.isEmpty()) {
            return false;
        }
        try (Directory from = found.get()) {
            String unfinished = name + UNFINISHED;
            parent.removeTree(unfinished); // of a start that was cut short
            parent.makeDirectory(unfinished, 0700);
            try (Directory into = parent.openDirectory(unfinished)) {
                TreeCopy.toDirectory(from, "", into, "", Owners.KEPT);
                FileStatus status = from.fd().status();
                into.fd().chown(status.uid(), status.gid());
                into.fd().chmod(status.permissions());
            }
            parent.rename(unfinished, name);
            return true;
        }
    }

    private Optional<Directory> find(String path) throws IOException {
        try (Fd place = root.openPathInRoot(path)) {
            return place.status().isDirectory()
                    ? Optional.of(Directory.of(place.reopenForReading()))
                    : Optional.empty();
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
