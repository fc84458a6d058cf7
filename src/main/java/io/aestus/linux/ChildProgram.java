package io.aestus.linux;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a child does to itself before it executes its program, in the order of the calls made here. Nothing happens yet: each
 * call adds steps that {@link ProcessLauncher} has the child take, and the first that fails ends the launch with a {@link
 * LaunchException} that names it. The last step is an {@code execute…}.
 *
 * <p>Descriptors are lent: whoever passes one keeps it open until the launch is over. Confined to one thread.
 */
public final class ChildProgram implements AutoCloseable {
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
    private static final int MNT_DETACH = 2;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int SIGCHLD = 17;
    private static final int SIG_SETMASK = 2;
    private static final int SIGNAL_SET_BYTES = 8;
    private static final int SIGACTION_BYTES = 32;
    private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;
    private static final int CLOSE_RANGE_CLOEXEC = 4;
    private static final int TIOCSCTTY = 0x540e;
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int IFF_UP = 1;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_RAISE = 2;
    private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int BPF_INSTRUCTION_BYTES = 8;

    private final Arena arena = Arena.ofConfined();
    private final SyscallProgram program = new SyscallProgram(arena);
    private final long empty = program.text("");

    SyscallProgram program() {
        return program;
    }

    Arena arena() {
        return arena;
    }

    // --- where it belongs

    /** Enters namespaces of another process, its user namespace first. */
    public void joinNamespaces(PidFd of, Set<Namespace> namespaces) {
        program.add("join namespaces", Syscall.SETNS, of.fd().number(), Namespace.flags(namespaces));
    }

    /** Gets namespaces of its own. */
    public void unshare(Set<Namespace> namespaces) {
        program.add("make namespaces " + namespaces, Syscall.UNSHARE, Namespace.flags(namespaces));
    }

    /** Writes to a file that was opened before, such as {@code 0} to {@code cgroup.procs}. */
    public void write(Fd file, String text, String label) {
        byte[] bytes = FileName.encode(text);
        program.add(label, Syscall.WRITE, file.number(), program.bytes(bytes), bytes.length);
    }

    /** Becomes user and group 0, without further groups: in a new user namespace it is nobody until then. */
    public void becomeRoot() {
        setGroups(List.of());
        setIds(0, 0);
    }

    /** Leaves the session keyring of whoever started the agent. Kernels without keyrings have none to leave. */
    public void leaveKeyring() {
        program.add("join a session keyring", Syscall.KEYCTL, KEYCTL_JOIN_SESSION_KEYRING, 0)
                .ignoringErrors();
    }

    public void setHostname(String name) {
        byte[] bytes = FileName.encode(name);
        program.add("set hostname " + name, Syscall.SETHOSTNAME, program.bytes(bytes), bytes.length);
    }

    /** Brings the loopback interface of its network up. */
    public void raiseLoopback() {
        byte[] request = new byte[40]; // struct ifreq: name, flags
        request[0] = 'l';
        request[1] = 'o';
        var socket = program.add("open a socket for lo", Syscall.SOCKET, AF_INET, SOCK_DGRAM_CLOEXEC, 0)
                .result();
        request[16] = IFF_UP;
        program.add("bring lo up", Syscall.IOCTL, 0, SIOCSIFFLAGS, program.bytes(request))
                .first(socket);
    }

    // --- what it sees

    /** Cuts its mounts off from those it was cloned from: nothing done from here on shows elsewhere. */
    public void makeMountsPrivate() {
        program.add("make mounts private", Syscall.MOUNT, 0, program.text("/"), 0, MS_REC | MS_PRIVATE, 0);
    }

    /** Attaches a detached mount at a path of the root that it has now. */
    public void attach(Fd mount, String path, String label) {
        program.add(
                label,
                Syscall.MOVE_MOUNT,
                mount.number(),
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
                mount.number(),
                empty,
                target.number(),
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
                target.number(),
                empty,
                MOVE_MOUNT_T_EMPTY_PATH);
    }

