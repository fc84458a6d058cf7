package io.aestus.linux;

import java.util.List;
import java.util.Set;

/**
 * What a child comes to see: the steps of a {@link ChildProgram} that make its mounts. They are taken in a mount namespace
 * that is its own already.
 *
 * <p>Descriptors are lent until the launch is over, as they are to the program.
 */
public final class ChildMounts {
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSMOUNT_CLOEXEC = 1;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int MOUNT_ATTR_RDONLY = 1;
    private static final int MOUNT_ATTR_BYTES = 32;
    private static final int MS_BIND = 0x1000;
    private static final int MS_REC = 0x4000;
    private static final int MS_PRIVATE = 0x40000;
    private static final int MS_SLAVE = 0x80000;
    private static final int MNT_DETACH = 2;

    private final SyscallProgram program;
    private final long empty;

    ChildMounts(SyscallProgram program) {
        this.program = program;
        this.empty = program.text("");
    }

    /** Cuts its mounts off from those it was cloned from: nothing done from here on shows elsewhere. */
    public void makeMountsPrivate() {
        program.add("make mounts private", Syscall.MOUNT, 0, program.text("/"), 0, MS_REC | MS_PRIVATE, 0);
    }

    /** Lets nothing done from here on show elsewhere; what is mounted and unmounted elsewhere still shows here. */
    public void makeMountsFollow() {
        program.add("make mounts follow", Syscall.MOUNT, 0, program.text("/"), 0, MS_REC | MS_SLAVE, 0);
    }

    /** Attaches a detached mount at a path of the root that it has now. */
    public void attach(Fd mount, String path, String label) {
        program.add(
                label,
                Syscall.MOVE_MOUNT,
                program.number(mount),
                empty,
                AT_FDCWD,
                program.text(path),
                MOVE_MOUNT_F_EMPTY_PATH);
    }

