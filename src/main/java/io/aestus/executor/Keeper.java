package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.KeeperSocket;
import io.aestus.linux.PidFd;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a pod's first process keeps for whoever looks after the pod: the listener of its metadata service, the sockets on which apps
 * that were not started yet are reached, and of each start of an app its process and its streams. The entries of apps are named {@code APP STARTS KIND}. Thread-safe. Looking and taking out share one position in the socket with every
 * other process that has it, so both are done under a lock of the pod's; adding needs none.
 */
final class Keeper implements AutoCloseable {
    /** The numbers of the socket's ends in the first process, see {@link Stage1.StartedPod#keeper}. */
    private static final int WRITER = 3;

    private static final int READER = 4;

    /** What the listener is named: in one word, as nothing of an app is. */
    private static final String LISTENER = "metadata";

    /** What the sockets of an app are named: before its name. No app has a slash in its name. */
    private static final String SOCKETS = "sockets/";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final KeeperSocket socket;
    private final Path lock;

    private Keeper(KeeperSocket socket, Path lock) {
        this.socket = socket;
        this.lock = lock;
    }

    /**
     * That of a new pod. Takes the socket.
     *
     * @param lock a file of the pod's
     */
    static Keeper of(KeeperSocket socket, Path lock) {
        return new Keeper(socket, lock);
    }

    /** That of a pod whose first process runs. */
    static Keeper of(PidFd firstProcess, Path lock) throws SyscallException {
        Fd writer = firstProcess.takeDescriptor(WRITER);
        try {
            return new Keeper(KeeperSocket.of(writer, firstProcess.takeDescriptor(READER)), lock);
        } catch (SyscallException e) {
            writer.close();
            throw e;
        }
    }

    /** What is kept. */
    enum Kind {
        /** The pidfd. */
        PROCESS,
        /** The read ends of stdout and stderr. */
        OUTPUT,
        /** The write end of stdin. */
        INPUT,
        /** The master. */
        TERMINAL,
        /** The socket on which it tells of itself. */
        NOTICES
    }

    /** One start of an app. */
    record Start(AcName app, int number) {}

    /** Something kept; its descriptors are given away. */
    record Kept(Start start, Kind kind, List<Fd> descriptors) implements AutoCloseable {
        @Override
        public void close() {
            descriptors.forEach(Fd::close);
        }
    }

    /** Keeps duplicates of these. */
    synchronized void park(Start start, Kind kind, List<Fd> descriptors) throws SyscallException {
        socket.park(name(start, kind), descriptors);
    }

    /** Everything that is kept of apps. Close each. */
    synchronized List<Kept> parked() throws IOException {
        try (var _ = lock()) {
            return socket.parked().stream().flatMap(Keeper::kept).toList();
        }
    }

    private static Stream<Kept> kept(KeeperSocket.Entry entry) {
        if (entry.label().indexOf(' ') < 0) {
            entry.close();
            return Stream.empty();
        }
        String[] words = entry.label().split(" ", 3);
        var start = new Start(AcName.parse(words[0]), Integer.parseInt(words[1]));
        return Stream.of(new Kept(start, Kind.valueOf(words[2]), entry.descriptors()));
    }

    /** Keeps a duplicate of the listener of the metadata service as long as the pod lives. */
    synchronized void parkListener(Fd listener) throws SyscallException {
        socket.park(LISTENER, List.of(listener));
    }

    /** The listener of the metadata service, if the pod has one. Given away. */
    synchronized Optional<Fd> listener() throws IOException {
        return find(LISTENER).map(List::getFirst);
    }

    /** Keeps duplicates of the sockets of an app, whichever start, as long as it is there. */
    synchronized void parkSockets(AcName app, List<Fd> sockets) throws SyscallException {
        socket.park(SOCKETS + app, sockets);
    }

    /** The sockets of an app, if it has some. Given away. */
    synchronized Optional<List<Fd>> sockets(AcName app) throws IOException {
        return find(SOCKETS + app);
    }

    /** Keeps the sockets of an app no longer. */
    synchronized void releaseSockets(AcName app) throws IOException {
        try (var _ = lock()) {
            socket.remove((SOCKETS + app)::equals);
        }
    }

    private Optional<List<Fd>> find(String label) throws IOException {
        try (var _ = lock()) {
            Optional<List<Fd>> found = Optional.empty();
            for (KeeperSocket.Entry entry : socket.parked()) {
                if (entry.label().equals(label)) {
                    found = Optional.of(entry.descriptors());
                } else {
                    entry.close();
                }
            }
            return found;
        }
    }

    /** Keeps nothing more of an app, whichever start. */
    synchronized void release(AcName app) throws IOException {
        String prefix = app + " ";
        try (var _ = lock()) {
            socket.remove(name -> name.startsWith(prefix));
        }
    }

    /** Keeps no longer the end where an app's input is written: so that ends. */
    synchronized void releaseInput(AcName app) throws IOException {
        try (var _ = lock()) {
            socket.remove(name -> name.startsWith(app + " ") && name.endsWith(" " + Kind.INPUT));
        }
    }

    private FileLock lock() throws IOException {
        return FileLock.acquire(lock, FileLock.Kind.EXCLUSIVE, PATIENCE)
                .orElseThrow(() -> new IOException("cannot lock " + lock + ": another process holds it"));
    }

    private static String name(Start start, Kind kind) {
        return start.app() + " " + start.number() + " " + kind;
    }

    @Override
    public synchronized void close() {
        socket.close();
    }
}
