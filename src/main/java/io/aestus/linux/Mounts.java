package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.aestus.linux.MountChange.Depth;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Mounts as objects: a mount is made, or cloned from another, as a descriptor that no path leads to, given its attributes
 * and mapping, and then attached somewhere, perhaps in another mount namespace. When its last descriptor is closed before
 * that, the kernel takes it apart by itself. New file systems begin with {@link NewFileSystem}.
 *
 * <p>Every call may block on a sick device or server: platform threads only.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/open_tree.2.html">open_tree(2)</a>
 * @see <a href="https://man7.org/linux/man-pages/man2/mount_setattr.2.html">mount_setattr(2)</a>
 * @see <a href="https://man7.org/linux/man-pages/man2/move_mount.2.html">move_mount(2)</a>
 */
public final class Mounts {
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int OPEN_TREE_CLOEXEC = 0x8_0000;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
    private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    private static final int MNT_DETACH = 2;
    private static final int UMOUNT_NOFOLLOW = 8;
    private static final long MOUNT_ATTR_IDMAP = 0x10_0000;

    // struct mount_attr of <linux/mount.h>
    private static final int ATTRIBUTES_BYTES = 32;
    private static final int SET = 0;
    private static final int CLEAR = 8;
    private static final int PROPAGATION = 16;
    private static final int USER_NAMESPACE = 24;

    /** How a mount goes away. */
    public enum Removal {
        /** At once, or EBUSY while something in it is open. */
        STRICT,
        /** Out of sight at once; taken apart when the last user is done. */
        DETACH
    }

    private Mounts() {}

    /**
     * A detached copy of the mount at {@code path}, whose root is that directory or file: a bind mount not yet bound. A link
     * at the end of the path is not followed.
     */
    public static Fd clone(Path path, Depth depth) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = FileName.cString(arena, path.toString());
            long flags = cloneFlags(depth) | AT_SYMLINK_NOFOLLOW;
            return Fd.owning(Libc.call(Syscall.OPEN_TREE, AT_FDCWD, name.address(), flags)
                    .orThrow("clone the mount at " + path));
        }
    }

    /**
     * A detached copy of the mount in which {@code file} lies, with that file or directory as its root.
     *
     * @param file may be opened by path only
     */
    public static Fd clone(Fd file, Depth depth) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment empty = arena.allocateFrom("");
            long flags = cloneFlags(depth) | AT_EMPTY_PATH;
            return Fd.owning(Libc.call(Syscall.OPEN_TREE, file.number(), empty.address(), flags)
                    .orThrow("clone the mount of " + file));
        }
    }

    private static long cloneFlags(Depth depth) {
        return OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursion(depth);
    }

    private static long recursion(Depth depth) {
        return depth == Depth.WHOLE_TREE ? AT_RECURSIVE : 0;
    }

    /**
     * Changes a mount. With {@link Depth#WHOLE_TREE} either all mounts of the tree change or none.
     *
     * @throws SyscallException EINVAL for a mapping of a file system that cannot be mapped (an overlay), EPERM for one of a
     *     mount that has a mapping
     */
    public static void change(Fd mount, MountChange change) throws SyscallException {
        long set = MountAttribute.bits(change.set());
        if (change.userNamespace().isPresent()) {
            set |= MOUNT_ATTR_IDMAP;
        }
        long clear = MountAttribute.bits(change.clear()) | MountAttribute.fieldsOf(change.set());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment empty = arena.allocateFrom("");
            MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
            attributes.set(JAVA_LONG, SET, set);
            attributes.set(JAVA_LONG, CLEAR, clear);
            attributes.set(JAVA_LONG, PROPAGATION, change.propagation().flag());
            change.userNamespace()
                    .ifPresent(namespace -> attributes.set(JAVA_LONG, USER_NAMESPACE, namespace.number()));
            long flags = AT_EMPTY_PATH | recursion(change.depth());
            Libc.call(
                            Syscall.MOUNT_SETATTR,
                            mount.number(),
                            empty.address(),
                            flags,
                            attributes.address(),
                            ATTRIBUTES_BYTES)
                    .orThrow("change a mount");
        }
    }

    /** Attaches a detached mount, or moves an attached one, onto {@code target}, a descriptor of a directory or file. */
    public static void attach(Fd mount, Fd target) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment empty = arena.allocateFrom("");
            long flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
            Libc.call(Syscall.MOVE_MOUNT, mount.number(), empty.address(), target.number(), empty.address(), flags)
                    .orThrow("attach a mount");
        }
    }

    /** The same for a path of ours; a link at its end is not followed. */
    public static void attach(Fd mount, Path target) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment empty = arena.allocateFrom("");
            MemorySegment name = FileName.cString(arena, target.toString());
            Libc.call(
                            Syscall.MOVE_MOUNT,
                            mount.number(),
                            empty.address(),
                            AT_FDCWD,
                            name.address(),
                            MOVE_MOUNT_F_EMPTY_PATH)
                    .orThrow("attach a mount at " + target);
        }
    }

    /**
     * Unmounts the topmost mount at {@code target}, not following a link there.
     *
     * @return false if nothing was mounted there, or there is no such path
     * @throws SyscallException EBUSY when in use and {@link Removal#STRICT}
     */
    public static boolean unmount(Path target, Removal removal) throws SyscallException {
        int flags = UMOUNT_NOFOLLOW | (removal == Removal.DETACH ? MNT_DETACH : 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = FileName.cString(arena, target.toString());
            return switch (Libc.call(Syscall.UMOUNT2, name.address(), flags)) {
                case Result.Done _ -> true;
                case Result.Failed(int errno) when errno == Errno.EINVAL || errno == Errno.ENOENT -> false;
                case Result.Failed(int errno) -> throw new SyscallException("unmount " + target, errno);
            };
        }
    }
}
