package io.aestus.executor;

import io.aestus.linux.Fd;
import io.aestus.linux.LoopbackListener;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;

/**
 * Where the metadata service receives the apps of pods: a listener on the loopback address of each pod's own network. So no route
 * leads there, no process stands between, and no other pod reaches it. The pod's first process keeps the listener: who takes a pod
 * over finds it with those who wait, and no app can put itself in its place meanwhile.
 */
final class Receptions {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    /** Known from rkt. A pod with the host's network gets any that is free. */
    private static final int PORT = 18112;

    /** How many callers wait in the kernel, roughly. */
    static final int BACKLOG = 64;

    /** How many of all pods' callers are answered at a time; pods take turns. */
    private static final int SEATS = 64;

    private final MetadataService service;
    private final Readiness readiness;
    private final Semaphore seats = new Semaphore(SEATS, true);

    Receptions(MetadataService service, Readiness readiness) {
        this.service = service;
        this.readiness = readiness;
    }

    /**
     * At which port whoever makes a pod shall listen, so that no thread need enter it.
     *
     * @return empty if nobody shall
     */
    static OptionalInt portOf(PodOptions options) {
        return isWanted(options) && options.network() != PodOptions.NetworkMode.HOST
                ? OptionalInt.of(PORT)
                : OptionalInt.empty();
    }

    private static boolean isWanted(PodOptions options) {
        return options.metadata() == PodOptions.Metadata.OFFERED;
    }

    /**
     * Receives the apps of a pod that is there, if they want the service.
     *
     * @param first the pod's first process, which is not reaped before this returns
     * @param made the listener, where the pod's maker has opened it. Taken
     */
    Optional<MetadataAddress> open(OwnedPod pod, long first, Keeper keeper, Optional<Fd> made) throws IOException {
        PodOptions options = pod.record().options();
        if (!isWanted(options)) {
            return Optional.empty();
        }
        LoopbackListener listener;
        if (made.isPresent()) {
            listener = LoopbackListener.of(made.get());
        } else {
            listener = options.network() == PodOptions.NetworkMode.HOST ? anywhere() : inside(first);
        }
        try {
            keeper.parkListener(listener.socket());
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        var address = MetadataAddress.at(listener.port());
        receive(pod, address, listener);
        return Optional.of(address);
    }

    private static LoopbackListener inside(long first) throws IOException {
        try (Fd network = Namespaces.of(first, Namespace.NETWORK)) {
            return Namespaces.inside(network, Namespace.NETWORK, () -> {
                Optional<LoopbackListener> usual = LoopbackListener.open(PORT, BACKLOG);
                return usual.isPresent() ? usual.get() : anywhere();
            });
        }
    }

    private static LoopbackListener anywhere() throws IOException {
        return LoopbackListener.open(LoopbackListener.ANY_PORT, BACKLOG)
                .orElseThrow(() -> new IOException("no port is free for the metadata service"));
    }

    /** Receives again in a pod that was taken over. */
    void resume(OwnedPod pod, MetadataAddress address, Keeper keeper) throws IOException {
        Optional<Fd> kept = keeper.listener();
        if (kept.isEmpty()) {
            LOG.log(Level.WARNING, "the apps of pod {0} have no metadata service: its listener is gone", pod.uuid());
            return;
        }
        receive(pod, address, LoopbackListener.of(kept.get()));
    }

    private void receive(OwnedPod pod, MetadataAddress address, LoopbackListener listener) throws IOException {
        var reception = new Reception(pod, address.token(), listener, service, readiness, seats);
        pod.setReception(reception);
        reception.open();
    }
}
