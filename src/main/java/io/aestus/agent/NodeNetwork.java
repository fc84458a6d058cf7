package io.aestus.agent;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.cri.SandboxNetwork;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The network of Kubernetes' pods: the one that is set, else that of the first file in {@link
 * NetworkSettings#SHARED_CONFIGURATIONS}, where the cluster's network add-on writes it. The built-in networks do not reach
 * beyond the node, so they are never chosen unless they are set. Thread-safe.
 */
final class NodeNetwork implements SandboxNetwork {
    /** Plugins are programs; the kubelet asks every five seconds. */
    private static final long FRESH_NANOS = Duration.ofSeconds(10).toNanos();

    private final PodNetworks networks;
    private final Optional<String> set;
    private final Path shared;
    private Optional<String> obstacle = Optional.empty();
    private long askedAt;
    private boolean isAsked;

    /**
     * @param set its name, if the administrator chose one
     * @param shared the directory of networks of all runtimes of this host
     */
    NodeNetwork(PodNetworks networks, Optional<String> set, Path shared) {
        this.networks = networks;
        this.set = set;
        this.shared = shared;
    }

    @Override
    public String name() {
        return set.or(() -> PodNetworks.firstIn(shared)).orElseThrow(() -> new AestusException(
                        Problem.UNSUPPORTED, "cannot attach pods: there is no network in " + shared)
                .withRemedy("install the cluster's network add-on, or set aestus.network.sandboxes"));
    }

    @Override
    public synchronized Optional<String> obstacle() {
        long now = System.nanoTime();
        if (!isAsked || now - askedAt > FRESH_NANOS) {
            obstacle = ask();
            askedAt = now;
            isAsked = true;
        }
        return obstacle;
    }

    private Optional<String> ask() {
        try {
            networks.requireReady(name());
            return Optional.empty();
        } catch (AestusException e) {
            return Optional.of(e.message());
        }
    }
}
