package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A directory by descriptor. Every path given to it is relative and stays below it: no {@code ..}, no absolute path and no
 * symbolic link, not even in the middle, leads anywhere else ({@code openat2}, RESOLVE_BENEATH | NO_SYMLINKS |
 * NO_MAGICLINKS). Files made through it belong to whoever made them until changed. Thread-safe, as the kernel is.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/openat2.2.html">openat2(2)</a>
 */
public final class Directory implements AutoCloseable {
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int RENAME_NOREPLACE = 1;
    private static final int RENAME_EXCHANGE = 2;
    private static final int DT_DIR = 4;

    private final Fd fd;

    private Directory(Fd fd) {
        this.fd = fd;
    }

    /** Opens a directory that the administrator or we named; links in this path are followed. */
    public static Directory open(Path path) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = Architecture.current().oDirectory | Open.O_CLOEXEC;
            MemorySegment name = FileName.cString(arena, path.toString());
            return new Directory(Fd.owning(Libc.retrying(Syscall.OPENAT, AT_FDCWD, name.address(), flags, 0)
                    .orThrow("open directory " + path)));
        }
    }

    /** Takes a descriptor that is known to be a directory, such as that of a detached mount. */
    public static Directory of(Fd directory) {
        return new Directory(directory);
    }

    /** The descriptor; still owned by this. */
    public Fd fd() {
        return fd;
    }

    // --- opening

    /** A directory below this one. */
    public Directory openDirectory(String path) throws SyscallException {
        return new Directory(open(path, Architecture.current().oDirectory, 0));
    }

    /** A file below this one, for reading. A pipe without a writer does not block. */
    public Fd openForReading(String path) throws SyscallException {
        return open(path, Open.O_NONBLOCK | Open.O_NOCTTY, 0);
    }

    /** An existing file below this one, for reading and writing. */
    public Fd openForWriting(String path) throws SyscallException {
        return open(path, Open.O_RDWR | Open.O_NOCTTY, 0);
    }

    /** An existing or new file below this one, for writing at its end. */
    public Fd openForAppending(String path, int permissions) throws SyscallException {
        return open(path, Open.O_WRONLY | Open.O_CREAT | Open.O_APPEND | Open.O_NOCTTY, permissions);
    }

    /** A new file, for reading and writing; the umask takes its part of the permissions. */
    public Fd createFile(String path, int permissions) throws SyscallException {
        return open(path, Open.O_RDWR | Open.O_CREAT | Open.O_EXCL, permissions);
    }

    /** A handle of whatever is at a path below this one, that can be neither read nor written (O_PATH); links not followed. */
    public Fd openPath(String path) throws SyscallException {
        return open(path, Open.O_PATH | Architecture.current().oNofollow, 0);
    }

    /** What one of the kernel's own links right here leads to, such as {@code user} in {@code /proc/PID/ns}; for reading. */
    public Fd openKernelLink(String name) throws SyscallException {
        return Open.at(fd.number(), name, 0, 0, 0).orOpen("open " + name);
    }

    /** Opens with RESOLVE_BENEATH, NO_SYMLINKS and NO_MAGICLINKS. */
    Fd open(String path, int flags, int permissions) throws SyscallException {
        return Open.at(fd.number(), path, flags, permissions, Open.BENEATH).orOpen("open " + path);
    }

    /**
     * A handle (O_PATH) of what a process with this directory as its root would find at a path, following links as it would,
     * but none of the kernel's magic ones.
     */
    public Fd openPathInRoot(String path) throws SyscallException {
        return Open.at(fd.number(), path, Open.O_PATH, 0, Open.IN_ROOT).orOpen("open " + path);
    }

    /** The same, for reading. */
    public Fd openInRoot(String path) throws SyscallException {
        return Open.at(fd.number(), path, Open.O_NONBLOCK | Open.O_NOCTTY, 0, Open.IN_ROOT)
                .orOpen("open " + path);
    }

    // --- making

    /** Makes a directory. @return false if something was there already, of whatever kind */
    public boolean makeDirectory(String path, int permissions) throws SyscallException {
        return at(
                path,
                (parent, name) -> made(
                        Libc.call(Syscall.MKDIRAT, parent, name.address(), permissions), "make directory " + path));
    }

    /** Makes a directory and those above it that are missing. */
    public void makeDirectories(String path, int permissions) throws SyscallException {
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            makeDirectory(path.substring(0, slash), permissions);
        }
        makeDirectory(path, permissions);
    }

    /** Makes a symbolic link at {@code path} that says {@code target}, which is not looked at. */
    public void makeSymbolicLink(String path, String target) throws SyscallException {
        at(path, (parent, name) -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment text = FileName.cString(arena, target);
                return Libc.call(Syscall.SYMLINKAT, text.address(), parent, name.address())
                        .orThrow("make symbolic link " + path);
            }
        });
    }

    /** Makes {@code path} another name of the file at {@code existing}, both below this directory. */
    public void makeHardLink(String path, String existing) throws SyscallException {
        makeHardLink(path, this, existing);
    }

    /** Makes {@code path} another name of a file below another directory; a symbolic link is linked itself. */
    public void makeHardLink(String path, Directory from, String existing) throws SyscallException {
        from.at(
                existing,
                (oldParent, oldName) -> at(path, (parent, name) -> Libc.call(
                                Syscall.LINKAT, oldParent, oldName.address(), parent, name.address(), 0)
                        .orThrow("link " + path + " to " + existing)));
    }

    /** Makes a pipe, socket or device node; {@code mode} holds its type and permissions. */
    public void makeNode(String path, int mode, int major, int minor) throws SyscallException {
        long device = (minor & 0xffL) | (long) major << 8 | (minor & ~0xffL) << 12;
        at(path, (parent, name) -> Libc.call(Syscall.MKNODAT, parent, name.address(), mode, device)
                .orThrow("make node " + path));
    }

    // --- looking

    /** What is at a path, if anything; of a link, the link itself. */
    public Optional<FileStatus> find(String path) throws SyscallException {
        try {
            return Optional.of(status(path));
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** What is at a path; of a link, the link itself. */
    public FileStatus status(String path) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = FileStatus.buffer(arena);
            at(path, (parent, name) -> Libc.call(
                            Syscall.STATX, parent, name.address(), AT_SYMLINK_NOFOLLOW, 0x7ff, statx.address())
                    .orThrow("stat " + path));
            return FileStatus.of(statx);
        }
    }

    /** What a symbolic link says. */
    public String readLink(String path) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(4096);
            long length = at(path, (parent, name) -> Libc.call(
                            Syscall.READLINKAT, parent, name.address(), text.address(), text.byteSize())
                    .orThrow("read link " + path));
            return FileName.decode(text.asSlice(0, length).toArray(JAVA_BYTE));
        }
    }

    /** The names in this directory, without {@code .} and {@code ..}, in no order. */
    public List<String> list() throws SyscallException {
        return list(_ -> true);
    }

    /** The names of the directories right below this one, as far as the file system says at once what is one. */
    public List<String> listDirectories() throws SyscallException {
        return list(type -> type == DT_DIR);
    }

    /** Takes one name after the other. */
    @FunctionalInterface
    public interface Visitor {
        void visit(String name) throws SyscallException;
    }

    /** The names in this directory as {@link #list} has them, for one with more than should be in memory at once. */
    public void visit(Visitor visitor) throws SyscallException {
        try (Fd cursor = open(".", Architecture.current().oDirectory, 0)) {
            DirectoryEntries.each(cursor, _ -> true, visitor);
        }
    }

    private List<String> list(IntPredicate types) throws SyscallException {
        try (Fd cursor = open(".", Architecture.current().oDirectory, 0)) {
            return DirectoryEntries.names(cursor, types);
        }
    }

    // --- changing

    /** Changes the owner; of a link, its own. */
    public void chown(String path, int uid, int gid) throws SyscallException {
        at(path, (parent, name) -> Libc.call(Syscall.FCHOWNAT, parent, name.address(), uid, gid, AT_SYMLINK_NOFOLLOW)
                .orThrow("chown " + path + " to " + uid + ":" + gid));
    }

    /** Never follows a link; a link itself has no permissions (EOPNOTSUPP). */
    public void chmod(String path, int permissions) throws SyscallException {
        String what = "chmod " + path + " to " + Integer.toOctalString(permissions);
        Result result = at(
                path,
                (parent, name) ->
                        Libc.call(Syscall.FCHMODAT2, parent, name.address(), permissions, AT_SYMLINK_NOFOLLOW));
        if (result.failedWith(Errno.ENOSYS)) { // Linux < 6.6
            chmodByHandle(path, permissions, what);
        } else {
            result.orThrow(what);
        }
    }

    private void chmodByHandle(String path, int permissions, String what) throws SyscallException {
        try (Fd file = openPath(path);
                Arena arena = Arena.ofConfined()) {
            if (file.status().isSymbolicLink()) {
                throw new SyscallException(what, Errno.EOPNOTSUPP);
            }
            MemorySegment magic = FileName.cString(arena, file.path().toString());
            Libc.call(Syscall.FCHMODAT, AT_FDCWD, magic.address(), permissions).orThrow(what);
        }
    }

    /** Sets access and modification time, to the nanosecond; of a link, its own. */
    public void setTimes(String path, Instant accessed, Instant modified) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment times = Times.of(arena, accessed, modified);
            at(path, (parent, name) -> Libc.call(
                            Syscall.UTIMENSAT, parent, name.address(), times.address(), AT_SYMLINK_NOFOLLOW)
                    .orThrow("set times of " + path));
        }
    }

    /** Extended attributes of a file below this one. */
    public Xattrs xattrs(String path) throws SyscallException {
        return new Xattrs(openPath(path), path);
    }

    /** Renames within this directory's tree, replacing what is there. */
    public void rename(String from, String to) throws SyscallException {
        rename(from, this, to, 0);
    }

    /** Renames into another directory of the same file system, replacing what is there. */
    public void rename(String from, Directory target, String to) throws SyscallException {
        rename(from, target, to, 0);
    }

    /** Renames unless something is at {@code to}. @return false if it is; then nothing changed */
    public boolean renameWithoutReplacing(String from, Directory target, String to) throws SyscallException {
        try {
            rename(from, target, to, RENAME_NOREPLACE);
            return true;
        } catch (SyscallException e) {
            if (e.errno() == Errno.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    /** Swaps two names at one instant. */
    public void exchange(String one, String other) throws SyscallException {
        rename(one, this, other, RENAME_EXCHANGE);
    }

    private void rename(String from, Directory target, String to, int flags) throws SyscallException {
        at(
                from,
                (oldParent, oldName) -> target.at(to, (parent, name) -> Libc.call(
                                Syscall.RENAMEAT2, oldParent, oldName.address(), parent, name.address(), flags)
                        .orThrow("rename " + from + " to " + to)));
    }

    /** Removes a file, link or node. @return false if nothing was there */
    public boolean unlink(String path) throws SyscallException {
        return at(path, (parent, name) -> removed(Libc.call(Syscall.UNLINKAT, parent, name.address(), 0), path));
    }

    /** Removes an empty directory. @return false if nothing was there */
    public boolean removeDirectory(String path) throws SyscallException {
        return at(
                path,
                (parent, name) -> removed(Libc.call(Syscall.UNLINKAT, parent, name.address(), AT_REMOVEDIR), path));
    }

    /**
     * Removes whatever is at {@code path} with all below it. Follows no link and crosses no mount: what is mounted inside
     * stops it with EBUSY or EXDEV. Nothing there is success.
     */
    public void removeTree(String path) throws SyscallException {
        at(path, (parent, name) -> {
            TreeRemoval.remove(parent, name, path);
            return true;
        });
    }

    /** Forces everything on this directory's file system to the disk, in one call for however many files; may take seconds. */
    public void syncFileSystem() throws SyscallException {
        Libc.call(Syscall.SYNCFS, fd.number()).orThrow("syncfs");
    }

    /** Forces names made, renamed or removed in this directory to the disk; may take seconds. */
    public void sync() throws SyscallException {
        fd.sync();
    }

    @Override
    public void close() {
        fd.close();
    }

    // --- parents

    private interface AtParent<T> {
        T call(int parent, MemorySegment name) throws SyscallException;
    }

    /**
     * Acts on the last component of a path in its parent directory, found without following links, since most calls but
     * openat2 itself cannot be told not to.
     */
    private <T> T at(String path, AtParent<T> action) throws SyscallException {
        int slash = path.lastIndexOf('/');
        String last = path.substring(slash + 1);
        if (last.isEmpty() || last.equals(".") || last.equals("..")) {
            throw new SyscallException("use path '" + path + "'", Errno.EINVAL);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = FileName.cString(arena, last);
            if (slash < 0) {
                return action.call(fd.number(), name);
            }
            if (slash == 0) {
                throw new SyscallException("use path '" + path + "'", Errno.EXDEV);
            }
            try (Fd parent = open(path.substring(0, slash), Open.O_PATH | Architecture.current().oDirectory, 0)) {
                return action.call(parent.number(), name);
            }
        }
    }

    private static boolean made(Result result, String what) throws SyscallException {
        if (result.failedWith(Errno.EEXIST)) {
            return false;
        }
        result.orThrow(what);
        return true;
    }

    private static boolean removed(Result result, String path) throws SyscallException {
        if (result.failedWith(Errno.ENOENT)) {
            return false;
        }
        result.orThrow("remove " + path);
        return true;
    }
}
