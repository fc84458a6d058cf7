package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.Port;
import io.aestus.linux.Epoll;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.linux.ServiceSocket;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the apps of one running pod are reached that start when somebody comes: a socket for each of their {@code socketActivated}
 * ports, open in the pod's network before the app is, and handed to each start of it. The pod's first process keeps them: who
 * comes while nobody looks after the pod waits there. Waiting costs no thread. Thread-safe.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html">sd_listen_fds(3)</a>
 */
final class Doors implements AutoCloseable {
    /** How many sockets one app may have. */
    private static final int MOST = 64;

    private final Readiness readiness;
    private final Keeper keeper;
    private final long first;
    private final Map<AcName, List<HandedSocket>> open = new HashMap<>();
    private final Map<AcName, List<Readiness.Wait>> waiting = new HashMap<>();
    private boolean isClosed;

    /** @param first the pod's first process */
    Doors(Readiness readiness, Keeper keeper, long first) {
        this.readiness = readiness;
        this.keeper = keeper;
        this.first = first;
    }

    /**
     * The sockets of an app, opened when they are first asked for.
     *
     * @param ports those at which it is to be waited for
     */
    synchronized List<HandedSocket> sockets(AcName app, List<Port> ports, PodOptions.NetworkMode network)
            throws IOException {
        List<HandedSocket> known = open.get(app);
        if (known == null) {
            List<String> names = names(app, ports);
            Optional<List<Fd>> kept = keeper.sockets(app).filter(all -> all.size() == names.size());
            List<Fd> sockets = kept.isPresent() ? kept.get() : make(app, ports, network);
            known = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                known.add(new HandedSocket(names.get(i), sockets.get(i)));
            }
            open.put(app, known);
        }
        return List.copyOf(known);
    }

    private static List<String> names(AcName app, List<Port> ports) {
        var names = new ArrayList<String>();
        for (Port port : ports) {
            if (names.size() + port.count() > MOST) {
                throw new AestusException(
                        Problem.INVALID, "cannot listen for app " + app + ": it has more than " + MOST + " ports");
            }
            for (int i = 0; i < port.count(); i++) {
                names.add(port.name().value());
            }
        }
        return names;
    }

    private List<Fd> make(AcName app, List<Port> ports, PodOptions.NetworkMode network) throws IOException {
        List<Fd> sockets;
        if (network == PodOptions.NetworkMode.HOST) {
            sockets = listen(app, ports);
        } else {
            try (Fd inside = Namespaces.of(first, Namespace.NETWORK)) {
                sockets = Namespaces.inside(inside, Namespace.NETWORK, () -> listen(app, ports));
            }
        }
        try {
            keeper.parkSockets(app, sockets);
            return sockets;
        } catch (IOException e) {
            sockets.forEach(Fd::close);
            throw e;
        }
    }

    private static List<Fd> listen(AcName app, List<Port> ports) throws SyscallException {
        try (var undo = new CloseOnFailure()) {
            for (Port port : ports) {
                for (int number = port.port(); number <= port.last(); number++) {
                    undo.sockets.add(listen(app, port, number));
                }
            }
            return undo.handOver();
        }
    }

    /** Sockets that are closed unless all could be opened. */
    private static final class CloseOnFailure implements AutoCloseable {
        private List<Fd> sockets = new ArrayList<>();

        List<Fd> handOver() {
            List<Fd> all = List.copyOf(sockets);
            sockets = List.of();
            return all;
        }

        @Override
        public void close() {
            sockets.forEach(Fd::close);
        }
    }

    private static Fd listen(AcName app, Port port, int number) throws SyscallException {
        ServiceSocket.Protocol protocol =
                switch (port.protocol()) {
                    case "tcp" -> ServiceSocket.Protocol.TCP;
                    case "udp" -> ServiceSocket.Protocol.UDP;
                    default ->
                        throw new AestusException(
                                Problem.UNSUPPORTED,
                                "cannot listen for app " + app + ": port " + port.name() + " is neither tcp nor udp");
                };
        try {
            return ServiceSocket.open(protocol, number);
        } catch (SyscallException e) {
            if (e.errno() == Errno.EADDRINUSE) {
                throw new AestusException(
                        Problem.CONFLICT,
                        "cannot listen for app " + app + ": port " + number + "/" + port.protocol()
                                + " of its network is taken",
                        e);
            }
            throw e;
        }
    }

    /** Whether an app has sockets. */
    synchronized boolean has(AcName app) {
        return open.containsKey(app);
    }

    /** Calls {@code then} once, when somebody comes to an app whose sockets are open, unless that was said before. */
    synchronized void await(AcName app, Runnable then) throws SyscallException {
        if (isClosed || waiting.containsKey(app)) {
            return;
        }
        var waits = new ArrayList<Readiness.Wait>();
        waiting.put(app, waits);
        for (HandedSocket one : open.getOrDefault(app, List.of())) {
            waits.add(readiness.when(one.socket(), Epoll.IN, () -> knock(app, waits, then)));
        }
    }

    private void knock(AcName app, List<Readiness.Wait> waits, Runnable then) {
        synchronized (this) {
            if (waiting.get(app) != waits) {
                return;
            }
            ignore(app);
        }
        then.run();
    }

    /** Waits for nobody at an app any more. */
    synchronized void ignore(AcName app) {
        List<Readiness.Wait> waits = waiting.remove(app);
        if (waits != null) {
            waits.forEach(Readiness.Wait::close);
        }
    }

    /** Closes the sockets of an app that is removed. */
    synchronized void remove(AcName app) throws IOException {
        ignore(app);
        List<HandedSocket> sockets = open.remove(app);
        if (sockets != null) {
            sockets.forEach(one -> one.socket().close());
            keeper.releaseSockets(app);
        }
    }

    /** Waits for nobody any more; who comes waits for who looks after the pod next. */
    @Override
    public synchronized void close() {
        isClosed = true;
        List.copyOf(waiting.keySet()).forEach(this::ignore);
        open.values().forEach(sockets -> sockets.forEach(one -> one.socket().close()));
        open.clear();
    }
}
