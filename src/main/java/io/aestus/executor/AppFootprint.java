package io.aestus.executor;

import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.FileStatus;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What an app has written over its image, and nothing of its volumes.
 *
 * @param bytes on disk
 * @param files and directories
 */
public record AppFootprint(long bytes, long files) {
    /** Nothing. */
    public static final AppFootprint NONE = new AppFootprint(0, 0);

    private static final int BLOCK = 512;
    private static final int DEEPEST = 100;
    private static final long MOST_FILES = 1_000_000;

    /**
     * Of the files below a directory, which somebody may change meanwhile: by descriptor, and no link is followed. Of what is
     * absurdly deep, or absurdly much, a part.
     */
    static AppFootprint of(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return NONE; // it never ran
        }
        try (Directory top = Directory.open(directory)) {
            return of(top, NONE, 0);
        }
    }

    private static AppFootprint of(Directory directory, AppFootprint before, int depth) throws SyscallException {
        AppFootprint sum = before;
        for (String name : directory.list()) {
            Optional<FileStatus> found = directory.find(name);
            if (found.isPresent() && sum.files < MOST_FILES) {
                sum = new AppFootprint(sum.bytes + found.get().blocks() * BLOCK, sum.files + 1);
                if (found.get().isDirectory() && depth < DEEPEST) {
                    sum = below(directory, name, sum, depth);
                }
            }
        }
        return sum;
    }

    private static AppFootprint below(Directory directory, String name, AppFootprint sum, int depth)
            throws SyscallException {
        try (Directory inner = directory.openDirectory(name)) {
            return of(inner, sum, depth + 1);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                return sum; // it is another one by now
            }
            throw e;
        }
    }
}
