package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
    /** Descriptors that are assigned have numbers below this. */
    public static final int MAX_ASSIGNED = 128;

    private static final int LONGEST_NUMBER = 20;
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int SIGCHLD = 17;
    private static final int SIG_SETMASK = 2;
    private static final int SIGNAL_SET_BYTES = 8;
    private static final int SIGACTION_BYTES = 32;
    private static final int CLOSE_RANGE_CLOEXEC = 4;
    private static final int TIOCSCTTY = 0x540e;
    private static final long OUTCOME_BYTES = 16;

    private final SegmentAllocator memory;
    private final Runnable release;
    private final List<Fd> owned = new ArrayList<>();
    private final @Nullable Loader loader;
    private final SyscallProgram program;
    private final ChildMounts mounts;
    private final ChildRights rights;
    private final ChildNetwork network;
    private final ChildPauses pauses;
    private final long empty;
    /** Where it stands still, if it is one ahead. */
    private final @Nullable Standstill standstill;

    private @Nullable MemorySegment ownNumber;

    /** A child that shares our memory until it executes its program. */
    public ChildProgram() {
        this(Arena.ofConfined(), null);
    }

    private ChildProgram(Arena arena, @Nullable Loader loader) {
        this(arena, arena::close, loader, null);
    }

    private ChildProgram(
            SegmentAllocator memory, Runnable release, @Nullable Loader loader, @Nullable Standstill standstill) {
        this.memory = memory;
        this.release = release;
        this.standstill = standstill;
        this.loader = loader;
        this.program = new SyscallProgram(loader == null ? memory : loader.memory());
        this.mounts = new ChildMounts(program);
        this.rights = new ChildRights(program);
        this.network = new ChildNetwork(program);
        this.pauses = new ChildPauses(program, memory);
        this.empty = program.text("");
        if (loader != null) {
            loader.addFirst(program);
        }
    }

    /**
     * A child <em>apart</em>: it has no memory of ours, and enters the PID namespace that it shall be born into by {@link
     * #joinNamespaces} and {@link #beBorn}, when nothing but confined steps is left. It costs a little more.
     */
    public static ChildProgram apart() throws IOException {
        return new ChildProgram(Arena.ofConfined(), Loader.open());
    }

    /**
     * A child <em>ahead</em>: it takes its first steps before the rest of them is known, {@linkplain #standStill stands still}, and
     * shares our memory until somebody tells the rest. The one who does may be another thread.
     */
    public static ChildProgram ahead() throws SyscallException {
        FixedMemory memory =
                FixedMemory.open(); // no arena is for several threads that is given back at once and at no cost
        try {
            return new ChildProgram(memory, memory::close, null, Standstill.open(memory));
        } catch (SyscallException e) {
            memory.close();
            throw e;
        }
    }

    /** Has a child ahead wait here. It holds no descriptor any more, but for files that it opened and that are kept. */
    public void standStill(List<OpenedFile> kept) {
        List<SyscallProgram.Slot> files = kept.stream().map(file -> file.slot).toList();
        program.add(Objects.requireNonNull(standstill).steps(program, memory, files));
    }

    /** Whether it is made by {@link #apart}. */
    public boolean isApart() {
        return loader != null;
    }

    /** Whether the steps so far are those of a child apart that has yet to {@linkplain #beBorn be born}. */
    public boolean isUnborn() {
        return loader != null && !loader.hasBirth();
    }

    SyscallProgram program() {
        return program;
    }

    Optional<Loader> loader() {
        return Optional.ofNullable(loader);
    }

    Optional<Standstill> standstill() {
        return Optional.ofNullable(standstill);
    }

    /** Closes {@code file} with this. */
    Fd owns(Fd file) {
        owned.add(file);
        return file;
    }

    SegmentAllocator memory() {
        return memory;
    }

    /** Where it waits for us, as steps of this program. */
    public ChildPauses pauses() {
        return pauses;
    }

    // --- where it belongs

    /** Enters namespaces of another process, its user namespace first. */
    public void joinNamespaces(PidFd of, Set<Namespace> namespaces) {
        program.add("join namespaces", Syscall.SETNS, program.number(of.fd()), Namespace.flags(namespaces));
    }

    /** Enters a namespace that is open. */
    public void enter(Fd namespace, Namespace kind) {
        program.add(
                "enter a namespace " + kind, Syscall.SETNS, program.number(namespace), Namespace.flags(Set.of(kind)));
    }

    /** Gets namespaces of its own. */
    public void unshare(Set<Namespace> namespaces) {
        program.add("make namespaces " + namespaces, Syscall.UNSHARE, Namespace.flags(namespaces));
    }

    /** Writes to a file that was opened before, such as {@code 0} to {@code cgroup.procs}. */
    public void write(Fd file, String text, String label) {
        byte[] bytes = FileName.encode(text);
        program.add(label, Syscall.WRITE, program.number(file), program.bytes(bytes), bytes.length);
    }

    /** A child apart is born into the PID namespace that it joined: what comes after this can be looked into. */
    public void beBorn() {
        Objects.requireNonNull(loader).addBirth(program);
    }

    public void setHostname(String name) {
        byte[] bytes = FileName.encode(name);
        program.add("set hostname " + name, Syscall.SETHOSTNAME, program.bytes(bytes), bytes.length);
    }

    /** What it does in its network, as steps of this program. */
    public ChildNetwork network() {
        return network;
    }

    // --- what it sees

    /** What it does to its mounts, as steps of this program. */
    public ChildMounts mounts() {
        return mounts;
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

    /**
     * Starts a process group of its own in our session, which what is typed at our terminal does not interrupt. Unlike a session
     * it is no group of the scheduler's besides, which on a busy machine waits for its turn among all others.
     */
    public void startGroup() {
        program.add("start a process group", Syscall.SETPGID, 0, 0);
    }

    /** Makes the terminal that has this number already that of its session, which has none. */
    public void takeTerminal(int terminal) {
        program.add("take the terminal", Syscall.IOCTL, terminal, TIOCSCTTY, 0);
    }

    /** Makes the numbers from {@code first} on mean what {@code files} mean, and keeps them over exec. */
    public void assign(List<Fd> files, int first) {
        int end = first + files.size();
        var copies = new ArrayList<SyscallProgram.@Nullable Slot>();
        for (int i = 0; i < files.size(); i++) {
            String label = "assign descriptor " + (first + i);
            long number = program.number(files.get(i));
            var copy = number < end
                    ? program.add(label, Syscall.FCNTL, number, F_DUPFD_CLOEXEC, end)
                            .result()
                    : null;
            copies.add(copy);
        }
        for (int i = 0; i < files.size(); i++) {
            var entry = program.add(
                    "assign descriptor " + (first + i), Syscall.DUP3, program.number(files.get(i)), first + i, 0);
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
        if (loader != null) {
            closeAllBut(loader.report(), first);
        } else if (standstill != null) {
            closeAllBut(Standstill.END, first);
        } else {
            program.add("close descriptors", Syscall.CLOSE_RANGE, first, 0xffffffffL, 0);
        }
    }

    private void closeAllBut(int kept, int first) {
        program.add("close descriptors", Syscall.CLOSE_RANGE, first, kept - 1L, 0);
        program.add("close descriptors", Syscall.CLOSE_RANGE, kept + 1L, 0xffffffffL, 0);
    }

    /** Lets exec close all descriptors from {@code first} on. */
    public void closeOnExecFrom(int first) {
        program.add("close descriptors", Syscall.CLOSE_RANGE, first, 0xffffffffL, CLOSE_RANGE_CLOEXEC);
    }

    // --- what it may

    /** What it gives up and becomes, as steps of this program. */
    public ChildRights rights() {
        return rights;
    }

    /** Lets the kernel reap its children without being asked. */
    public void ignoreChildren() {
        byte[] action = new byte[SIGACTION_BYTES];
        action[0] = 1; // SIG_IGN
        program.add("ignore children", Syscall.RT_SIGACTION, SIGCHLD, program.bytes(action), 0, SIGNAL_SET_BYTES);
    }

    /** Closes a descriptor. */
    void close(Fd file) {
        program.add("close a descriptor", Syscall.CLOSE, program.number(file));
    }

    /** Lets all signals through, ignored ones staying so. */
    void unblock() {
        program.add("unblock signals", Syscall.RT_SIGPROCMASK, SIG_SETMASK, program.longs(0), 0, SIGNAL_SET_BYTES);
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
        unblock();
    }

    /**
     * Finds out its own number, as the {@code /proc} that it sees has it: the value of a variable that its program finds in its
     * environment besides the others.
     */
    public void learnOwnNumber(String variable) {
        byte[] name = FileName.encode(variable + "=");
        MemorySegment line = program.memory(name.length + LONGEST_NUMBER + 1L); // zeroed, so that it ends in NUL
        MemorySegment.copy(name, 0, line, JAVA_BYTE, 0, name.length);
        program.add(
                "learn its own number",
                Syscall.READLINKAT,
                AT_FDCWD,
                program.text("/proc/self"),
                line.address() + name.length,
                LONGEST_NUMBER);
        ownNumber = line;
    }

    // --- the end

    /** Executes the first of these paths that is there. If none can be, one that is there but cannot be executed is the error. */
    public void execute(List<String> candidates, List<String> arguments, List<String> environment) {
        long argv = program.texts(arguments);
        long envp = program.texts(environment, ownNumber);
        int last = candidates.size() - 1;
        MemorySegment outcomes = program.memory(last * OUTCOME_BYTES);
        for (int i = 0; i < last; i++) {
            MemorySegment slot = outcomes.asSlice(i * OUTCOME_BYTES + 8, 8);
            outcomes.set(JAVA_LONG, i * OUTCOME_BYTES, slot.address());
            execute(candidates.get(i), argv, envp)
                    .ignoring(Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES)
                    .result(slot);
        }
        if (loader != null && last > 0) {
            loader.tell(program, outcomes);
        }
        execute(candidates.get(last), argv, envp);
    }

    private SyscallProgram.Entry execute(String path, long argv, long envp) {
        return program.add("execute " + path, Syscall.EXECVE, program.text(path), argv, envp);
    }

    /** Executes an open file. */
    public void execute(Fd file, List<String> arguments, List<String> environment) {
        program.add(
                "execute " + arguments.getFirst(),
                Syscall.EXECVEAT,
                program.number(file),
                empty,
                program.texts(arguments),
                program.texts(environment),
                AT_EMPTY_PATH);
    }

    @Override
    public void close() {
        owned.forEach(Fd::close);
        pauses.close();
        if (standstill != null) {
            standstill.close();
        }
        release.run();
        if (loader != null) {
            loader.close();
        }
    }
}
