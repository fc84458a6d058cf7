package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A unix socket in a directory on which another program hands over one descriptor: what OCI runtimes call a console socket.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 */
public final class ConsoleSocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0x8_0000 | 0x800;
    private static final int SOCK_CLOEXEC = 0x8_0000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int ADDRESS_BYTES = 110; // struct sockaddr_un
    private static final int MAX_NAME_BYTES = 4096;

    private final Fd socket;

    private ConsoleSocket(Fd socket) {
        this.socket = socket;
    }

    /** Makes one called {@code name}, which nothing in {@code directory} is. */
    public static ConsoleSocket open(Directory directory, String name) throws SyscallException {
        byte[] path = (directory.fd().path() + "/" + name).getBytes(StandardCharsets.UTF_8);
        if (path.length > ADDRESS_BYTES - 3) {
            throw new IllegalArgumentException("too long a name for a socket: " + name);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_BYTES, Short.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(path, 0, address, JAVA_BYTE, Short.BYTES, path.length);
            Fd socket = Fd.owning(Libc.call(Syscall.SOCKET, AF_UNIX, SOCK_STREAM_CLOEXEC_NONBLOCK, 0)
                    .orThrow("make a console socket"));
            try {
                Libc.call(Syscall.BIND, socket.number(), address.address(), Short.BYTES + path.length + 1)
                        .orThrow("bind a console socket");
                Libc.call(Syscall.LISTEN, socket.number(), 1).orThrow("listen on a console socket");
                return new ConsoleSocket(socket);
            } catch (SyscallException e) {
                socket.close();
                throw e;
            }
        }
    }

    /**
     * The descriptor that a program handed over which has ended, or is done with it.
     *
     * @throws IOException if it handed over none
     */
    public Fd receive() throws IOException {
        Fd connection = Fd.owning(Libc.call(Syscall.ACCEPT4, socket.number(), 0, 0, SOCK_CLOEXEC)
                .orThrow("accept a connection to a console socket"));
        try (connection;
                Arena arena = Arena.ofConfined()) {
            var message = AncillaryData.toReceive(arena, MAX_NAME_BYTES);
            Libc.retrying(
                            Syscall.RECVMSG,
                            connection.number(),
                            message.header().address(),
                            MSG_DONTWAIT | MSG_CMSG_CLOEXEC,
                            0)
                    .orThrow("receive a terminal");
            List<Fd> taken = message.takeDescriptors();
            if (taken.size() != 1 || message.isTruncated()) {
                taken.forEach(Fd::close);
                throw new IOException("a console socket got " + taken.size() + " descriptors instead of one");
            }
            return taken.getFirst();
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
