package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.time.Duration;

/** A socket between this process and a child that has not executed its program yet, which has copies of both ends. */
final class ChildSocket implements AutoCloseable {
    /** What the child says when it is there. */
    static final byte READY = 'r';

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PASSCRED = 16;
    private static final int SO_RCVTIMEO = 20;
    private static final int POLLIN = 1;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final byte GIVEN_UP = 'x';

    private final Fd ours;
    private final Fd childs;
    private boolean isChildsAlone;

    private ChildSocket(Fd ours, Fd childs) {
        this.ours = ours;
        this.childs = childs;
    }

    static ChildSocket open(SegmentAllocator memory) throws SyscallException {
        MemorySegment ends = memory.allocate(8, 4);
        Libc.call(Syscall.SOCKETPAIR, AF_UNIX, SOCK_STREAM_CLOEXEC, 0, ends.address())
                .orThrow("make a socket pair");
        var socket = new ChildSocket(Fd.owning(ends.get(JAVA_INT, 0)), Fd.owning(ends.get(JAVA_INT, 4)));
        try {
            socket.askForSender(memory);
            return socket;
        } catch (SyscallException e) {
            socket.close();
            throw e;
        }
    }

    /** Its number is not always that of the process that was cloned: one apart may have been born meanwhile. */
    private void askForSender(SegmentAllocator memory) throws SyscallException {
        MemorySegment on = memory.allocateFrom(JAVA_INT, 1);
        Libc.call(Syscall.SETSOCKOPT, ours.number(), SOL_SOCKET, SO_PASSCRED, on.address(), on.byteSize())
                .orThrow("ask for the number of a child");
    }

    /** Has the child wait no longer than that. */
    void limitChild(SegmentAllocator memory, Duration limit) throws SyscallException {
        MemorySegment time = memory.allocate(16, 8); // struct timeval
        time.setAtIndex(JAVA_LONG, 0, limit.toSeconds());
        time.setAtIndex(JAVA_LONG, 1, Math.max(1, limit.toNanosPart() / 1000));
        Libc.call(Syscall.SETSOCKOPT, childs.number(), SOL_SOCKET, SO_RCVTIMEO, time.address(), time.byteSize())
                .orThrow("limit how long a child waits");
    }

    Fd ours() {
        return ours;
    }

    Fd childs() {
        return childs;
    }

    /** Waits for the child. @return its number as this process counts; 0 if there will be none, or not in time */
    long awaitChild(SegmentAllocator memory, long deadline) throws SyscallException {
        if (!awaitEvent(memory, POLLIN, deadline)) {
            return 0;
        }
        var said = AncillaryData.toReceive(memory, 1);
        long count = Libc.retrying(Syscall.RECVMSG, ours.number(), said.header().address(), MSG_CMSG_CLOEXEC, 0)
                .orThrow("hear from a child");
        return count == 1 && said.content(1)[0] == READY ? said.sender() : 0;
    }

    /** Waits until nobody has the child's end any more. @return false if time is over */
    boolean awaitGone(SegmentAllocator memory, long deadline) throws SyscallException {
        return awaitEvent(memory, 0, deadline); // POLLHUP need not be asked for
    }

    /** Signals of the JVM, such as that for a thread dump, may come to this thread meanwhile. */
    private boolean awaitEvent(SegmentAllocator memory, int event, long deadline) throws SyscallException {
        MemorySegment poll = memory.allocate(8, 4); // struct pollfd
        poll.set(JAVA_INT, 0, ours.number());
        poll.set(JAVA_SHORT, 4, (short) event);
        MemorySegment limit = memory.allocate(16, 8); // struct timespec
        while (true) {
            long left = Math.max(0, deadline - System.nanoTime());
            limit.setAtIndex(JAVA_LONG, 0, left / 1_000_000_000L);
            limit.setAtIndex(JAVA_LONG, 1, left % 1_000_000_000L);
            Result result = Libc.call(Syscall.PPOLL, poll.address(), 1, limit.address(), 0, 8);
            if (!result.failedWith(Errno.EINTR)) {
                return result.orThrow("wait for a child") > 0;
            }
        }
    }

    /** Ends {@link #awaitChild}, from another thread: there is no child, or it has gone its way already. */
    synchronized void giveUp() {
        if (isChildsAlone) {
            return;
        }
        try {
            childs.writeFully(new byte[] {GIVEN_UP});
        } catch (SyscallException e) {
            throw new IllegalStateException("a socket of ours does not take one byte", e);
        }
    }

    /** From here on only the child has its end. */
    synchronized void leaveToChild() {
        isChildsAlone = true;
        childs.close();
    }

    @Override
    public synchronized void close() {
        ours.close();
        if (!isChildsAlone) {
            childs.close();
        }
    }
}
