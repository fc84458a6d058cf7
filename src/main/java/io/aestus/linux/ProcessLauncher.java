package io.aestus.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Starts processes without leaving the JVM. Each launch has a {@link LaunchThread} to itself that enters the PID namespace the
 * child shall be born into, clones it by the {@link Trampoline}, waits in the kernel while the child takes the steps of its
 * {@link ChildProgram}, and goes back; it starts nothing else, since whatever it started would be in the foreign namespace
 * too. The caller meanwhile prepares the child and watches the clock: a child that hangs, in a dead mount
 * or because a process of the same user stops it, is killed by pidfd, and the thread comes free.
 *
 * <p>The child shares our memory until it executes something, while it already has another user and is seen by other
 * processes. So this process is made non-dumpable first: nobody may read its memory or take its descriptors then, short of
 * CAP_SYS_PTRACE over the host. A change of user makes a process as dumpable as {@code fs.suid_dumpable} says, in the shared
 * memory: where that is 1 nothing is launched. For places where somebody may have that power, or
 * could overwrite our program having it executed by {@code /proc/self/exe}, there are children {@linkplain ChildProgram#apart apart}.
 */
public final class ProcessLauncher {
    private static final Path SUID_DUMPABLE = Path.of("/proc/sys/fs/suid_dumpable");
    private static final Path OOM_SCORE_ADJ = Path.of("/proc/self/oom_score_adj");
    private static final int NEVER_KILLED = -1000;
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int DUMPABLE = 1;
    private final boolean oomProtected;
    private final Consumer<SyscallProgram> lastChange;

    private ProcessLauncher(boolean oomProtected, Consumer<SyscallProgram> lastChange) {
        this.oomProtected = oomProtected;
        this.lastChange = lastChange;
    }

    /**
     * Makes this process fit to launch others: non-dumpable, and if it may, never chosen when memory runs out.
     *
     * @throws IOException if {@code fs.suid_dumpable} is 1
     */
    public static ProcessLauncher open() throws IOException {
        return open(_ -> {});
    }

    /** The same for tests: {@code lastChange} sees each program before it is launched. */
    static ProcessLauncher open(Consumer<SyscallProgram> lastChange) throws IOException {
        if (Files.readString(SUID_DUMPABLE).strip().equals("1")) {
            throw new IOException(
                    "cannot launch processes: fs.suid_dumpable is 1, which would let them read this one's memory");
        }
        Libc.call(Syscall.PRCTL, PR_SET_DUMPABLE, 0).orThrow("make this process non-dumpable");
        requireNotDumpable();
        return new ProcessLauncher(protectFromOom(), lastChange);
    }

    /** Without CAP_SYS_RESOURCE the value cannot be lowered: then a group kill of a pod during a launch could reach us. */
    private static boolean protectFromOom() throws IOException {
        try {
            Files.writeString(OOM_SCORE_ADJ, Integer.toString(NEVER_KILLED));
        } catch (IOException refused) {
            return Integer.parseInt(Files.readString(OOM_SCORE_ADJ).strip()) == NEVER_KILLED;
        }
        return true;
    }

    /** Whether this process is exempt from being killed when memory runs out ({@code oom_score_adj} -1000). */
    public boolean isOomProtected() {
        return oomProtected;
    }

    /**
     * Launches a child and returns when it has executed its program.
     *
     * @throws LaunchException if it has not: nothing of it is left then
     */
    public ChildProcess launch(ChildProgram program, LaunchOptions options) throws IOException {
        lastChange.accept(program.program());
        try {
            return program.isApart() ? launchApart(program, options) : launchSharing(program, options);
        } finally {
            requireNotDumpable();
        }
    }

    /**
     * Launches a child ahead, and returns when it stands still. The program is closed with the child from then on.
     *
     * @throws LaunchException if it does not come so far: nothing of it is left then
     */
    public WaitingChild launchAhead(ChildProgram program, LaunchOptions options) throws IOException {
        lastChange.accept(program.program());
        var launch = new Launch(program, options);
        try {
            launch.runAhead();
            return new WaitingChild(program, launch, lastChange);
        } catch (IOException | RuntimeException e) {
            launch.close();
            throw e;
        } finally {
            requireNotDumpable();
        }
    }

    private static ChildProcess launchSharing(ChildProgram program, LaunchOptions options) throws IOException {
        try (var launch = new Launch(program, options)) {
            return launch.run();
        }
    }

    private ChildProcess launchApart(ChildProgram program, LaunchOptions options) throws IOException {
        Loader loader = program.loader().orElseThrow();
        if (options.pidNamespace().isPresent() || options.preparation().isPresent()) {
            throw new IllegalArgumentException("a child apart enters namespaces by itself");
        }
        try (var stage = changed(loader.stage(program.program()));
                var launch = new Launch(stage, options, loader, program.pauses())) {
            return launch.run();
        }
    }

    private ChildProgram changed(ChildProgram stage) {
        lastChange.accept(stage.program());
        return stage;
    }

    static void requireNotDumpable() throws SyscallException {
        if (Libc.call(Syscall.PRCTL, PR_GET_DUMPABLE).orThrow("ask whether this process is dumpable") == DUMPABLE) {
            Libc.call(Syscall.PRCTL, PR_SET_DUMPABLE, 0).orThrow("make this process non-dumpable");
            throw new IllegalStateException("this process became dumpable: other processes could read its memory");
        }
    }
}
