package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import io.aestus.linux.FileLock;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The pods that this process owns: those that run, for good; others, while somebody here works on them.
 */
final class PodTable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private final Engine engine;
    private final PodRun pods;
    private final Adoption adoption;
    private final OwnerServer server;
    private final Map<PodUuid, OwnedPod> owned = new HashMap<>();
    private final Set<PodUuid> changing = new HashSet<>();

    PodTable(Engine engine) {
        this.engine = engine;
        this.pods = new PodRun(engine, this::letGoIfIdle);
        this.adoption = new Adoption(engine, pods);
        this.server = new OwnerServer(engine, this);
    }

    PodRun pods() {
        return pods;
    }

    /** The right to work on a pod, which this process owns meanwhile. */
    final class Lease implements AutoCloseable {
        private final OwnedPod pod;

        private Lease(OwnedPod pod) {
            this.pod = pod;
        }

        OwnedPod pod() {
            return pod;
        }

        @Override
        public void close() {
            release(pod);
        }
    }

    /** Becomes the owner of a pod, if no other process is. @throws AestusException if there is none */
    Optional<Lease> tryLease(PodUuid uuid) throws IOException, InterruptedException {
        var here = findOrReserve(uuid);
        if (here.isPresent()) {
            return here.map(Lease::new);
        }
        try {
            var lock = engine.files().tryOwn(uuid);
            if (lock.isEmpty()) {
                return Optional.empty();
            }
            Lease lease = admit(adopted(uuid, lock.get()));
            pods.settle(lease.pod());
            return Optional.of(lease);
        } finally {
            unreserve(uuid);
        }
    }

    private OwnedPod adopted(PodUuid uuid, FileLock lock) throws IOException {
        try {
            return adoption.open(engine.files().read(uuid), lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** The same, of a pod that must not belong to another process. */
    Lease lease(PodUuid uuid) throws IOException, InterruptedException {
        return tryLease(uuid)
                .orElseThrow(() -> new AestusException(
                        Problem.CONFLICT, "cannot change pod " + uuid + ": another process looks after it"));
    }

    /** The right to work on a pod that this process owns already. */
    Optional<Lease> leaseIfOwned(PodUuid uuid) {
        return find(uuid).map(Lease::new);
    }

    /** Takes a pod that was made just now. */
    synchronized Lease admit(OwnedPod pod) {
        owned.put(pod.uuid(), pod);
        pod.lease();
        return new Lease(pod);
    }

    /** The pod, if this process owns it. */
    synchronized Optional<OwnedPod> peek(PodUuid uuid) {
        return Optional.ofNullable(owned.get(uuid));
    }

    private synchronized Optional<OwnedPod> find(PodUuid uuid) {
        var pod = peek(uuid);
        pod.ifPresent(OwnedPod::lease);
        return pod;
    }

    /**
     * Waits until nobody changes who owns a pod.
     *
     * @return the pod, with one lease more, if this process owns it; else the caller now changes that
     */
    private synchronized Optional<OwnedPod> findOrReserve(PodUuid uuid) throws InterruptedException {
        while (changing.contains(uuid)) {
            wait();
        }
        var pod = find(uuid);
        if (pod.isEmpty()) {
            changing.add(uuid);
        }
        return pod;
    }

    private synchronized void unreserve(PodUuid uuid) {
        changing.remove(uuid);
        notifyAll();
    }

    private void release(OwnedPod pod) {
        synchronized (this) {
            if (!pod.isIdleAfterLease() || owned.get(pod.uuid()) != pod) {
                if (pod.isFirstTimeKept()) {
                    server.announce(pod.uuid());
                }
                return;
            }
            owned.remove(pod.uuid());
            changing.add(pod.uuid());
        }
        pod.letGo();
        unreserve(pod.uuid());
    }

    private void letGoIfIdle(PodUuid uuid) {
        find(uuid).ifPresent(this::release);
    }

    /** Adopts every running pod that no process owns. */
    void adoptAll() throws IOException, InterruptedException {
        for (PodUuid uuid : engine.files().list(pod -> peek(pod).isPresent())) {
            try {
                if (peek(uuid).isEmpty() && isAlive(uuid)) {
                    tryLease(uuid).ifPresent(Lease::close);
                }
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "cannot look after pod " + uuid, e);
            }
        }
    }

    private boolean isAlive(PodUuid uuid) throws IOException {
        return engine.files()
                .find(uuid)
                .filter(pod -> switch (pod.state()) {
                    case PodState.Starting _, PodState.Running _ -> true;
                    case PodState.Prepared _, PodState.Exited _, PodState.Aborted _ -> false;
                })
                .isPresent();
    }

    /** No other process is served from here on. */
    void beginClosing() throws IOException {
        server.close();
        pods.beginClosing();
    }

    /** Lets go of all. */
    void close() {
        List<OwnedPod> all;
        synchronized (this) {
            all = List.copyOf(owned.values());
            owned.clear();
        }
        all.forEach(OwnedPod::letGo);
    }
}
