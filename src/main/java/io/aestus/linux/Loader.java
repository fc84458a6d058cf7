package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * How a child comes to be <em>apart</em>: one that shares neither memory nor program with us when others first see it, for
 * places where somebody may look into every process (CAP_SYS_PTRACE over the host) or overwrite our program (the host's root).
 *
 * <ol>
 *   <li>A first stage is launched as ever, in our own PID namespace, where those others see nothing. It keeps the descriptors
 *       that the program needs, closes all else, and executes an image in memory: the code of the {@link Trampoline} that
 *       walks a program, and the program with all that it points to, which was laid out at an address that is free there too.
 *   <li>The image, now a process of its own and non-dumpable, takes the steps: namespaces, mounts, streams, user,
 *       capabilities. Still nobody sees it.
 *   <li>When nothing is left that takes more power than the app has, it makes the process that executes the app's program, in
 *       the PID namespace of the app, as a child of ours (CLONE_PARENT), and ends when that has executed it. What can be
 *       looked into holds the app's own streams, arguments and environment, and nothing besides.
 * </ol>
 *
 * <p>Which process that is, the kernel tells: it is the other child of the thread that made the first stage. A step that
 * fails is told through a pipe; whoever looks into the new process could write there too, and could only spoil its own start.
 */
final class Loader implements AutoCloseable {
    private static final int CLONE_VFORK = 0x4000;
    private static final int CLONE_PARENT = 0x8000;
    private static final int P_PID = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x1000000;
    private static final int WALL = 0x40000000;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_GET_NO_NEW_PRIVS = 39;
    private static final int F_SETFD = 2;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int FD_CLOEXEC = 1;
    private static final int SIGKILL = 9;
    private static final int RECORD_BYTES = 16;
    private static final int FIRST_CLOSED = 3;

    /** Above what a child assigns: its streams, and sockets that were opened for it. */
    private static final int CLEAR = ChildProgram.MAX_ASSIGNED;

    private static final Path CHILDREN = Path.of("/proc/thread-self/children");

    /** How the image begins, up to the block's address and after it; {@code src/main/asm/loader-….s}. */
    private record Entry(String before, String after) {}

    private static final Entry X86_64 = new Entry("48bb", "");
    private static final Entry AARCH64 = new Entry("5300005803000014", "");

    private final FixedMemory memory;
    private final Pipe report;
    private final LaunchBlock block;
    private @Nullable SyscallProgram program;
    private SyscallProgram.@Nullable Entry birth;

    /** What the launching thread learns before it ends; read after. */
    private long child;

    private @Nullable IOException unknown;

    private Loader(FixedMemory memory, Pipe report) {
        this.memory = memory;
        this.report = report;
        this.block = new LaunchBlock(memory.allocate(LaunchBlock.BYTES, 16));
        block.setReport(report.writer().number());
    }

    static Loader open() throws IOException {
        if (!Files.exists(CHILDREN)) {
            throw new IOException(
                    "cannot make a child apart: this kernel tells no thread's children (CONFIG_PROC_CHILDREN)");
        }
        FixedMemory memory = FixedMemory.open();
        try (Pipe pipe = Pipe.open()) { // numbered clear of what the child assigns
            return new Loader(
                    memory, new Pipe(pipe.reader().duplicate(), pipe.writer().duplicate(CLEAR)));
        } catch (SyscallException e) {
            memory.close();
            throw e;
        }
    }

    /** Where the program and all that it points to must lie. */
    FixedMemory memory() {
        return memory;
    }

    /** What the image does first. */
    void addFirst(SyscallProgram program) {
        program.add("become non-dumpable", Syscall.PRCTL, PR_SET_DUMPABLE, 0, 0, 0, 0);
        program.add("keep the report", Syscall.FCNTL, program.number(report.writer()), F_SETFD, FD_CLOEXEC);
    }

    /** The number of the descriptor that tells of failures. */
    int report() {
        return report.writer().number();
    }

    /**
     * From here on the steps are those of the process that executes the app's program. The image waits until it has, and then
     * fails at the next step, which only the child, to which the clone returned 0, can take.
     */
    void addBirth(SyscallProgram program) {
        var number = program.add("make the process", Syscall.CLONE, CLONE_VFORK | CLONE_PARENT, 0, 0, 0, 0)
                .result();
        birth = program.add("go on as the process", Syscall.PRCTL, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
                .third(number);
    }

    boolean hasBirth() {
        return birth != null;
    }

    /** Tells what came of programs that were tried in vain: pairs of a slot and what is in it. */
    void tell(SyscallProgram program, MemorySegment outcomes) {
        program.add("tell why", Syscall.WRITE, report.writer().number(), outcomes.address(), outcomes.byteSize())
                .ignoringErrors();
    }

    /** The first stage, for a program that is complete. */
    ChildProgram stage(SyscallProgram complete) throws SyscallException {
        program = complete;
        block.setFirstEntry(program.assemble());
        var stage = new ChildProgram();
        try (Fd image = image()) {
            stage.closeOnExecFrom(FIRST_CLOSED);
            for (int descriptor : program.descriptors()) {
                stage.program().add("keep a descriptor", Syscall.FCNTL, descriptor, F_SETFD, 0);
            }
            stage.execute(stage.owns(image.duplicate()), List.of("aestus-app"), List.of());
            return stage;
        } catch (SyscallException e) {
            stage.close();
            throw e;
        }
    }

    /**
     * Executes the image in the place of this process, which then takes the steps. Nobody is left to be told of one that fails.
     *
     * @throws SyscallException if it cannot be executed; otherwise this does not return
     */
    void become(SyscallProgram complete) throws SyscallException {
        block.setReport(-1);
        block.setFirstEntry(complete.assemble());
        try (Fd image = image();
                Arena arena = Arena.ofConfined()) {
            for (int descriptor : complete.descriptors()) {
                Libc.call(Syscall.FCNTL, descriptor, F_SETFD, 0).orThrow("keep a descriptor");
            }
            var texts = new SyscallProgram(arena);
            long arguments = texts.texts(List.of("aestus"));
            long environment = texts.texts(List.of());
            Libc.call(Syscall.EXECVEAT, image.number(), texts.text(""), arguments, environment, AT_EMPTY_PATH)
                    .orThrow("execute a program in memory");
        }
    }

    private Fd image() throws SyscallException {
        Architecture architecture = Architecture.current();
        byte[] content = memory.content().toArray(JAVA_BYTE);
        return Memfd.sealed(
                "aestus-app",
                ElfImage.of(architecture, code(architecture, block.address()), content, memory.address()));
    }

    /** The image's code for a block at an address. */
    static byte[] code(Architecture architecture, long address) {
        Entry entry =
                switch (architecture) {
                    case X86_64 -> X86_64;
                    case AARCH64 -> AARCH64;
                };
        String number = HexFormat.of().toHexDigits(Long.reverseBytes(address));
        byte[] begin = HexFormat.of().parseHex(entry.before + number + entry.after);
        byte[] walk = Trampoline.walk(architecture);
        byte[] code = Arrays.copyOf(begin, begin.length + walk.length);
        System.arraycopy(walk, 0, code, begin.length, walk.length);
        return code;
    }

    // --- on the thread that made the first stage, which is thrown away

    /** Waits until the image has ended, and finds the process that it made. */
    void awaitEnd(long image) {
        Result result;
        do {
            result = Libc.call(Syscall.WAITID, P_PID, image, 0, WEXITED | WNOWAIT | WALL, 0);
        } while (result.failedWith(Errno.EINTR));
        try {
            result.orThrow("wait for the image of a child apart");
            for (var numbers = new StringTokenizer(Files.readString(CHILDREN)); numbers.hasMoreTokens(); ) {
                long number = Long.parseLong(numbers.nextToken());
                child = number == image ? child : number;
            }
        } catch (IOException e) {
            unknown = e;
        }
    }

    /** Ends the process that it made, when nobody waits any more. */
    void endChild() {
        if (child == 0) {
            return;
        }
        try (var process = PidFd.open(child).orElse(null)) {
            if (process != null) {
                process.signal(SIGKILL);
                process.reap();
            }
        } catch (SyscallException e) {
            throw new IllegalStateException("cannot end a child that nobody waits for", e);
        }
    }

    // --- after that thread

    /**
     * What came of it, once the image has ended and is reaped.
     *
     * @param limit that was exceeded, if it was
     * @throws LaunchException if the program was not executed: nothing is left then
     */
    ChildProcess conclude(Optional<Duration> limit) throws IOException {
        IOException failure = failure(Objects.requireNonNull(program), limit);
        if (failure != null) {
            endChild();
            throw failure;
        }
        return new ChildProcess(child, PidFd.open(child).orElseThrow());
    }

    private @Nullable IOException failure(SyscallProgram complete, Optional<Duration> limit) throws IOException {
        if (unknown != null) {
            return unknown;
        }
        readReport(complete);
        if (block.errno() != 0) {
            return complete.failure(complete.at(block.currentEntry()), block.errno());
        }
        if (limit.isPresent()) {
            return new LaunchException("start a child apart (takes more than " + limit.get() + ")", Errno.ETIMEDOUT);
        }
        return child != 0 ? null : new LaunchException("start a child apart (it ended meanwhile)", Errno.ESRCH);
    }

    /** The end of the image, which the birth brings, is no failure, a second one is the child's; and nothing that does not lie in the program is believed. */
    private void readReport(SyscallProgram complete) throws IOException {
        Pipe.setNonBlocking(report.reader());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment records =
                    arena.allocate((long) Pipe.available(report.reader()) / RECORD_BYTES * RECORD_BYTES, 8);
            int length = records.byteSize() == 0 ? 0 : report.reader().read(records);
            boolean isBorn = false;
            for (long at = 0; at + RECORD_BYTES <= length; at += RECORD_BYTES) {
                long address = records.get(JAVA_LONG, at);
                long value = records.get(JAVA_LONG, at + 8);
                if (complete.contains(address)) {
                    if (complete.at(address) != birth || isBorn) {
                        block.report(address, value);
                    }
                    isBorn |= complete.at(address) == birth;
                } else {
                    complete.setOutcome(address, value);
                }
            }
        }
    }

    @Override
    public void close() {
        report.close();
        memory.close();
    }
}
