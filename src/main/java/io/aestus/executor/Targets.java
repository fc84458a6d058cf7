package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.SyscallException;
import java.io.IOException;

/**
 * Finds the places in a tree where something is to be mounted, and makes those that are missing, one component at a time, by
 * descriptor. Links are followed as a process with that root would follow them, never out of it.
 */
final class Targets {
    private static final int DIRECTORY = 0755;
    private static final int FILE = 0644;
    private static final int S_IFREG = 0100000;

    private final Directory root;
    private final UserRange range;

    /** The tree's root is lent. */
    Targets(Directory root, UserRange range) {
        this.root = root;
        this.range = range;
    }

    /** A directory for one of the kernel's own file systems, which must not be a link: nobody may redirect {@code /proc}. */
    Fd ownDirectory(String name) throws IOException {
        if (root.makeDirectory(name, DIRECTORY)) {
            own(name);
        }
        Fd found = root.openPath(name);
        if (!found.status().isDirectory()) {
            found.close();
            throw new AestusException(
                    Problem.INVALID, "cannot start the app: /" + name + " of its image is no directory");
        }
        return found;
    }

    /** A directory at an absolute path. */
    Fd directory(String path) throws IOException {
        return find(path, true);
    }

    /** A file at an absolute path, or whatever is there but a directory. */
    Fd file(String path) throws IOException {
        return find(path, false);
    }

    private Fd find(String path, boolean wantsDirectory) throws IOException {
        try {
            return root.openPathInRoot(path);
        } catch (SyscallException e) {
            if (e.errno() != Errno.ENOENT) {
                throw refused(path, e);
            }
        }
        makeParents(path);
        int slash = path.lastIndexOf('/');
        try (Directory parent = Directory.of(root.openPathInRoot(slash <= 0 ? "/" : path.substring(0, slash)))) {
            make(parent, path.substring(slash + 1), wantsDirectory);
            return root.openPathInRoot(path); // not what was made, should a link have been there that leads nowhere
        } catch (SyscallException e) {
            throw refused(path, e);
        }
    }

    private void makeParents(String path) throws IOException {
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            String prefix = path.substring(0, slash);
            try (Fd found = root.openPathInRoot(prefix)) {
                if (!found.status().isDirectory()) {
                    throw new SyscallException("enter " + prefix, Errno.ENOTDIR);
                }
            } catch (SyscallException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw refused(path, e);
                }
                int last = prefix.lastIndexOf('/');
                try (Directory parent =
                        Directory.of(root.openPathInRoot(last <= 0 ? "/" : prefix.substring(0, last)))) {
                    make(parent, prefix.substring(last + 1), true);
                }
            }
        }
    }

    private void make(Directory parent, String name, boolean isDirectory) throws IOException {
        if (isDirectory) {
            parent.makeDirectory(name, DIRECTORY);
        } else {
            makeFile(parent, name);
        }
        if (range.isPrivate()) {
            parent.chown(name, range.onHost(0), range.onHost(0));
        }
    }

    /**
     * Without opening it: a child that another thread launches just now has copies of all descriptors for a moment, and while
     * one for writing is open nobody can make the root read-only.
     */
    private static void makeFile(Directory parent, String name) throws IOException {
        try {
            parent.makeNode(name, S_IFREG | FILE, 0, 0);
        } catch (SyscallException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    private void own(String name) throws IOException {
        if (range.isPrivate()) {
            root.chown(name, range.onHost(0), range.onHost(0));
        }
    }

    /** What is in the way is the image's; that the machine has run out of something is not. */
    private static AestusException refused(String path, SyscallException cause) {
        AestusException failure = Failures.of("mount at " + Quoted.of(path), cause);
        return failure.problem() == Problem.EXHAUSTED
                ? failure
                : new AestusException(
                        Problem.INVALID,
                        "cannot mount at " + Quoted.of(path) + ": " + Errno.describe(cause.errno()),
                        cause);
    }
}
