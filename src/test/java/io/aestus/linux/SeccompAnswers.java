package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers what seccomp filters ask about, as an agent on the host does: calls have an errno and are not made, or go on. */
public final class SeccompAnswers implements AutoCloseable {
    /** Decides of a call. */
    @FunctionalInterface
    public interface Judge {
        /** The errno that the call has, or {@link #GOES_ON}. */
        int errno(AskedCall call) throws IOException;
    }

    /** What a judge says of a call that is made. */
    public static final int GOES_ON = 0;

    private static final int FLAG_CONTINUE = 1;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0x8_0000 | 0x800;
    private static final int SOCK_CLOEXEC = 0x8_0000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final long NOTIF_RECV = 0xc050_2100L;
    private static final long NOTIF_SEND = 0xc018_2101L;
    private static final int NOTICE_BYTES = 80;
    private static final int ANSWER_BYTES = 24;
    private static final int MOST_BYTES = 1 << 16;

    private final Fd socket;
    private final Judge judge;
    private final Thread thread;
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile boolean isClosed;

    private SeccompAnswers(Fd socket, Judge judge) {
        this.socket = socket;
        this.judge = judge;
        this.thread = Thread.ofPlatform().daemon().name("seccomp answers").unstarted(this::answer);
    }

    /** Listens at a path that is not there yet, and refuses every call. */
    public static SeccompAnswers open(Path path, int errno) throws IOException {
        return open(path, _ -> errno);
    }

    /** Listens at a path that is not there yet. */
    public static SeccompAnswers open(Path path, Judge judge) throws IOException {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(110, Short.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, address, JAVA_BYTE, Short.BYTES, name.length);
            Fd socket = Fd.owning(Libc.call(Syscall.SOCKET, AF_UNIX, SOCK_STREAM_CLOEXEC_NONBLOCK, 0)
                    .orThrow("make a socket"));
            Libc.call(Syscall.BIND, socket.number(), address.address(), Short.BYTES + name.length + 1)
                    .orThrow("bind a socket");
            Libc.call(Syscall.LISTEN, socket.number(), 16).orThrow("listen");
            var answers = new SeccompAnswers(socket, judge);
            answers.thread.start();
            return answers;
        }
    }

    /** What was said with each descriptor. */
    public List<String> told() {
        return List.copyOf(told);
    }

    private void answer() {
        var listeners = new ArrayList<Fd>();
        try (Epoll epoll = Epoll.open();
                Arena arena = Arena.ofConfined()) {
            epoll.add(socket, Epoll.IN, 0);
            while (!isClosed) {
                for (var ready : epoll.await(Duration.ofMillis(100))) {
                    if (ready.token() == 0) {
                        listeners.add(accept(arena));
                        epoll.add(listeners.getLast(), Epoll.IN, listeners.size());
                    } else {
                        Fd listener = listeners.get((int) ready.token() - 1);
                        if (!answer(arena, listener)) {
                            epoll.remove(listener); // nobody asks any more
                        }
                    }
                }
            }
        } catch (IOException e) {
            told.add("failed: " + e);
        } finally {
            listeners.forEach(Fd::close);
        }
    }

    private Fd accept(Arena arena) throws IOException {
        try (Fd connection = Fd.owning(
                Libc.call(Syscall.ACCEPT4, socket.number(), 0, 0, SOCK_CLOEXEC).orThrow("accept"))) {
            var message = AncillaryData.toReceive(arena, MOST_BYTES);
            long count = Libc.retrying(
                            Syscall.RECVMSG,
                            connection.number(),
                            message.header().address(),
                            MSG_CMSG_CLOEXEC,
                            0)
                    .orThrow("receive a descriptor");
            Fd listener = message.takeDescriptors().getFirst();
            told.add(new String(message.content(count), StandardCharsets.UTF_8));
            return listener;
        }
    }

    /** @return false if nobody asks any more; whoever is ended while it waits has no answer */
    private boolean answer(Arena arena, Fd listener) throws IOException {
        MemorySegment notice = arena.allocate(NOTICE_BYTES, 8);
        if (Libc.call(Syscall.IOCTL, listener.number(), NOTIF_RECV, notice.address())
                instanceof Result.Failed(int no)) {
            return no == Errno.EINTR;
        }
        int errno = judge.errno(AskedCall.of(notice));
        MemorySegment answer = arena.allocate(ANSWER_BYTES, 8);
        answer.set(JAVA_LONG, 0, notice.get(JAVA_LONG, 0));
        answer.set(JAVA_INT, 16, -errno);
        answer.set(JAVA_INT, 20, errno == GOES_ON ? FLAG_CONTINUE : 0);
        Libc.call(Syscall.IOCTL, listener.number(), NOTIF_SEND, answer.address());
        return true;
    }

    @Override
    public void close() throws InterruptedException {
        isClosed = true;
        thread.join();
        socket.close();
    }
}
