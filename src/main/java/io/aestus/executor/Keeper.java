package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.linux.Fd;
import io.aestus.linux.KeeperSocket;
import io.aestus.linux.PidFd;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pod's first process keeps for whoever looks after the pod: of each start of an app its process and its streams.
 * Entries are named {@code APP STARTS KIND}. Thread-safe; never blocks.
 */
final class Keeper implements AutoCloseable {
    /** The numbers of the socket's ends in the first process, see {@link Stage1.PodStart#keeper}. */
    private static final int WRITER = 3;

    private static final int READER = 4;

    private final KeeperSocket socket;

    private Keeper(KeeperSocket socket) {
        this.socket = socket;
    }

    static Keeper open() throws SyscallException {
        return new Keeper(KeeperSocket.open());
    }

    /** That of a pod whose first process runs. */
    static Keeper of(PidFd firstProcess) throws SyscallException {
        Fd writer = firstProcess.takeDescriptor(WRITER);
        try {
            return new Keeper(KeeperSocket.of(writer, firstProcess.takeDescriptor(READER)));
        } catch (SyscallException e) {
            writer.close();
            throw e;
        }
    }

    List<Fd> ends() {
        return List.of(socket.writer(), socket.reader());
    }

    /** What is kept. */
    enum Kind {
        /** The pidfd. */
        PROCESS,
        /** The read ends of stdout and stderr. */
        OUTPUT,
        /** The same, and the write end of stdin. */
        STREAMS,
        /** The master. */
        TERMINAL
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

    /** Everything that is kept. Close each. */
    synchronized List<Kept> parked() throws IOException {
        var kept = new ArrayList<Kept>();
        for (var entry : socket.parked()) {
            String[] words = entry.label().split(" ", -1);
            if (words.length != 3) {
                entry.close();
                throw new IOException("cannot read what a pod's first process keeps");
            }
            kept.add(new Kept(
                    new Start(AcName.parse(words[0]), Integer.parseInt(words[1])),
                    Kind.valueOf(words[2]),
                    entry.descriptors()));
        }
        return kept;
    }

    /** Keeps nothing more of an app, whichever start. */
    synchronized void release(AcName app) throws SyscallException {
        String prefix = app + " ";
        socket.remove(name -> name.startsWith(prefix));
    }

    private static String name(Start start, Kind kind) {
        return start.app() + " " + start.number() + " " + kind;
    }

    @Override
    public synchronized void close() {
        socket.close();
    }
}
