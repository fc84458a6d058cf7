package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One launch. Confined to the caller, but for {@link #cloneChild}, which runs on a {@link LaunchThread}. */
final class Launch implements AutoCloseable {
    private static final long CLONE_VM = 0x100;
    private static final long CLONE_PIDFD = 0x1000;
    private static final long CLONE_VFORK = 0x4000;
    private static final long CLONE_PARENT_SETTID = 0x100000;
    private static final long CLONE_CLEAR_SIGHAND = 0x1_0000_0000L;
    private static final long CLONE_INTO_CGROUP = 0x2_0000_0000L;
    private static final long CLONE_NEWPID = 0x20000000;
    private static final int SIG_BLOCK = 0;
    private static final int SIGKILL = 9;
    private static final int SIGNAL_SET_BYTES = 8;
    /** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV: the JVM lives on these, and a blocked one that is raised ends it. */
    private static final long SYNCHRONOUS = 1L << 3 | 1L << 4 | 1L << 6 | 1L << 7 | 1L << 10;

    /** How many steps a child ahead can still be given: some hundred, and one for each directory in which its program may be. */
    private static final int ROOM = 512;

    /** How long a killed child may take to leave the kernel before its thread is left to itself. */
    private static final Duration LAST_WAIT = Duration.ofSeconds(5);

    private static final Duration KILL_INTERVAL = Duration.ofMillis(20);

    /** Where the children of this process are born. */
    private static final Fd OWN_PIDS = ownPids();

    private final SyscallProgram program;
    private final LaunchOptions options;
    private final SegmentAllocator memory;
    private final LaunchBlock block;
    private final long blockAddress;
    private final long pidNamespace;
    /** In their order. */
    private final List<ChildPauses.Pause> pauses;

    private final Optional<Handshake> first;
    /** Where a child ahead stands still. */
    private final Optional<Standstill> standstill;

    private final @Nullable Loader loader;
    private final LaunchThread.Work cloning = this::cloneChild;

    /** What clone3 returned, or -errno; written by the thread before it ends, read after. */
    private long cloned;

    private String attempted = "clone a child";
    private @Nullable LaunchThread thread;
    /** Until when a child that goes on may take its steps. */
    private long deadline;

    /** The child, once nobody waits for the thread any more: then it reaps by itself, whenever the kernel lets it. */
    private volatile @Nullable PidFd abandoned;

    /** Prepares the launch of a child. */
    Launch(ChildProgram child, LaunchOptions options) throws SyscallException {
        this(child, options, null, child.pauses());
    }

    /**
     * Prepares the launch of a child, which is the first stage of a child apart where there is a {@code loader}.
     *
     * @param later where the child, or the one apart, waits for us
     */
    Launch(ChildProgram child, LaunchOptions options, @Nullable Loader loader, ChildPauses later)
            throws SyscallException {
        this.loader = loader;
        this.program = child.program();
        this.options = options;
        this.memory = child.memory();
        this.block = new LaunchBlock(memory.allocate(LaunchBlock.BYTES, 16));
        this.blockAddress = block.address();
        this.pidNamespace = options.pidNamespace()
                .map(process -> (long) process.fd().number())
                .orElse(-1L);
        this.pauses = new ArrayList<>(later.all());
        this.standstill = child.standstill();
        this.first = options.preparation().isPresent()
                ? Optional.of(Handshake.open(memory, options.limit()))
                : Optional.empty();
        first.ifPresent(handshake -> pauses.addFirst(
                new ChildPauses.Pause(handshake, options.preparation().orElseThrow(), Duration.ZERO)));
    }

    private static Fd ownPids() {
        try {
            return Namespaces.open(Path.of("/proc/self/ns", Namespace.PID.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ChildProcess run() throws IOException {
        setFlags();
        block.setFirstEntry(program.assemble());
        // A loader finds its process among the children of the thread: there may be none of another launch.
        thread = loader == null ? LaunchThread.start(cloning) : LaunchThread.startNew(cloning);
        Duration limit = pauses.stream().map(ChildPauses.Pause::limit).reduce(options.limit(), Duration::plus);
        deadline = System.nanoTime() + limit.toNanos();
        Exception unprepared = prepare();
        return end(unprepared == null && join(deadline), unprepared);
    }

    private ChildProcess end(boolean inTime, @Nullable Exception unprepared) throws IOException {
        if (!inTime && !killAndJoin()) {
            abandoned = PidFd.of(Fd.owning(block.pidfd()));
            throw new LaunchException(currentLabel() + " (its thread hangs in the kernel)", Errno.ETIMEDOUT);
        }
        return conclude(inTime, unprepared);
    }

    // --- a child ahead, in two halves

    /** Launches a child that stands still, and returns when it does. */
    void runAhead() throws IOException {
        setFlags();
        block.setFirstEntry(program.assemble(ROOM));
        thread = LaunchThread.start(cloning);
        deadline = System.nanoTime() + options.limit().toNanos();
        if (!standstill.orElseThrow().await(memory, deadline)) {
            try (var unexpected = end(join(deadline), null)) {
                unexpected.pidfd().signal(SIGKILL);
                unexpected.pidfd().reap();
            }
            throw new IllegalStateException("a child ahead does not stand still");
        }
        program.receiveFrom(Standstill.FIRST_SENT);
    }

    /** Whether a child stands still, and has not ended. */
    boolean isStanding() throws SyscallException {
        return !standstill.orElseThrow().awaitGone(memory, System.nanoTime());
    }

    /** Has it take the steps that were added since. */
    void goOn() throws SyscallException {
        program.assembleRest();
        deadline = System.nanoTime() + options.limit().toNanos();
        try {
            standstill.orElseThrow().letGo(memory, program.descriptors());
        } catch (SyscallException e) {
            if (e.errno() != Errno.EPIPE) { // else it has ended, as who waits for it finds
                throw e;
            }
        }
    }

    /** Waits for the last of the steps, which is known by the end of what the child waited with. */
    ChildProcess await() throws IOException {
        if (!standstill.orElseThrow().awaitGone(memory, deadline)) {
            return end(false, null);
        }
        return block.errno() == 0 && program.at(block.currentEntry()).isExec()
                ? new ChildProcess(block.pid(), PidFd.of(Fd.owning(block.pidfd())))
                : end(join(deadline), null);
    }

    /** Ends a child that stands still. */
    void giveUp() throws SyscallException {
        try (var child = new ChildProcess(block.pid(), PidFd.of(Fd.owning(block.pidfd())))) {
            child.pidfd().signal(SIGKILL);
            child.pidfd().reap();
        }
    }

    private void setFlags() {
        long flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CLEAR_SIGHAND;
        flags |= Namespace.flags(options.namespaces());
        if (options.cgroup().isPresent()) {
            flags |= CLONE_INTO_CGROUP;
            block.setCgroup(options.cgroup().get().number());
        }
        first.ifPresent(handshake -> program.addFirst(handshake.steps(program)));
        block.setFlags(flags);
    }

    /** On the other thread: starts nothing, and wakes nobody. @return whether the thread is as it was before */
    private boolean cloneChild() {
        if (pidNamespace >= 0
                && Libc.call(Syscall.SETNS, pidNamespace, CLONE_NEWPID) instanceof Result.Failed(int errno)) {
            attempted = "enter the PID namespace";
            cloned = -errno;
        } else {
            blockSignals();
            cloned = Trampoline.launch(blockAddress);
            if (loader != null && cloned > 0) {
                loader.awaitEnd(cloned);
            }
        }
        boolean isBack = pidNamespace < 0 || enterOwnPids();
        pauses.forEach(pause -> pause.handshake().end());
        standstill.ifPresent(Standstill::giveUp);
        if (abandoned != null) {
            reapAbandoned(abandoned);
            if (loader != null) {
                loader.endChild();
            }
        }
        return isBack && loader == null;
    }

    private static boolean enterOwnPids() {
        return Libc.call(Syscall.SETNS, OWN_PIDS.number(), CLONE_NEWPID) instanceof Result.Done;
    }

    private static void reapAbandoned(PidFd child) {
        try (child) {
            child.reap();
        } catch (SyscallException e) {
            throw new IllegalStateException("cannot reap a child that hung", e);
        }
    }

    /** No handler of the JVM may run in the child, however shortly. Signals go to other threads. */
    private static void blockSignals() {
        try (Arena confined = Arena.ofConfined()) {
            long mask = confined.allocateFrom(JAVA_LONG, ~SYNCHRONOUS).address();
            if (Libc.call(Syscall.RT_SIGPROCMASK, SIG_BLOCK, mask, 0, SIGNAL_SET_BYTES)
                    instanceof Result.Failed(int errno)) {
                throw new IllegalStateException("cannot block signals: " + Errno.describe(errno));
            }
        }
    }

    private @Nullable Exception prepare() {
        try {
            for (ChildPauses.Pause pause : pauses) {
                long pid = pause.handshake().awaitChild(memory, deadline);
                if (pid == 0) {
                    return null;
                }
                pause.work().prepare(pid);
                pause.handshake().letGo(memory);
            }
            return null;
        } catch (IOException | RuntimeException e) {
            return e;
        }
    }

    /** @return false if time is over or the caller was interrupted, which it then still is */
    private boolean join(long until) {
        try {
            return Objects.requireNonNull(thread).join(cloning, Duration.ofNanos(until - System.nanoTime()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** @return false if the thread hangs in the kernel in spite of all */
    private boolean killAndJoin() {
        boolean interrupted = Thread.interrupted();
        long end = System.nanoTime() + LAST_WAIT.toNanos();
        try {
            while (System.nanoTime() < end) {
                if (block.pidfd() >= 0) {
                    Libc.call(Syscall.PIDFD_SEND_SIGNAL, block.pidfd(), SIGKILL, 0, 0);
                }
                if (join(System.nanoTime() + KILL_INTERVAL.toNanos())) {
                    return true;
                }
                interrupted |= Thread.interrupted();
            }
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private ChildProcess conclude(boolean inTime, @Nullable Exception unprepared) throws IOException {
        if (cloned < 0) {
            throw LaunchException.ofBirth(attempted, (int) -cloned);
        }
        var child = new ChildProcess(cloned, PidFd.of(Fd.owning(block.pidfd())));
        SyscallProgram.Entry last = program.at(block.currentEntry());
        if (loader != null && block.errno() == 0 && last.isExec()) {
            try (child) {
                child.pidfd().reap();
            }
            if (unprepared != null) {
                loader.endChild();
                throw thrown(unprepared);
            }
            return loader.conclude(inTime ? Optional.empty() : Optional.of(options.limit()));
        }
        if (inTime && block.errno() == 0 && last.isExec()) {
            return child;
        }
        try (child) {
            ProcessExit exit = child.pidfd().reap();
            if (unprepared != null) {
                throw thrown(unprepared);
            }
            if (block.errno() != 0) {
                throw program.failure(last, block.errno());
            }
            throw new LaunchException(
                    last.label()
                            + (inTime
                                    ? " (it ended meanwhile: " + exit + ")"
                                    : " (takes more than " + options.limit() + ")"),
                    inTime ? Errno.ESRCH : Errno.ETIMEDOUT);
        }
    }

    private static IOException thrown(Exception unprepared) {
        return switch (unprepared) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            default -> throw new IllegalStateException(unprepared);
        };
    }

    private String currentLabel() {
        return program.at(block.currentEntry()).label();
    }

    @Override
    public void close() {
        first.ifPresent(Handshake::close);
    }
}
