package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A unix socket on which processes tell how they are, in the way of sd_notify: each message is a datagram of lines such as {@code
 * READY=1}, and the kernel adds who sent it. Messages wait in the socket, whichever process has it, until somebody receives
 * them; a sender waits when there are too many (net.unix.max_dgram_qlen). Receiving never blocks. Thread-safe.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</a>
 */
public final class NoticeSocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0x8_0000 | 0x800;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x8_0000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PASSCRED = 16;
    private static final int SO_PASSPIDFD = 76; // Linux 6.5
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int ADDRESS_BYTES = 110; // struct sockaddr_un
    private static final int EVERYBODY = 0666;

    /** As systemd has it. Longer messages are cut, and of no use. */
    private static final int MAX_BYTES = 4096;

    private final Fd socket;

    private NoticeSocket(Fd socket) {
        this.socket = socket;
    }

    /**
     * What somebody tells.
     *
     * @param text its lines; empty if there were too many
     * @param pid who, as this process counts; 0 if the kernel does not say
     * @param sender a handle of that process, where the kernel gives one
     * @param descriptors what came along. By closing them the sender is told that its message was read
     */
    public record Notice(String text, long pid, Optional<PidFd> sender, List<Fd> descriptors) implements AutoCloseable {
        public Notice {
            descriptors = List.copyOf(descriptors);
        }

        @Override
        public void close() {
            sender.ifPresent(PidFd::close);
            descriptors.forEach(Fd::close);
        }
    }

    /** Makes one called {@code name} in place of what is there. Whoever sees it may send. */
    public static NoticeSocket open(Directory directory, String name) throws SyscallException {
        directory.unlink(name);
        Fd socket = Fd.owning(Libc.call(Syscall.SOCKET, AF_UNIX, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0)
                .orThrow("make a socket for notices"));
        try (Arena arena = Arena.ofConfined()) {
            Address address = Address.of(arena, directory.fd().path() + "/" + name);
            Libc.call(Syscall.BIND, socket.number(), address.bytes.address(), address.length)
                    .orThrow("bind a socket for notices");
            directory.chmod(name, EVERYBODY);
            MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
            setOption(socket, SO_PASSCRED, on).orThrow("ask for the senders of notices");
            Result handles = setOption(socket, SO_PASSPIDFD, on);
            if (!handles.failedWith(Errno.ENOPROTOOPT)) {
                handles.orThrow("ask for handles of the senders of notices");
            }
            return new NoticeSocket(socket);
        } catch (SyscallException e) {
            socket.close();
            throw e;
        }
    }

    private static Result setOption(Fd socket, int option, MemorySegment value) {
        return Libc.call(Syscall.SETSOCKOPT, socket.number(), SOL_SOCKET, option, value.address(), Integer.BYTES);
    }

    /** One that was made before, perhaps by another process. Takes {@code socket}. */
    public static NoticeSocket of(Fd socket) {
        return new NoticeSocket(socket);
    }

    /** A {@code struct sockaddr_un}. */
    private record Address(MemorySegment bytes, long length) {
        /** @param path of a file; or after {@code @} a name that is none */
        static Address of(Arena arena, String path) {
            byte[] name = path.getBytes(StandardCharsets.UTF_8);
            if (name.length == 0 || name.length > ADDRESS_BYTES - Short.BYTES - 1) {
                throw new IllegalArgumentException("no name for a socket: " + path);
            }
            boolean isAbstract = name[0] == '@';
            if (isAbstract) {
                name[0] = 0;
            }
            MemorySegment bytes = arena.allocate(ADDRESS_BYTES, Short.BYTES);
            bytes.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, bytes, JAVA_BYTE, Short.BYTES, name.length);
            return new Address(bytes, Short.BYTES + name.length + (isAbstract ? 0 : 1));
        }
    }

    /**
     * Tells somebody else how this process is: whoever started it and said so in {@code NOTIFY_SOCKET}.
     *
     * @param path of the socket; after {@code @} a name that is no file's
     * @throws SyscallException ENOENT or ECONNREFUSED if nobody is there, EAGAIN if too many messages wait
     */
    public static void tell(String path, String text) throws SyscallException {
        byte[] message = text.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined();
                Fd socket = Fd.owning(Libc.call(Syscall.SOCKET, AF_UNIX, SOCK_DGRAM_CLOEXEC, 0)
                        .orThrow("make a socket"))) {
            Address address = Address.of(arena, path);
            MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, message);
            Libc.call(
                            Syscall.SENDTO,
                            socket.number(),
                            bytes.address(),
                            message.length,
                            MSG_DONTWAIT | MSG_NOSIGNAL,
                            address.bytes.address(),
                            address.length)
                    .orThrow("tell " + path);
        }
    }

    /** The descriptor; still owned by this. */
    public Fd fd() {
        return socket;
    }

    /**
     * The message that waits longest. The caller closes it.
     *
     * @return empty if none waits
     */
    public Optional<Notice> receive() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            var message = AncillaryData.toReceive(arena, MAX_BYTES);
            Result result = Libc.retrying(
                    Syscall.RECVMSG, socket.number(), message.header().address(), MSG_DONTWAIT | MSG_CMSG_CLOEXEC, 0);
            if (result.failedWith(Errno.EAGAIN)) {
                return Optional.empty();
            }
            long count = result.orThrow("receive a notice");
            String text = message.isTruncated() ? "" : new String(message.content(count), StandardCharsets.UTF_8);
            return Optional.of(
                    new Notice(text, message.sender(), message.takeSender().map(PidFd::of), message.takeDescriptors()));
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
