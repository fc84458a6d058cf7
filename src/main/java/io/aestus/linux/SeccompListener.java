package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The descriptor by which somebody answers what a filter asks about. The child that installed the filter has it until it executes
 * its program.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/seccomp_unotify.2.html">seccomp_unotify(2)</a>
 */
public final class SeccompListener {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0x8_0000 | 0x800;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int ADDRESS_BYTES = 110; // struct sockaddr_un
    private static final String KIND = "anon_inode:seccomp notify";

    private SeccompListener() {}

    /** Takes a copy of a child's, which stands still. */
    public static Fd take(PidFd child, long pid) throws IOException {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : open) {
                if (Files.readSymbolicLink(descriptor).toString().equals(KIND)) {
                    return child.takeDescriptor(
                            Integer.parseInt(descriptor.getFileName().toString()));
                }
            }
        }
        throw new IOException("process " + pid + " has no descriptor of its seccomp filter");
    }

    /**
     * Gives it to who answers: in one message, with bytes of the caller's, on a connection that ends with it.
     *
     * @throws SyscallException ENOENT or ECONNREFUSED if nobody is there, EAGAIN if too many wait to be heard
     */
    public static void handOver(Path socket, byte[] message, Fd listener) throws SyscallException {
        byte[] name = socket.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > ADDRESS_BYTES - Short.BYTES - 1) {
            throw new SyscallException("connect to " + socket, Errno.ENAMETOOLONG);
        }
        try (Arena arena = Arena.ofConfined();
                Fd connection = Fd.owning(Libc.call(Syscall.SOCKET, AF_UNIX, SOCK_STREAM_CLOEXEC_NONBLOCK, 0)
                        .orThrow("make a socket"))) {
            MemorySegment address = arena.allocate(ADDRESS_BYTES, Short.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, address, JAVA_BYTE, Short.BYTES, name.length);
            Libc.call(Syscall.CONNECT, connection.number(), address.address(), Short.BYTES + name.length + 1)
                    .orThrow("connect to " + socket);
            var parts = AncillaryData.toSend(arena, message, List.of(listener));
            Libc.retrying(Syscall.SENDMSG, connection.number(), parts.header().address(), MSG_NOSIGNAL, 0)
                    .orThrow("tell " + socket + " of a filter");
        }
    }
}
