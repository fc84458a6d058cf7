package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A TCP socket that listens on 127.0.0.1 of the network in which it was opened, and goes on to do so whichever process or thread
 * has it. Unlike a channel of the JDK it can be handed from one process to the next. Never blocks.
 *
 * @param port on which it listens
 * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">ip(7)</a>
 */
public record LoopbackListener(Fd socket, int port) implements AutoCloseable {
    /** Any port that is free. */
    public static final int ANY_PORT = 0;

    private static final int AF_INET = 2;
    private static final int SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0x8_0000 | 0x800;

    private static final int SOCK_CLOEXEC_NONBLOCK = 0x8_0000 | 0x800;
    private static final int SHUT_WR = 1;

    // struct sockaddr_in of <netinet/in.h>: family, then port and address in the order of the network
    private static final int ADDRESS_BYTES = 16;
    private static final int PORT = 2;
    private static final int ADDRESS = 4;
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final ValueLayout.OfShort FAMILY = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfShort NETWORK_SHORT = FAMILY.withOrder(ByteOrder.BIG_ENDIAN);

    /**
     * Listens in the network of the calling thread.
     *
     * @param port where, or {@link #ANY_PORT}
     * @param backlog how many connections wait to be accepted, roughly; further ones wait to be made
     * @return empty if another socket has the port
     */
    public static Optional<LoopbackListener> open(int port, int backlog) throws SyscallException {
        Fd socket = Fd.owning(Libc.call(Syscall.SOCKET, AF_INET, SOCK_STREAM_CLOEXEC_NONBLOCK, 0)
                .orThrow("make a socket"));
        try {
            if (!bind(socket, port)) {
                socket.close();
                return Optional.empty();
            }
            Libc.call(Syscall.LISTEN, socket.number(), backlog).orThrow("listen on port " + port);
            return Optional.of(of(socket));
        } catch (SyscallException e) {
            socket.close();
            throw e;
        }
    }

    private static boolean bind(Fd socket, int port) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocateFrom(JAVA_BYTE, address(port));
            Result bound = Libc.call(Syscall.BIND, socket.number(), address.address(), ADDRESS_BYTES);
            if (bound.failedWith(Errno.EADDRINUSE)) {
                return false;
            }
            bound.orThrow("bind port " + port);
            return true;
        }
    }

    /** The {@code struct sockaddr_in} of a port of 127.0.0.1. */
    static byte[] address(int port) {
        var bytes = new byte[ADDRESS_BYTES];
        MemorySegment address = MemorySegment.ofArray(bytes);
        address.set(FAMILY, 0, (short) AF_INET);
        address.set(NETWORK_SHORT, PORT, (short) port);
        System.arraycopy(LOOPBACK, 0, bytes, ADDRESS, LOOPBACK.length);
        return bytes;
    }

    /** One that was opened before, perhaps by another process. Takes {@code socket}. */
    public static LoopbackListener of(Fd socket) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
            MemorySegment length = arena.allocateFrom(JAVA_INT, ADDRESS_BYTES);
            Libc.call(Syscall.GETSOCKNAME, socket.number(), address.address(), length.address())
                    .orThrow("ask where a socket listens");
            return new LoopbackListener(socket, Short.toUnsignedInt(address.get(NETWORK_SHORT, PORT)));
        }
    }

    /**
     * A connection that waits, non-blocking.
     *
     * @return empty if none does
     * @throws SyscallException EMFILE or ENFILE if there are too many descriptors; the connection goes on to wait
     */
    public Optional<Fd> accept() throws SyscallException {
        while (true) {
            Result accepted = Libc.retrying(Syscall.ACCEPT4, socket.number(), 0, 0, SOCK_CLOEXEC_NONBLOCK);
            if (accepted.failedWith(Errno.EAGAIN)) {
                return Optional.empty();
            }
            if (!accepted.failedWith(Errno.ECONNABORTED)) { // who has gone again while waiting is nobody
                return Optional.of(Fd.owning(accepted.orThrow("accept a connection")));
            }
        }
    }

    /** Tells the other end of a connection that nothing follows. One that is broken is left alone. */
    public static void endOutput(Fd connection) throws SyscallException {
        Result ended = Libc.call(Syscall.SHUTDOWN, connection.number(), SHUT_WR);
        if (!ended.failedWith(Errno.ENOTCONN)) {
            ended.orThrow("end what is said on a connection");
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
