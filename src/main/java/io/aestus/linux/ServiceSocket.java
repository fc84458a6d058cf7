package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Sockets on which a service is reached at every address of the network in which they are opened, made before the service is
 * there: they go on to be reached whichever process has them. For both versions of IP where the host has both.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/ipv6.7.html">ipv6(7)</a>
 */
public final class ServiceSocket {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x8_0000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int BACKLOG = 4096;

    // struct sockaddr_in and sockaddr_in6 of <netinet/in.h>: family, then the port in the order of the network
    private static final int ADDRESS_BYTES = 16;
    private static final int ADDRESS6_BYTES = 28;
    private static final int PORT = 2;
    private static final ValueLayout.OfShort FAMILY = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfShort NETWORK_SHORT = FAMILY.withOrder(ByteOrder.BIG_ENDIAN);

    private ServiceSocket() {}

    /** What is spoken. */
    public enum Protocol {
        /** Listens. */
        TCP(SOCK_STREAM),
        /** Receives. */
        UDP(SOCK_DGRAM);

        private final int type;

        Protocol(int type) {
            this.type = type;
        }
    }

    /**
     * Opens one in the network of the calling thread.
     *
     * @throws SyscallException EADDRINUSE if another socket has the port
     */
    public static Fd open(Protocol protocol, int port) throws SyscallException {
        Result both = Libc.call(Syscall.SOCKET, AF_INET6, protocol.type | SOCK_CLOEXEC, 0);
        if (both instanceof Result.Done(long number)) {
            Fd socket = Fd.owning(number);
            Result bound = bind6(socket, port);
            if (!bound.failedWith(Errno.EADDRNOTAVAIL)) { // so it fails where IPv6 is there, but turned off
                return ready(socket, bound, protocol, port);
            }
            socket.close();
        } else if (!both.failedWith(Errno.EAFNOSUPPORT)) {
            both.orThrow("make a socket");
        }
        Fd socket = Fd.owning(Libc.call(Syscall.SOCKET, AF_INET, protocol.type | SOCK_CLOEXEC, 0)
                .orThrow("make a socket"));
        return ready(socket, bind(socket, address(AF_INET, ADDRESS_BYTES, port)), protocol, port);
    }

    private static Fd ready(Fd socket, Result bound, Protocol protocol, int port) throws SyscallException {
        try {
            bound.orThrow("bind port " + port);
            if (protocol == Protocol.TCP) {
                Libc.call(Syscall.LISTEN, socket.number(), BACKLOG).orThrow("listen on port " + port);
            }
            return socket;
        } catch (SyscallException e) {
            socket.close();
            throw e;
        }
    }

    private static Result bind6(Fd socket, int port) {
        setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0); // where that is refused IPv4 alone is missing
        return bind(socket, address(AF_INET6, ADDRESS6_BYTES, port));
    }

    private static byte[] address(int family, int length, int port) {
        var bytes = new byte[length];
        MemorySegment address = MemorySegment.ofArray(bytes);
        address.set(FAMILY, 0, (short) family);
        address.set(NETWORK_SHORT, PORT, (short) port);
        return bytes;
    }

    private static Result bind(Fd socket, byte[] address) {
        setOption(socket, SOL_SOCKET, SO_REUSEADDR, 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, address);
            return Libc.call(Syscall.BIND, socket.number(), bytes.address(), address.length);
        }
    }

    private static void setOption(Fd socket, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocateFrom(JAVA_INT, value);
            Libc.call(Syscall.SETSOCKOPT, socket.number(), level, option, number.address(), Integer.BYTES);
        }
    }
}
