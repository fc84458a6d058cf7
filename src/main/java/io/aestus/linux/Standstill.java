package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How a child waits, for as long as it takes, to be told the rest of its steps: it holds nothing but its end of a socket, and gets
 * by that what it needs of ours. The end goes with exec, and so tells that the child has executed its program, or has ended.
 *
 * <p>When the agent dies meanwhile, an end of file tells the child, which ends; and the kernel's signal, should another child
 * that is just being launched have a copy of our end.
 */
final class Standstill implements AutoCloseable {
    /** What the child has its end as; above what is assigned to it. */
    static final int END = ChildProgram.MAX_ASSIGNED;
    /** What the first descriptor is that it is sent: its end stands in place of its streams too. */
    static final int FIRST_SENT = 3;

    /** Above all that is given a number here. */
    private static final int CLEAR = 2 * END;

    private static final int PR_SET_PDEATHSIG = 1;
    private static final int SIGKILL = 9;
    private static final int F_GETFD = 1;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int O_CLOEXEC = 0x8_0000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final ChildSocket socket;

    private Standstill(ChildSocket socket) {
        this.socket = socket;
    }

    static Standstill open(SegmentAllocator memory) throws SyscallException {
        return new Standstill(ChildSocket.open(memory));
    }

    /**
     * The child's part.
     *
     * @param kept what it opened itself and still needs
     */
    List<SyscallProgram.Entry> steps(SyscallProgram program, SegmentAllocator memory, List<SyscallProgram.Slot> kept) {
        var steps = new ArrayList<SyscallProgram.Entry>();
        for (SyscallProgram.Slot file : kept) { // out of the way of those below
            steps.add(moving(file, program.entry("keep a file", Syscall.FCNTL, 0, F_DUPFD_CLOEXEC, CLEAR)));
        }
        for (int number : new int[] {0, 1, 2, END}) {
            steps.add(
                    program.entry("keep a descriptor", Syscall.DUP3, program.number(socket.childs()), number, O_CLOEXEC)
                            .ignoring(Errno.EINVAL)); // it has that number already
        }
        int next = END + 1;
        for (SyscallProgram.Slot file : kept) {
            steps.add(moving(file, program.entry("keep a file", Syscall.DUP3, 0, next++, O_CLOEXEC)));
        }
        steps.add(program.entry("close descriptors", Syscall.CLOSE_RANGE, FIRST_SENT, END - 1L, 0));
        steps.add(program.entry("close descriptors", Syscall.CLOSE_RANGE, next, 0xffffffffL, 0));
        // The word is the number of a descriptor: without one it is none, and the child ends.
        var sent = AncillaryData.toReceive(memory, Long.BYTES);
        sent.bytes().set(JAVA_LONG, 0, -1);
        steps.add(program.entry("ask to end with the agent", Syscall.PRCTL, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
        steps.add(program.entry(
                "say that it is there", Syscall.WRITE, END, program.bytes(new byte[] {ChildSocket.READY}), 1));
        steps.add(program.entry(
                "wait for the rest", Syscall.RECVMSG, END, sent.header().address(), MSG_CMSG_CLOEXEC));
        steps.add(program.entry("be sent the rest", Syscall.FCNTL, 0, F_GETFD)
                .first(new SyscallProgram.Slot(sent.bytes())));
        steps.add(program.entry("ask to outlive the agent", Syscall.PRCTL, PR_SET_PDEATHSIG, 0, 0, 0, 0));
        return steps;
    }

    private static SyscallProgram.Entry moving(SyscallProgram.Slot file, SyscallProgram.Entry step) {
        step.first(file).result(file.memory());
        return step;
    }

    /** Waits until it stands still. @return false if it will not, or not in time */
    boolean await(SegmentAllocator memory, long deadline) throws SyscallException {
        if (socket.awaitChild(memory, deadline) == 0) {
            return false;
        }
        socket.leaveToChild();
        return true;
    }

    /**
     * Sends it descriptors of ours, by their numbers, and lets it go on.
     *
     * @throws SyscallException EPIPE if it has ended
     */
    void letGo(SegmentAllocator memory, Collection<Integer> descriptors) throws SyscallException {
        byte[] word = new byte[Long.BYTES];
        word[0] = (byte) END;
        var message = AncillaryData.toSend(memory, word, descriptors);
        Libc.retrying(Syscall.SENDMSG, socket.ours().number(), message.header().address(), MSG_NOSIGNAL, 0)
                .orThrow("send a child what it needs");
    }

    /** Waits until it has executed its program, or has ended. @return false if time is over */
    boolean awaitGone(SegmentAllocator memory, long deadline) throws SyscallException {
        return socket.awaitGone(memory, deadline);
    }

    /** Ends {@link #await}, from another thread: there is no child. */
    void giveUp() {
        socket.giveUp();
    }

    @Override
    public void close() {
        socket.close();
    }
}
