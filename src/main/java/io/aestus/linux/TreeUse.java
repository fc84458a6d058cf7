package io.aestus.linux;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What trees take on disk, as the file system counts: allocated blocks, and a file with several names once. They may change meanwhile
 * and be shaped by somebody hostile: no link is followed, what goes away takes nothing, and neither depth nor number of files takes more
 * memory than a few directories. Not thread-safe.
 */
public final class TreeUse {
    private static final int BLOCK = 512; // the unit of st_blocks, whatever the file system's
    private static final int DEEPEST = 256;
    /** So many are remembered to be told apart by name. */
    private static final int MOST_LINKED = 1_000_000;

    private record Identity(int deviceMajor, int deviceMinor, long inode) {}

    private final Set<Identity> linked = new HashSet<>();
    private final boolean countsLinked;
    private long bytes;
    private long inodes;

    public TreeUse() {
        this(true);
    }

    private TreeUse(boolean countsLinked) {
        this.countsLinked = countsLinked;
    }

    /** One that leaves files with several names out: they are somebody else's too. */
    public static TreeUse ofUnshared() {
        return new TreeUse(false);
    }

    /** Adds what is called {@code name} in {@code parent}, lent, with all below it; nothing if there is no such thing. */
    public void add(Directory parent, String name) throws SyscallException {
        add(parent, name, 0);
    }

    /** Adds a directory, lent, with all below it. */
    public void add(Directory tree) throws SyscallException {
        count(tree.fd().status());
        tree.visit(child -> add(tree, child, 1));
    }

    private void add(Directory parent, String name, int depth) throws SyscallException {
        Optional<FileStatus> found = parent.find(name);
        if (found.isEmpty()) {
            return;
        }
        FileStatus status = found.get();
        if (!status.isDirectory()) {
            if (status.links() < 2 || isNewLinked(status)) {
                count(status);
            }
            return;
        }
        count(status);
        if (depth < DEEPEST) {
            addBelow(parent, name, depth);
        }
    }

    private boolean isNewLinked(FileStatus status) {
        return countsLinked
                && linked.size() < MOST_LINKED
                && linked.add(new Identity(status.deviceMajor(), status.deviceMinor(), status.inode()));
    }

    private void count(FileStatus status) {
        bytes += status.blocks() * BLOCK;
        inodes++;
    }

    private void addBelow(Directory parent, String name, int depth) throws SyscallException {
        try (Directory directory = parent.openDirectory(name)) {
            directory.visit(child -> add(directory, child, depth + 1));
        } catch (SyscallException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
                throw e; // else it has become something else
            }
        }
    }

    public long bytes() {
        return bytes;
    }

    /** Files, directories and all else that has a number. */
    public long inodes() {
        return inodes;
    }
}
