package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The loopback interface of the network namespace in which the calling thread is.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/rtnetlink.7.html">rtnetlink(7)</a>
 */
public final class Loopback {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x8_0000;
    private static final int NETLINK_ROUTE = 0;
    private static final short RTM_NEWLINK = 16;
    private static final short NLM_F_REQUEST_ACK = 1 | 4;
    private static final short NLMSG_ERROR = 2;
    private static final int IFF_UP = 1;

    /** In each new namespace the loopback interface is the first. */
    private static final int INTERFACE = 1;

    // struct nlmsghdr, then struct ifinfomsg, of <linux/netlink.h> and <linux/rtnetlink.h>
    private static final int REQUEST_BYTES = 32;
    private static final int TYPE = 4;
    private static final int FLAGS = 6;
    private static final int INDEX = 20;
    private static final int INTERFACE_FLAGS = 24;
    private static final int CHANGED_FLAGS = 28;

    // the answer: struct nlmsghdr, then the errno of struct nlmsgerr
    private static final int ANSWER_BYTES = 256;
    private static final int ANSWER_ERRNO = 16;

    private Loopback() {}

    /** Sets it up, whereupon it has 127.0.0.1 and ::1. */
    public static void bringUp() throws SyscallException {
        String what = "bring up the loopback interface";
        try (Arena arena = Arena.ofConfined();
                Fd socket = Fd.owning(Libc.call(Syscall.SOCKET, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE)
                        .orThrow("open a netlink socket"))) {
            MemorySegment request = arena.allocate(REQUEST_BYTES, Long.BYTES);
            request.set(JAVA_INT, 0, REQUEST_BYTES);
            request.set(JAVA_SHORT, TYPE, RTM_NEWLINK);
            request.set(JAVA_SHORT, FLAGS, NLM_F_REQUEST_ACK);
            request.set(JAVA_INT, INDEX, INTERFACE);
            request.set(JAVA_INT, INTERFACE_FLAGS, IFF_UP);
            request.set(JAVA_INT, CHANGED_FLAGS, IFF_UP);
            Libc.call(Syscall.SENDTO, socket.number(), request.address(), REQUEST_BYTES, 0, 0, 0)
                    .orThrow(what);
            MemorySegment answer = arena.allocate(ANSWER_BYTES, Long.BYTES);
            long count = Libc.call(Syscall.RECVFROM, socket.number(), answer.address(), ANSWER_BYTES, 0, 0, 0)
                    .orThrow(what);
            if (count < ANSWER_ERRNO + Integer.BYTES || answer.get(JAVA_SHORT, TYPE) != NLMSG_ERROR) {
                throw new SyscallException(what, Errno.EIO);
            }
            int error = answer.get(JAVA_INT, ANSWER_ERRNO);
            if (error != 0) {
                throw new SyscallException(what, -error);
            }
        }
    }
}