    /** Attaches a detached mount over its root and makes it the current directory; relative paths then lead into it. */
    public void attachRoot(Fd root) {
        attach(root, "/", "attach the root");
        program.add("enter the new root", Syscall.FCHDIR, root.number());
    }

    /** Attaches a copy of what is at a path onto {@code target}, which lies in a mount that was attached before. */
    public void attachCopy(String path, Fd target, String label) {
        var tree = copy(label, path);
        long flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
        program.add(label, Syscall.MOVE_MOUNT, 0, empty, target.number(), empty, flags)
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

    /** Mounts a file system of its own; options are {@code name=value}. */
    public void mount(String type, String path, Set<MountAttribute> attributes, List<String> options) {
        String label = "mount " + type + " on " + path;
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
        var mount = program.add(label, Syscall.FSMOUNT, 0, FSMOUNT_CLOEXEC, MountAttribute.bits(attributes))
                .first(context)
                .result();
        attach(mount, path, label);
    }

    /** Writes to a file that the kernel has at a path, following no link. */
    public void writeFile(String path, String text, String label) {
        long how = program.longs(Open.O_WRONLY | Open.O_CLOEXEC, 0, Open.RESOLVE_NO_SYMLINKS);
        var file = program.add(label, Syscall.OPENAT2, AT_FDCWD, program.text(path), how, Open.HOW_BYTES)
                .result();
        byte[] bytes = FileName.encode(text);
        program.add(label, Syscall.WRITE, 0, program.bytes(bytes), bytes.length).first(file);
    }

    /** A file that the child opened itself. */
    public static final class OpenedFile {
        private final SyscallProgram.Slot slot;

        private OpenedFile(SyscallProgram.Slot slot) {
            this.slot = slot;
        }
    }

    /** Opens the child's own file in the {@code /proc} it sees now, such as {@code oom_score_adj}, to be written later. */
    public OpenedFile openOwn(String name) {
        long path = program.text("/proc/self/" + name);
        return new OpenedFile(
                program.add("open " + name, Syscall.OPENAT, AT_FDCWD, path, Open.O_WRONLY | Open.O_CLOEXEC, 0)
                        .result());
    }

    /** Writes to what it opened. */
    public void write(OpenedFile file, String text, String label) {
        byte[] bytes = FileName.encode(text);
        program.add(label, Syscall.WRITE, 0, program.bytes(bytes), bytes.length).first(file.slot);
    }

    private SyscallProgram.Entry setReadOnly(String label, long flags) {
        long attributes = program.longs(MOUNT_ATTR_RDONLY, 0, 0, 0);
        return program.add(label, Syscall.MOUNT_SETATTR, 0, empty, flags, attributes, MOUNT_ATTR_BYTES);
    }

    /** Makes one mount read-only. */
    public void makeReadOnly(Fd mount, String label) {
        long attributes = program.longs(MOUNT_ATTR_RDONLY, 0, 0, 0);
        program.add(label, Syscall.MOUNT_SETATTR, mount.number(), empty, AT_EMPTY_PATH, attributes, MOUNT_ATTR_BYTES);
    }

    /** Makes an attached mount its root and current directory, and takes everything else out of sight. */
    public void changeRoot(Fd root) {
        program.add("enter the new root", Syscall.FCHDIR, root.number());
        long here = program.text(".");
        program.add("change the root", Syscall.PIVOT_ROOT, here, here);
        program.add("detach the old root", Syscall.UMOUNT2, here, MNT_DETACH);
        program.add("enter the root", Syscall.CHDIR, program.text("/"));
    }

    /** Changes the current directory, through none of the kernel's magic links, which lead out of any root. */
    public void changeDirectory(String path) {
        long how = program.longs(
                Open.O_PATH | Open.O_CLOEXEC | Architecture.current().oDirectory, 0, Open.RESOLVE_NO_MAGICLINKS);
        String label = "change directory to " + path;
        var directory = program.add(label, Syscall.OPENAT2, AT_FDCWD, program.text(path), how, Open.HOW_BYTES)
                .result();
        program.add(label, Syscall.FCHDIR, 0).first(directory);
    }

    // --- what it holds

    /** Starts a session of its own, without a terminal. */
    public void startSession() {
        program.add("start a session", Syscall.SETSID);
    }

    /** Makes a terminal that of its session, which has none. */
    public void takeTerminal(Fd terminal) {
        program.add("take the terminal", Syscall.IOCTL, terminal.number(), TIOCSCTTY, 0);
    }

    /** Makes the numbers from {@code first} on mean what {@code files} mean, and keeps them over exec. */
    public void assign(List<Fd> files, int first) {
        int end = first + files.size();
        var copies = new ArrayList<SyscallProgram.@Nullable Slot>();
        for (int i = 0; i < files.size(); i++) {
            String label = "assign descriptor " + (first + i);
            Fd file = files.get(i);
            var copy = file.number() < end
                    ? program.add(label, Syscall.FCNTL, file.number(), F_DUPFD_CLOEXEC, end)
                            .result()
                    : null;
            copies.add(copy);
        }
        for (int i = 0; i < files.size(); i++) {
            var entry = program.add(
                    "assign descriptor " + (first + i),
                    Syscall.DUP3,
                    files.get(i).number(),
                    first + i,
                    0);
            var copy = copies.get(i);
            if (copy != null) {
                entry.first(copy);
            }
        }
    }

    /**
     * Closes all descriptors from {@code first} on, before the app's own paths are looked at: {@code /proc/self/fd/N} would
     * lead to whatever the agent has open.
     */
    public void closeFrom(int first) {
        program.add("close descriptors", Syscall.CLOSE_RANGE, first, 0xffffffffL, 0);
    }

    /** Lets exec close all descriptors from {@code first} on. */
    public void closeOnExecFrom(int first) {
        program.add("close descriptors", Syscall.CLOSE_RANGE, first, 0xffffffffL, CLOSE_RANGE_CLOEXEC);
    }

    // --- what it may

    public void setUmask(int mask) {
        program.add("set umask", Syscall.UMASK, mask);
    }

    /**
     * Raises the hard limit where it is lower than this one, as long as the child has the power to, and leaves the rest to
     * {@link #setLimit}: a small limit of open files would hinder what comes between.
     */
    public void raiseLimit(Rlimit limit) throws SyscallException {
        Rlimit now = Rlimit.of(limit.resource(), 0);
        if (Long.compareUnsigned(limit.hard(), now.hard()) > 0) {
            Rlimit raised = new Rlimit(limit.resource(), now.soft(), limit.hard());
            program.add(
                    "raise limit " + limit.resource(),
                    Syscall.PRLIMIT64,
                    0,
                    limit.resource().number(),
                    program.bytes(raised.bytes()),
                    0);
        }
    }

    /** Sets a limit of its resources. */
    public void setLimit(Rlimit limit) {
        int resource = limit.resource().number();
        program.add("set limit " + limit.resource(), Syscall.PRLIMIT64, 0, resource, program.bytes(limit.bytes()), 0);
    }

    /** Gives capabilities up for good: no program it executes can get them back. */
    public void dropFromBounding(CapabilitySet capabilities) {
        for (Capability capability : capabilities.members()) {
            program.add("drop " + capability, Syscall.PRCTL, PR_CAPBSET_DROP, capability.number(), 0, 0, 0)
                    .ignoring(Errno.EINVAL); // newer than the kernel
        }
    }

    /** Keeps capabilities over the next change of the user. */
    public void keepCapabilities() {
        program.add("keep capabilities", Syscall.PRCTL, PR_SET_KEEPCAPS, 1, 0, 0, 0);
    }

    /** Sets what it may now, and what programs it executes get even if they are not root's. */
    public void setCapabilities(CapabilitySet permitted, CapabilitySet ambient) {
        program.add(
                "set capabilities",
                Syscall.CAPSET,
                program.bytes(CapabilitySet.header()),
                program.bytes(CapabilitySet.data(permitted, permitted, ambient)));
        program.add("clear ambient capabilities", Syscall.PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        for (Capability capability : ambient.members()) {
            program.add(
                    "raise " + capability,
                    Syscall.PRCTL,
                    PR_CAP_AMBIENT,
                    PR_CAP_AMBIENT_RAISE,
                    capability.number(),
                    0,
                    0);
        }
    }

    public void setGroups(List<Integer> groups) {
        byte[] ids = new byte[groups.size() * 4];
        var buffer = java.nio.ByteBuffer.wrap(ids).order(java.nio.ByteOrder.nativeOrder());
        groups.forEach(buffer::putInt);
        program.add("set groups", Syscall.SETGROUPS, groups.size(), program.bytes(ids));
    }

    public void setIds(int user, int group) {
        program.add("become group " + Integer.toUnsignedString(group), Syscall.SETRESGID, group, group, group);
        program.add("become user " + Integer.toUnsignedString(user), Syscall.SETRESUID, user, user, user);
    }

    /** No program it executes gets more than it has itself. */
    public void setNoNewPrivileges() {
        program.add("set no_new_privs", Syscall.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    }

    /** Lets a filter judge each system call from here on. */
    public void filterSyscalls(SeccompFilter filter) {
        byte[] code = filter.program();
        long fprog = program.longs(code.length / BPF_INSTRUCTION_BYTES, program.bytes(code)); // struct sock_fprog
        program.add("install the seccomp filter", Syscall.SECCOMP, SECCOMP_SET_MODE_FILTER, 0, fprog);
    }

    /** Lets the kernel reap its children without being asked. */
    public void ignoreChildren() {
        byte[] action = new byte[SIGACTION_BYTES];
        action[0] = 1; // SIG_IGN
        program.add("ignore children", Syscall.RT_SIGACTION, SIGCHLD, program.bytes(action), 0, SIGNAL_SET_BYTES);
    }

    /** Lets all signals through again, which the launch had blocked, with their default effects. */
    public void unblockSignals() {
        long ignored = SignalDispositions.ignored();
        if (ignored != 0) {
            long action = program.bytes(new byte[SIGACTION_BYTES]); // SIG_DFL
            for (int signal = 1; signal <= 64; signal++) {
                if ((ignored >>> (signal - 1) & 1) != 0) {
                    program.add("reset signal " + signal, Syscall.RT_SIGACTION, signal, action, 0, SIGNAL_SET_BYTES);
                }
            }
        }
        program.add("unblock signals", Syscall.RT_SIGPROCMASK, SIG_SETMASK, program.longs(0), 0, SIGNAL_SET_BYTES);
    }

    // --- the end

    /** Executes the first of these paths that is there. If none can be, one that is there but cannot be executed is the error. */
    public void execute(List<String> candidates, List<String> arguments, List<String> environment) {
        long argv = program.texts(arguments);
        long envp = program.texts(environment);
        for (int i = 0; i < candidates.size(); i++) {
            String path = candidates.get(i);
            var entry = program.add("execute " + path, Syscall.EXECVE, program.text(path), argv, envp);
            if (i < candidates.size() - 1) {
                entry.ignoring(Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES);
                entry.result();
            }
        }
    }

    /** Executes an open file. */
    public void execute(Fd file, List<String> arguments, List<String> environment) {
        program.add(
                "execute " + arguments.getFirst(),
                Syscall.EXECVEAT,
                file.number(),
                empty,
                program.texts(arguments),
                program.texts(environment),
                AT_EMPTY_PATH);
    }

    @Override
    public void close() {
        arena.close();
    }
}
