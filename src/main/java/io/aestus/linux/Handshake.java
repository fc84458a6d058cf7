package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * How a child waits until something was done to it, or because of it: it says that it is there, and waits for a word that only we
 * know.
 *
 * <p>When the agent dies meanwhile, the child dies with it. No end of file would tell it: it has copies of both ends itself, as
 * it has of every descriptor, locks included. The kernel's signal does; and should the agent have died before the child asked
 * for that, it waits in vain, but not for ever.
 */
final class Handshake implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PASSCRED = 16;
    private static final int SO_RCVTIMEO = 20;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int SIGKILL = 9;
    private static final int POLLIN = 1;
    private static final int F_GETFD = 1;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int O_CLOEXEC = 0x8_0000;
    private static final byte READY = 'r';
    private static final byte GIVEN_UP = 'x';

    private final Fd ours;
    private final Fd childs;
    /** The number of the child's end, in the child. */
    private int word;

    private Handshake(Fd ours, Fd childs) {
        this.ours = ours;
        this.childs = childs;
        this.word = childs.number();
    }

    /** @param limit after which the child gives up */
    static Handshake open(Arena arena, Duration limit) throws SyscallException {
        MemorySegment ends = arena.allocate(8, 4);
        Libc.call(Syscall.SOCKETPAIR, AF_UNIX, SOCK_STREAM_CLOEXEC, 0, ends.address())
                .orThrow("make a socket pair");
        var handshake = new Handshake(Fd.owning(ends.get(JAVA_INT, 0)), Fd.owning(ends.get(JAVA_INT, 4)));
        try {
            handshake.limitChild(arena, limit);
            handshake.askForSender(arena);
            return handshake;
        } catch (SyscallException e) {
            handshake.close();
            throw e;
        }
    }

    private void limitChild(Arena arena, Duration limit) throws SyscallException {
        MemorySegment time = arena.allocate(16, 8); // struct timeval
        time.setAtIndex(JAVA_LONG, 0, limit.toSeconds());
        time.setAtIndex(JAVA_LONG, 1, Math.max(1, limit.toNanosPart() / 1000));
        Libc.call(Syscall.SETSOCKOPT, childs.number(), SOL_SOCKET, SO_RCVTIMEO, time.address(), time.byteSize())
                .orThrow("limit how long a child waits");
    }

    /** Its number is not always that of the process that was cloned: one apart may have been born meanwhile. */
    private void askForSender(Arena arena) throws SyscallException {
        MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
        Libc.call(Syscall.SETSOCKOPT, ours.number(), SOL_SOCKET, SO_PASSCRED, on.address(), on.byteSize())
                .orThrow("ask for the number of a child");
    }

    /**
     * The child's part. The word is the number of a descriptor; the wrong one is not open. A change of user cancels what was asked
     * for the agent's end, so each time it is asked anew.
     */
    SyscallProgram.Entry[] steps(SyscallProgram program) {
        return steps(program, program.number(childs));
    }

    /** The child's part where it is to have its end as another descriptor from there on, which goes with exec. */
    SyscallProgram.Entry[] keep(SyscallProgram program, int number) {
        word = number;
        return new SyscallProgram.Entry[] {
            program.entry("keep a descriptor", Syscall.DUP3, program.number(childs), number, O_CLOEXEC)
        };
    }

    /** The child's part by that descriptor. */
    SyscallProgram.Entry[] stepsByKept(SyscallProgram program) {
        return steps(program, word);
    }

    private SyscallProgram.Entry[] steps(SyscallProgram program, long end) {
        MemorySegment word = program.memory(8);
        word.set(JAVA_LONG, 0, -1);
        return new SyscallProgram.Entry[] {
            program.entry("ask to end with the agent", Syscall.PRCTL, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0),
            program.entry("say that it is there", Syscall.WRITE, end, program.bytes(new byte[] {READY}), 1),
            program.entry("wait to be prepared", Syscall.READ, end, word.address(), 8),
            program.entry("be prepared", Syscall.FCNTL, 0, F_GETFD).first(new SyscallProgram.Slot(word)),
            program.entry("ask to outlive the agent", Syscall.PRCTL, PR_SET_PDEATHSIG, 0, 0, 0, 0)
        };
    }

    /** Waits for the child. @return its number as this process counts; 0 if there will be none, or not in time */
    long awaitChild(Arena arena, long deadline) throws SyscallException {
        MemorySegment poll = arena.allocate(8, 4); // struct pollfd
        poll.set(JAVA_INT, 0, ours.number());
        poll.set(JAVA_SHORT, 4, (short) POLLIN);
        if (!awaitInput(poll, arena.allocate(16, 8), deadline)) {
            return 0;
        }
        var said = AncillaryData.toReceive(arena, 1);
        long count = Libc.retrying(Syscall.RECVMSG, ours.number(), said.header().address(), MSG_CMSG_CLOEXEC, 0)
                .orThrow("hear from a child");
        return count == 1 && said.content(1)[0] == READY ? said.sender() : 0;
    }

    /** Signals of the JVM, such as that for a thread dump, may come to this thread meanwhile. */
    private static boolean awaitInput(MemorySegment poll, MemorySegment limit, long deadline) throws SyscallException {
        while (true) {
            long left = Math.max(0, deadline - System.nanoTime());
            limit.setAtIndex(JAVA_LONG, 0, left / 1_000_000_000L); // struct timespec
            limit.setAtIndex(JAVA_LONG, 1, left % 1_000_000_000L);
            Result result = Libc.call(Syscall.PPOLL, poll.address(), 1, limit.address(), 0, 8);
            if (!result.failedWith(Errno.EINTR)) {
                return result.orThrow("wait for a child") > 0;
            }
        }
    }

    /** Lets the child go on. */
    void letGo(Arena arena) throws SyscallException {
        ours.write(arena.allocateFrom(JAVA_LONG, word));
    }

    /** Ends {@link #awaitChild}, from another thread: there is no child, or it has gone its way already. */
    void end() {
        try {
            childs.writeFully(new byte[] {GIVEN_UP});
        } catch (SyscallException e) {
            throw new IllegalStateException("a socket of ours does not take one byte", e);
        }
    }

    @Override
    public void close() {
        ours.close();
        childs.close();
    }
}
