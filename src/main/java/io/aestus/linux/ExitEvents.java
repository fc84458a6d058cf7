package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What the kernel tells of processes that end, by its process connector: a socket in which the exit of each process that is
 * watched for waits until somebody takes it out, whoever reaped the process and whichever process has the socket. For kernels
 * that do not remember how a process ended (before Linux 6.15). Which processes are watched for is a filter of the socket, by
 * their numbers, so that others do not fill it. Needs the host's own user, PID and network namespaces. Not thread-safe; who
 * shares the socket with other processes takes turns with them.
 *
 * @see <a href="https://docs.kernel.org/driver-api/connector.html">Kernel Connector</a>
 */
public final class ExitEvents implements AutoCloseable {
    /** How many processes can be watched for: the filter is no longer. */
    public static final int MOST = 3500;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0x8_0000 | 0x800;
    private static final int NETLINK_CONNECTOR = 11;
    private static final int PROCESSES = 1; // CN_IDX_PROC, the group and the index of its messages
    private static final int LISTEN = 1; // PROC_CN_MCAST_LISTEN
    private static final int IGNORE = 2;
    private static final int NLMSG_DONE = 3;
    private static final int EXIT = 0x8000_0000; // PROC_EVENT_EXIT
    private static final int ANSWER = 0; // PROC_EVENT_NONE

    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_FILTER = 26; // and SO_GET_FILTER
    private static final int SO_RCVBUFFORCE = 33;
    private static final int MSG_PEEK = 2;

    /** Room for the exits of some five thousand processes; an event takes several hundred bytes of kernel memory. */
    private static final int BUFFER_BYTES = 4 * 1024 * 1024;

    // struct sockaddr_nl
    private static final int ADDRESS_BYTES = 12;
    private static final int ADDRESS_SENDER = 4;
    private static final int ADDRESS_GROUPS = 8;

    // struct nlmsghdr, struct cn_msg, then the request
    private static final int TYPE = 4;
    private static final int INDEX = 16;
    private static final int VALUE = 20;
    private static final int CONTENT_LENGTH = 32;
    private static final int REQUEST = 36;
    private static final int REQUEST_BYTES = 40;

    // or struct proc_event
    private static final int WHAT = 36;
    private static final int ANSWER_ERRNO = 52;
    private static final int PID = 52;
    private static final int STATUS = 60;
    private static final int EVENT_BYTES = 256;

    // struct sock_fprog, struct sock_filter
    private static final int PROGRAM_BYTES = 16;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int OPERAND = 4;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int PASS = -1;
    private static final int DROP = 0;

    private final Fd socket;

    private ExitEvents(Fd socket) {
        this.socket = socket;
    }

    /**
     * A process that has ended.
     *
     * @param pid as the host counts
     * @param status as wait(2) gives it
     */
    public record Ended(int pid, int status) {}

