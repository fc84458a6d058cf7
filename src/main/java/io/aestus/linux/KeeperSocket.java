package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where descriptors are parked so that they outlive us: a pair of connected sockets that a pod's first process inherits and
 * never reads. Descriptors in a message that nobody received stay open as long as the sockets do. A later agent takes both
 * sockets out of that process and looks at the messages without receiving them.
 *
 * <p>Each entry is a message: a label that says what it is, and its descriptors. No two entries have the same label.
 *
 * <p>An entry is removed by turning the queue once: each message is put at the end before it is taken from the front, but
 * for those that shall go. So a crash at any point loses nothing; it may leave one entry twice, which {@link #parked}
 * reports once.
 *
 * <p>Whoever changes the content holds the pod's lock: the position for looking belongs to the socket, not to us. Never
 * blocks. Not thread-safe.
 */
public final class KeeperSocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 0x8_0000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_PEEK_OFF = 42;
    private static final int MSG_PEEK = 0x2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

    /** Room for some thousand entries; each takes several hundred bytes of kernel memory beside its content. */
    private static final int BUFFER_BYTES = 4 * 1024 * 1024;

    private static final int MAX_LABEL_BYTES = 4096;

    /**
     * What was parked. Owns the descriptors, which are duplicates: closing them leaves the parked ones as they are.
     *
     * @param label says what it is
     */
    public record Entry(String label, List<Fd> descriptors) implements AutoCloseable {
        public Entry {
            descriptors = List.copyOf(descriptors);
        }

        @Override
        public void close() {
            descriptors.forEach(Fd::close);
        }
    }

    private final Fd writer;
    private final Fd reader;

    private KeeperSocket(Fd writer, Fd reader) {
        this.writer = writer;
        this.reader = reader;
    }

    /** A new, empty pair. The pod's first process must inherit {@link #writer} and {@link #reader}. */
    public static KeeperSocket open() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(JAVA_INT, 2);
            Libc.call(Syscall.SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, ends.address())
                    .orThrow("make a keeper socket");
            var sockets = of(Fd.owning(ends.getAtIndex(JAVA_INT, 0)), Fd.owning(ends.getAtIndex(JAVA_INT, 1)));
            Result enlarged = sockets.setOption(sockets.writer, SO_SNDBUFFORCE, BUFFER_BYTES);
            if (!enlarged.failedWith(Errno.EPERM)) { // without CAP_NET_ADMIN there is room for some 280 entries
                enlarged.orThrow("enlarge a keeper socket");
            }
            return sockets;
        }
    }

    /** The pair that {@code pidfd_getfd} got out of a pod's first process; takes both. */
    public static KeeperSocket of(Fd writer, Fd reader) {
        return new KeeperSocket(writer, reader);
    }

    public Fd writer() {
        return writer;
    }

    public Fd reader() {
        return reader;
    }

    /**
     * Parks duplicates of {@code descriptors}, which stay the caller's.
     *
     * @param label 1 to 4096 bytes in UTF-8, not the label of an entry that is there
     * @throws SyscallException EAGAIN if there is no room left, ETOOMANYREFS if too many descriptors are parked
     */
    public void park(String label, List<Fd> descriptors) throws SyscallException {
        byte[] content = label.getBytes(StandardCharsets.UTF_8);
        if (content.length == 0 || content.length > MAX_LABEL_BYTES) { // one could not look past an empty message
            throw new IllegalArgumentException("labels have 1 to 4096 bytes, not " + content.length);
        }
        if (descriptors.size() > AncillaryData.MAX_DESCRIPTORS) {
            throw new IllegalArgumentException("too many descriptors for one entry: " + descriptors.size());
        }
        try (Arena arena = Arena.ofConfined()) {
            var message = AncillaryData.toSend(arena, content, descriptors);
            long flags = MSG_DONTWAIT | MSG_NOSIGNAL;
            Libc.retrying(Syscall.SENDMSG, writer.number(), message.header().address(), flags, 0)
                    .orThrow("park descriptors");
        }
    }

    /** All entries, none of which is taken out. Close each. */
    public List<Entry> parked() throws SyscallException {
        lookFrom(0);
        var found = new LinkedHashMap<String, Entry>();
        try {
            for (var entry = receive(MSG_PEEK); entry.isPresent(); entry = receive(MSG_PEEK)) {
                Entry next = entry.get();
                if (found.putIfAbsent(next.label, next) != null) {
                    next.close(); // what a crash left twice
                }
            }
            return List.copyOf(found.values());
        } catch (SyscallException | RuntimeException e) {
            found.values().forEach(Entry::close);
            throw e;
        } finally {
            lookFrom(-1);
        }
    }

    /**
     * Takes out the entries whose label {@code which} accepts.
     *
     * @return how many there were
     * @throws SyscallException EAGAIN if there is not even room for one entry more; then nothing is lost, but the order changed
     */
    public int remove(Predicate<String> which) throws SyscallException {
        int total = count();
        int removed = 0;
        for (int i = 0; i < total; i++) {
            try (Entry first = receive(MSG_PEEK).orElseThrow()) {
                if (which.test(first.label)) {
                    removed++;
                } else {
                    park(first.label, first.descriptors);
                }
            }
            receive(0).ifPresent(Entry::close);
        }
        return removed;
    }

    private int count() throws SyscallException {
        lookFrom(0);
        try {
            int count = 0;
            for (var entry = receive(MSG_PEEK); entry.isPresent(); entry = receive(MSG_PEEK)) {
                entry.get().close();
                count++;
            }
            return count;
        } finally {
            lookFrom(-1);
        }
    }

    private Optional<Entry> receive(int flags) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            var message = AncillaryData.toReceive(arena, MAX_LABEL_BYTES);
            Result result = Libc.retrying(
                    Syscall.RECVMSG,
                    reader.number(),
                    message.header().address(),
                    flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC,
                    0);
            if (result.failedWith(Errno.EAGAIN)) {
                return Optional.empty();
            }
            long count = result.orThrow("look at parked descriptors");
            if (count == 0) { // only where the other end is closed
                return Optional.empty();
            }
            var entry =
                    new Entry(new String(message.content(count), StandardCharsets.UTF_8), message.takeDescriptors());
            if (message.isTruncated()) {
                entry.close();
                throw new SyscallException("take parked descriptors", Errno.EMFILE);
            }
            return Optional.of(entry);
        }
    }

    /** Where the next look begins: at byte 0, or -1 for no memory of earlier looks. */
    private void lookFrom(int offset) throws SyscallException {
        setOption(reader, SO_PEEK_OFF, offset).orThrow("set where to look in a keeper socket");
    }

    private Result setOption(Fd socket, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocateFrom(JAVA_INT, value);
            return Libc.call(Syscall.SETSOCKOPT, socket.number(), SOL_SOCKET, option, number.address(), Integer.BYTES);
        }
    }

    /** Closes our ends; what is parked stays while another process has them. */
    @Override
    public void close() {
        writer.close();
        reader.close();
    }
}
