package io.aestus.linux;

/** What a child does in its network. */
public final class ChildNetwork {
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int IFF_UP = 1;
    private static final int AF_INET = 2;
    private static final int SOCK_STREAM_NONBLOCK = 1 | 0x800;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;

    private final SyscallProgram program;

    ChildNetwork(SyscallProgram program) {
        this.program = program;
    }

    /** Brings the loopback interface of its network up. */
    public void raiseLoopback() {
        byte[] request = new byte[40]; // struct ifreq: name, flags
        request[0] = 'l';
        request[1] = 'o';
        var socket = program.add("open a socket for lo", Syscall.SOCKET, AF_INET, SOCK_DGRAM_CLOEXEC, 0)
                .result();
        request[16] = IFF_UP;
        program.add("bring lo up", Syscall.IOCTL, 0, SIOCSIFFLAGS, program.bytes(request))
                .first(socket);
    }

    /**
     * Listens on a TCP port of 127.0.0.1 in its network, by a descriptor that is kept over exec.
     *
     * @param number of the descriptor: the first one behind those that are assigned, which is done before
     */
    public void listen(int port, int backlog, int number) {
        var socket = program.add("make a socket", Syscall.SOCKET, AF_INET, SOCK_STREAM_NONBLOCK, 0)
                .result();
        byte[] address = LoopbackListener.address(port);
        program.add("bind port " + port, Syscall.BIND, 0, program.bytes(address), address.length)
                .first(socket);
        program.add("listen on port " + port, Syscall.LISTEN, 0, backlog).first(socket);
        program.add("assign descriptor " + number, Syscall.DUP3, 0, number, 0)
                .first(socket)
                .ignoring(Errno.EINVAL); // it has that number already
    }
}
