package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Asks the kernel about the interfaces of the network in which the calling thread is, and changes them.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/rtnetlink.7.html">rtnetlink(7)</a>
 */
final class NetlinkSocket implements AutoCloseable {
    static final short RTM_NEWLINK = 16;
    static final short RTM_NEWADDR = 20;
    static final short RTM_GETADDR = 22;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x8_0000;
    private static final int NETLINK_ROUTE = 0;
    private static final int SIOCGIFINDEX = 0x8933;
    private static final short NLMSG_ERROR = 2;
    private static final short NLMSG_DONE = 3;
    private static final short NLM_F_REQUEST = 1;
    private static final short NLM_F_ACK = 4;
    private static final short NLM_F_DUMP = 0x300;
    private static final short NLM_F_CREATE_OR_REPLACE = 0x500;

    /** {@code struct nlmsghdr}. */
    private static final int HEADER_BYTES = 16;
    /** {@code struct ifreq}: a name, and what is asked. */
    private static final int REQUEST_BYTES = 40;

    private static final int NAME_BYTES = 16;
    private static final int ANSWER_BYTES = 64 * 1024;

    private final Fd socket;

    private NetlinkSocket(Fd socket) {
        this.socket = socket;
    }

    static NetlinkSocket open() throws SyscallException {
        return new NetlinkSocket(Fd.owning(Libc.call(Syscall.SOCKET, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE)
                .orThrow("open a netlink socket")));
    }

    /** A message to be filled, in the kernel's order of bytes. */
    static ByteBuffer message(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    /** Adds a {@code struct rtattr}. */
    static void attribute(ByteBuffer message, int type, byte[] value) {
        int length = 4 + value.length;
        message.putShort((short) length).putShort((short) type).put(value);
        message.position(message.position() + aligned(length) - length);
    }

    /** The same with a number. */
    static void attribute(ByteBuffer message, int type, int value) {
        message.putShort((short) (4 + Integer.BYTES)).putShort((short) type).putInt(value);
    }

    static int aligned(int length) {
        return length + 3 & -4;
    }

    /** Has something done. */
    void change(short type, ByteBuffer payload, String what) throws SyscallException {
        short flags = NLM_F_REQUEST | NLM_F_ACK;
        send(type, type == RTM_NEWADDR ? (short) (flags | NLM_F_CREATE_OR_REPLACE) : flags, payload);
        ByteBuffer answer = receive();
        if (answer.remaining() < HEADER_BYTES + Integer.BYTES || answer.getShort(4) != NLMSG_ERROR) {
            throw new SyscallException(what, Errno.EIO);
        }
        int error = answer.getInt(HEADER_BYTES);
        if (error != 0) {
            throw new SyscallException(what, -error);
        }
    }

    /** All that there is of one kind: each what follows its header. */
    List<ByteBuffer> all(short type, ByteBuffer payload, String what) throws SyscallException {
        send(type, (short) (NLM_F_REQUEST | NLM_F_DUMP), payload);
        var all = new ArrayList<ByteBuffer>();
        while (true) {
            ByteBuffer answer = receive();
            while (answer.remaining() >= HEADER_BYTES) {
                int length = answer.getInt(answer.position());
                short kind = answer.getShort(answer.position() + 4);
                if (kind == NLMSG_DONE) {
                    return all;
                }
                if (kind == NLMSG_ERROR || length < HEADER_BYTES || length > answer.remaining()) {
                    throw new SyscallException(what, Errno.EIO);
                }
                all.add(answer.slice(answer.position() + HEADER_BYTES, length - HEADER_BYTES)
                        .order(ByteOrder.nativeOrder()));
                answer.position(Math.min(answer.limit(), answer.position() + aligned(length)));
            }
        }
    }

    private void send(short type, short flags, ByteBuffer payload) throws SyscallException {
        payload.flip();
        byte[] message = new byte[HEADER_BYTES + payload.remaining()];
        ByteBuffer.wrap(message)
                .order(ByteOrder.nativeOrder())
                .putInt(message.length)
                .putShort(type)
                .putShort(flags)
                .putLong(0)
                .put(payload);
        socket.writeFully(message);
    }

    private ByteBuffer receive() throws SyscallException {
        byte[] bytes = new byte[ANSWER_BYTES];
        int count = Math.max(0, socket.read(bytes, 0, bytes.length));
        return ByteBuffer.wrap(bytes, 0, count).order(ByteOrder.nativeOrder());
    }

    /** The number of an interface. */
    OptionalInt index(String name) throws SyscallException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length >= NAME_BYTES) {
            return OptionalInt.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(REQUEST_BYTES, Long.BYTES);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, request, 0, bytes.length);
            Result result = Libc.call(Syscall.IOCTL, socket.number(), SIOCGIFINDEX, request.address());
            if (result.failedWith(Errno.ENODEV)) {
                return OptionalInt.empty();
            }
            result.orThrow("find interface " + name);
            return OptionalInt.of(request.get(JAVA_INT, NAME_BYTES));
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