    /**
     * A new socket, that watches for nobody yet.
     *
     * @throws SyscallException EPROTONOSUPPORT or ECONNREFUSED where the kernel has no such connector, or not in this network
     *     namespace; EPERM without CAP_NET_ADMIN on the host
     */
    public static ExitEvents open() throws SyscallException {
        Fd socket = Fd.owning(Libc.call(Syscall.SOCKET, AF_NETLINK, SOCK_DGRAM_CLOEXEC_NONBLOCK, NETLINK_CONNECTOR)
                .orThrow("open a socket for the ends of processes"));
        var events = new ExitEvents(socket);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocateFrom(JAVA_INT, BUFFER_BYTES);
            events.setOption(SO_RCVBUFFORCE, size).orThrow("enlarge a socket for the ends of processes");
            MemorySegment address = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
            address.set(JAVA_INT, ADDRESS_GROUPS, PROCESSES);
            Libc.call(Syscall.BIND, socket.number(), address.address(), ADDRESS_BYTES)
                    .orThrow("bind a socket for the ends of processes");
            events.send(LISTEN);
            events.awaitAnswer();
            events.watch(new TreeSet<>());
            events.takeAll();
            return events;
        } catch (SyscallException e) {
            socket.close();
            throw e;
        }
    }

    /** One that was opened before, perhaps by another process. Takes {@code socket}. */
    public static ExitEvents of(Fd socket) {
        return new ExitEvents(socket);
    }

    /** The descriptor; still owned by this. */
    public Fd fd() {
        return socket;
    }

    private void send(int request) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(REQUEST_BYTES, Long.BYTES);
            message.set(JAVA_INT, 0, REQUEST_BYTES);
            message.set(JAVA_SHORT, TYPE, (short) NLMSG_DONE);
            message.set(JAVA_INT, INDEX, PROCESSES);
            message.set(JAVA_INT, VALUE, PROCESSES);
            message.set(JAVA_SHORT, CONTENT_LENGTH, (short) (REQUEST_BYTES - REQUEST));
            message.set(JAVA_INT, REQUEST, request);
            Libc.call(Syscall.SENDTO, socket.number(), message.address(), REQUEST_BYTES, 0, 0, 0)
                    .orThrow("ask for the ends of processes");
        }
    }

    /** The answer is there when the request was sent, among what else happens on the host. */
    private void awaitAnswer() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_BYTES, Long.BYTES);
            while (receive(event, 0)) {
                if (event.get(JAVA_INT, WHAT) == ANSWER) {
                    int error = event.get(JAVA_INT, ANSWER_ERRNO);
                    if (error != 0) {
                        throw new SyscallException("ask for the ends of processes", error);
                    }
                    return;
                }
            }
        }
        throw new SyscallException("ask for the ends of processes", Errno.EPERM);
    }

    private void takeAll() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_BYTES, Long.BYTES);
            while (receive(event, 0)) {
                event.fill((byte) 0);
            }
        }
    }

    /** Those that are watched for. */
    public SortedSet<Integer> watched() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            String what = "read a filter";
            MemorySegment length = arena.allocateFrom(JAVA_INT, 0);
            MemorySegment none = arena.allocate(INSTRUCTION_BYTES);
            Libc.call(
                            Syscall.GETSOCKOPT,
                            socket.number(),
                            SOL_SOCKET,
                            SO_ATTACH_FILTER,
                            none.address(),
                            length.address())
                    .orThrow(what); // which says how many instructions there are
            int count = length.get(JAVA_INT, 0);
            MemorySegment program = arena.allocate((long) INSTRUCTION_BYTES * Math.max(count, 1), INSTRUCTION_BYTES);
            Libc.call(
                            Syscall.GETSOCKOPT,
                            socket.number(),
                            SOL_SOCKET,
                            SO_ATTACH_FILTER,
                            program.address(),
                            length.address())
                    .orThrow(what);
            return operands(program, count);
        }
    }

    /** What is compared for equality, but for the first: that is the kind of event. */
    private static SortedSet<Integer> operands(MemorySegment program, int count) {
        var pids = new TreeSet<Integer>();
        boolean isFirst = true;
        for (int i = 0; i < count; i++) {
            long at = (long) i * INSTRUCTION_BYTES;
            if (program.get(JAVA_SHORT, at) == JUMP_IF_EQUAL) {
                if (!isFirst) {
                    pids.add(asNetwork(program.get(JAVA_INT, at + OPERAND)));
                }
                isFirst = false;
            }
        }
        return pids;
    }

    /** Watches for these and no others from now on. What waits stays. */
    public void watch(SortedSet<Integer> pids) throws SyscallException {
        if (pids.size() > MOST) {
            throw new SyscallException("watch for the ends of " + pids.size() + " processes", Errno.E2BIG);
        }
        var program = new BpfProgram();
        int next = program.returning(DROP);
        for (int pid : pids) {
            next = program.branch(BpfProgram.Condition.EQUAL, asNetwork(pid), program.returning(PASS), next);
        }
        next = program.load(PID);
        program.branch(BpfProgram.Condition.EQUAL, asNetwork(EXIT), next, program.returning(DROP));
        program.load(WHAT);
        attach(program.bytes());
    }

    /** Filters load words as if they had come by a network. */
    private static int asNetwork(int number) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(number) : number;
    }

    private void attach(byte[] filter) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment instructions = arena.allocate(filter.length, INSTRUCTION_BYTES);
            instructions.copyFrom(MemorySegment.ofArray(filter));
            MemorySegment program = arena.allocate(PROGRAM_BYTES, Long.BYTES);
            program.set(JAVA_SHORT, 0, (short) (filter.length / INSTRUCTION_BYTES));
            program.set(JAVA_LONG, Long.BYTES, instructions.address());
            setOption(SO_ATTACH_FILTER, program).orThrow("filter the ends of processes");
        }
    }

    private Result setOption(int option, MemorySegment value) {
        return Libc.call(Syscall.SETSOCKOPT, socket.number(), SOL_SOCKET, option, value.address(), value.byteSize());
    }

    /** The end that waits longest, which stays. Empty if none waits. */
    public Optional<Ended> first() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(EVENT_BYTES, Long.BYTES);
            while (receive(event, MSG_PEEK)) {
                if (event.get(JAVA_INT, WHAT) == EXIT) {
                    return Optional.of(new Ended(event.get(JAVA_INT, PID), event.get(JAVA_INT, STATUS)));
                }
                receive(event, 0); // of no use
            }
            return Optional.empty();
        }
    }

    /** Takes out the end that waits longest. */
    public void take() throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            receive(arena.allocate(EVENT_BYTES, Long.BYTES), 0);
        }
    }

    /** Receives a message of the kernel's, without waiting. @return false if there is none */
    private boolean receive(MemorySegment event, int flags) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            while (true) {
                MemorySegment sender = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
                MemorySegment length = arena.allocateFrom(JAVA_INT, ADDRESS_BYTES);
                Result result = Libc.call(
                        Syscall.RECVFROM,
                        socket.number(),
                        event.address(),
                        event.byteSize(),
                        flags,
                        sender.address(),
                        length.address());
                if (result.failedWith(Errno.EAGAIN)) {
                    return false;
                }
                if (result.failedWith(Errno.EINTR) || result.failedWith(Errno.ENOBUFS)) {
                    continue; // where some were dropped the others are still there
                }
                result.orThrow("receive the end of a process");
                if (sender.get(JAVA_INT, ADDRESS_SENDER) == 0) {
                    return true;
                }
                if (flags == MSG_PEEK) { // of somebody who is not the kernel
                    Libc.call(Syscall.RECVFROM, socket.number(), event.address(), event.byteSize(), 0, 0, 0);
                }
            }
        }
    }

    /** Asks the kernel to tell no more, which on kernels before 6.6 it goes on to do otherwise. */
    public void end() throws SyscallException {
        send(IGNORE);
    }

    @Override
    public void close() {
        socket.close();
    }
}