    /** Attaches a detached mount onto {@code target}, which lies in a mount that was attached before. */
    public void attach(Fd mount, Fd target, String label) {
        program.add(
                label,
                Syscall.MOVE_MOUNT,
                program.number(mount),
                empty,
                program.number(target),
                empty,
                MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    }

    /** Moves the mount at a path of the root that it has now, and what lies below it, onto {@code target}. */
    public void move(String path, Fd target, String label) {
        program.add(
                label,
                Syscall.MOVE_MOUNT,
                AT_FDCWD,
                program.text(path),
                program.number(target),
                empty,
                MOVE_MOUNT_T_EMPTY_PATH);
    }

    /** Attaches a detached mount over its root and makes it the current directory; relative paths then lead into it. */
    public void attachRoot(Fd root) {
        attach(root, "/", "attach the root");
        program.add("enter the new root", Syscall.FCHDIR, program.number(root));
    }

    /** Attaches a copy of what is at a path onto {@code target}, which lies in a mount that was attached before. */
    public void attachCopy(String path, Fd target, String label) {
        var tree = copy(label, path);
        long flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
        program.add(label, Syscall.MOVE_MOUNT, 0, empty, program.number(target), empty, flags)
                .first(tree);
    }

    /** The same, read-only all over. */
    public void attachReadOnlyCopy(String path, Fd target, String label) {
        var tree = copy(label, path);
        setReadOnly(label, AT_EMPTY_PATH | AT_RECURSIVE).first(tree);
        long flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
        program.add(label, Syscall.MOVE_MOUNT, 0, empty, program.number(target), empty, flags)
                .first(tree);
    }

    /** Attaches a copy of the mount at one path, with what lies below, at another. */
    public void attachCopy(String path, String target) {
        String label = "attach " + path + " on " + target;
        attach(copy(label, path), target, label);
    }

    /** The same, read-only all over. */
    public void attachReadOnlyCopy(String path, String target) {
        String label = "attach " + path + " read-only on " + target;
        var tree = copy(label, path);
        setReadOnly(label, AT_EMPTY_PATH | AT_RECURSIVE).first(tree);
        attach(tree, target, label);
    }

    private SyscallProgram.Slot copy(String label, String path) {
        long flags = OPEN_TREE_CLONE | Open.O_CLOEXEC | AT_RECURSIVE;
        return program.add(label, Syscall.OPEN_TREE, AT_FDCWD, program.text(path), flags)
                .result();
    }

    private void attach(SyscallProgram.Slot mount, String target, String label) {
        program.add(label, Syscall.MOVE_MOUNT, 0, empty, AT_FDCWD, program.text(target), MOVE_MOUNT_F_EMPTY_PATH)
                .first(mount);
    }

    /**
     * Covers a path with another one of the same kind, directory or file, if it is there. Both lead through mounts of ours
     * only, which nobody else sees yet.
     */
    public void cover(String path, String with) {
        bind(path, with).ignoring(Errno.ENOENT);
    }

    /** The same where the kinds may differ; then nothing is covered. */
    public void coverIfSame(String path, String with) {
        bind(path, with).ignoring(Errno.ENOENT, Errno.ENOTDIR);
    }

    private SyscallProgram.Entry bind(String path, String with) {
        return program.add("cover " + path, Syscall.MOUNT, program.text(with), program.text(path), 0, MS_BIND, 0);
    }

    /** Makes a path read-only, which leads through mounts of ours only. */
    public void makeReadOnly(String path) {
        String label = "make " + path + " read-only";
        long name = program.text(path);
        long attributes = program.longs(MOUNT_ATTR_RDONLY, 0, 0, 0);
        program.add(label, Syscall.MOUNT, name, name, 0, MS_BIND, 0).ignoring(Errno.ENOENT);
        program.add(label, Syscall.MOUNT_SETATTR, AT_FDCWD, name, 0, attributes, MOUNT_ATTR_BYTES)
                .ignoring(Errno.ENOENT);
    }

    /**
     * Covers what a path of the image leads to, found below {@code root} without following a link or crossing a mount, if it is
     * there and of the same kind as {@code with}.
     */
    public void coverInside(String root, String path, String with) {
        String label = "cover " + path;
        var target = findInside(label, root, path);
        var copy = copy(label, with);
        attach(label, copy, target).ignoring(Errno.EBADF, Errno.ENOTDIR);
    }

    /** Makes read-only what a path of the image leads to, found likewise, if it is there. */
    public void makeReadOnlyInside(String root, String path) {
        String label = "make " + path + " read-only";
        var target = findInside(label, root, path);
        long flags = OPEN_TREE_CLONE | Open.O_CLOEXEC | AT_EMPTY_PATH;
        var copy = program.add(label, Syscall.OPEN_TREE, 0, empty, flags)
                .first(target)
                .ignoring(Errno.EBADF)
                .result();
        setReadOnly(label, AT_EMPTY_PATH).first(copy).ignoring(Errno.EBADF);
        attach(label, copy, target).ignoring(Errno.EBADF);
    }

    /** An errno in place of a descriptor, where there is no such path, makes what follows fail with EBADF. */
    private SyscallProgram.Slot findInside(String label, String root, String path) {
        long open = program.longs(Open.O_PATH | Open.O_CLOEXEC, 0, Open.RESOLVE_NO_SYMLINKS);
        var tree = program.add(label, Syscall.OPENAT2, AT_FDCWD, program.text(root), open, Open.HOW_BYTES)
                .result();
        long flags = Open.O_PATH | Open.O_CLOEXEC | Architecture.current().oNofollow;
        long how = program.longs(flags, 0, Open.BENEATH | Open.RESOLVE_NO_XDEV);
        return program.add(label, Syscall.OPENAT2, 0, program.text(path.substring(1)), how, Open.HOW_BYTES)
                .first(tree)
                .ignoring(Errno.ENOENT, Errno.ENOTDIR, Errno.EXDEV, Errno.ELOOP)
                .result();
    }

    private SyscallProgram.Entry attach(String label, SyscallProgram.Slot copy, SyscallProgram.Slot target) {
        long flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
        return program.add(label, Syscall.MOVE_MOUNT, 0, empty, 0, empty, flags)
                .first(copy)
                .third(target);
    }

    /** A file system that the child mounted and attached nowhere yet. */
    public static final class Detached {
        private final SyscallProgram.Slot slot;

        private Detached(SyscallProgram.Slot slot) {
            this.slot = slot;
        }
    }

    /** Mounts a file system of the namespaces that it has now, to be attached later. */
    public Detached make(String type, Set<MountAttribute> attributes) {
        return new Detached(make("make " + type, type, attributes, List.of()));
    }

    /** Makes a copy of what is at a path, with what lies below, to be attached later; be it in other mounts. */
    public Detached copyOf(String path) {
        return new Detached(copy("copy " + path, path));
    }

    /** Attaches it at a path of the root that it has now. */
    public void attach(Detached mount, String path, String label) {
        attach(mount.slot, path, label);
    }

    /** Lets go of what is mounted at a path, if anything. */
    public void detach(String path) {
        program.add("detach " + path, Syscall.UMOUNT2, program.text(path), MNT_DETACH)
                .ignoring(Errno.EINVAL, Errno.ENOENT);
    }

    /** Attaches it onto {@code target}, which lies in a mount that was attached before. */
    public void attach(Detached mount, Fd target, String label) {
        long flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
        program.add(label, Syscall.MOVE_MOUNT, 0, empty, program.number(target), empty, flags)
                .first(mount.slot);
    }

    /** Mounts a file system of its own; options are {@code name=value}. */
    public void mount(String type, String path, Set<MountAttribute> attributes, List<String> options) {
        String label = "mount " + type + " on " + path;
        attach(make(label, type, attributes, options), path, label);
    }

    private SyscallProgram.Slot make(String label, String type, Set<MountAttribute> attributes, List<String> options) {
        var context = program.add(label, Syscall.FSOPEN, program.text(type), FSOPEN_CLOEXEC)
                .result();
        for (String option : options) {
            int equals = option.indexOf('=');
            long name = program.text(option.substring(0, equals));
            long value = program.text(option.substring(equals + 1));
            program.add(label, Syscall.FSCONFIG, 0, FSCONFIG_SET_STRING, name, value, 0)
                    .first(context);
        }
        program.add(label, Syscall.FSCONFIG, 0, FSCONFIG_CMD_CREATE, 0, 0, 0).first(context);
        return program.add(label, Syscall.FSMOUNT, 0, FSMOUNT_CLOEXEC, MountAttribute.bits(attributes))
                .first(context)
                .result();
    }

    private SyscallProgram.Entry setReadOnly(String label, long flags) {
        long attributes = program.longs(MOUNT_ATTR_RDONLY, 0, 0, 0);
        return program.add(label, Syscall.MOUNT_SETATTR, 0, empty, flags, attributes, MOUNT_ATTR_BYTES);
    }

    /** Makes one mount read-only. */
    public void makeReadOnly(Fd mount, String label) {
        long attributes = program.longs(MOUNT_ATTR_RDONLY, 0, 0, 0);
        program.add(
                label,
                Syscall.MOUNT_SETATTR,
                program.number(mount),
                empty,
                AT_EMPTY_PATH,
                attributes,
                MOUNT_ATTR_BYTES);
    }

    /** Makes an attached mount its root and current directory, and takes everything else out of sight. */
    public void changeRoot(Fd root) {
        program.add("enter the new root", Syscall.FCHDIR, program.number(root));
        long here = program.text(".");
        program.add("change the root", Syscall.PIVOT_ROOT, here, here);
        program.add("detach the old root", Syscall.UMOUNT2, here, MNT_DETACH);
        program.add("enter the root", Syscall.CHDIR, program.text("/"));
    }
}
