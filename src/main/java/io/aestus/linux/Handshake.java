package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
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
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int SIGKILL = 9;
    private static final int F_GETFD = 1;
    private static final int O_CLOEXEC = 0x8_0000;

    private final ChildSocket socket;
    /** The number of the child's end, in the child. */
    private int word;

    private Handshake(ChildSocket socket) {
        this.socket = socket;
        this.word = socket.childs().number();
    }

    /** @param limit after which the child gives up */
    static Handshake open(SegmentAllocator memory, Duration limit) throws SyscallException {
        ChildSocket socket = ChildSocket.open(memory);
        try {
            socket.limitChild(memory, limit);
            return new Handshake(socket);
        } catch (SyscallException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * The child's part. The word is the number of a descriptor; the wrong one is not open. A change of user cancels what was asked
     * for the agent's end, so each time it is asked anew.
     */
    SyscallProgram.Entry[] steps(SyscallProgram program) {
        return steps(program, program.number(socket.childs()));
    }

    /** The child's part where it is to have its end as another descriptor from there on, which goes with exec. */
    SyscallProgram.Entry[] keep(SyscallProgram program, int number) {
        word = number;
        return new SyscallProgram.Entry[] {
            program.entry("keep a descriptor", Syscall.DUP3, program.number(socket.childs()), number, O_CLOEXEC)
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
            program.entry("say that it is there", Syscall.WRITE, end, program.bytes(new byte[] {ChildSocket.READY}), 1),
            program.entry("wait to be prepared", Syscall.READ, end, word.address(), 8),
            program.entry("be prepared", Syscall.FCNTL, 0, F_GETFD).first(new SyscallProgram.Slot(word)),
            program.entry("ask to outlive the agent", Syscall.PRCTL, PR_SET_PDEATHSIG, 0, 0, 0, 0)
        };
    }

    /** Waits for the child. @return its number as this process counts; 0 if there will be none, or not in time */
    long awaitChild(SegmentAllocator memory, long deadline) throws SyscallException {
        return socket.awaitChild(memory, deadline);
    }

    /** Lets the child go on. */
    void letGo(SegmentAllocator memory) throws SyscallException {
        socket.ours().write(memory.allocateFrom(JAVA_LONG, word));
    }

    /** Ends {@link #awaitChild}, from another thread: there is no child, or it has gone its way already. */
    void end() {
        socket.giveUp();
    }

    @Override
    public void close() {
        socket.close();
    }
}
