package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.ResourceIsolator;
import io.aestus.linux.Fd;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.PidFd;
import io.aestus.network.Attachment;
import io.aestus.network.Bandwidth;
import io.aestus.network.Connections;
import io.aestus.network.NameServers;
import io.aestus.network.NetworkChoice;
import io.aestus.network.PodNetworks;
import io.aestus.network.UserNetwork;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Pods in networks: from a pod that is there to one that is attached, and back. The networks are opened when the first pod
 * needs them, since most commands start none that does.
 */
final class PodConnections {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    /** For a pod that names none. */
    private static final String USUAL_NETWORK = "default";

    private final ImageTrees images;
    private final Supplier<PodNetworks> opening;
    private final UserNetwork ofUser;
    private @Nullable PodNetworks networks;

    /** @param directory the data directory */
    PodConnections(Path directory, ImageTrees images, Supplier<PodNetworks> opening) {
        this.images = images;
        this.opening = opening;
        this.ofUser = new UserNetwork(directory.resolve("networks"));
    }

    private synchronized PodNetworks networks() {
        if (networks == null) {
            networks = opening.get();
        }
        return networks;
    }

    static boolean areWanted(PodOptions options) {
        return options.network() == PodOptions.NetworkMode.POD;
    }

    /**
     * Attaches a pod. All or nothing.
     *
     * @param first its first process, which is not reaped before this returns
     */
    List<Attachment> attach(Stage1.PodPlace pod, long first) throws IOException {
        Connections wanted = wanted(pod.options());
        var limit = pod.manifest().isolators().find(ResourceIsolator.NetworkBandwidth.class);
        if (limit.isPresent()) {
            long bytesPerSecond = Math.min(Limits.rate(limit.get()), Long.MAX_VALUE / Byte.SIZE);
            wanted = wanted.withBandwidth(Bandwidth.both(bytesPerSecond * Byte.SIZE));
        }
        var ports = new ArrayList<>(wanted.ports());
        ports.addAll(ExposedPorts.of(pod.manifest(), images));
        try (Fd namespace = Namespaces.of(first, Namespace.NETWORK)) {
            if (!OwnUsers.areHosts()) {
                try (PidFd process = PidFd.open(first).orElseThrow()) {
                    return ofUser.attach(pod.uuid().toString(), namespace, process, wanted.withPorts(ports));
                }
            }
            return networks().attach(pod.uuid().toString(), namespace, wanted.withPorts(ports), names(pod.options()));
        }
    }

    private static Connections wanted(PodOptions options) {
        Connections wanted = options.connections();
        return wanted.networks().isEmpty() ? wanted.withNetworks(List.of(NetworkChoice.of(USUAL_NETWORK))) : wanted;
    }

    /**
     * The networks that a pod asks nothing of but to be in them: those could have it before anything else is known of it. None
     * for a pod that asks for more, or for no network.
     */
    List<String> plain(PodManifest manifest, PodOptions options) {
        if (!areWanted(options)
                || !OwnUsers.areHosts()
                || !manifest.ports().isEmpty()
                || manifest.isolators()
                        .find(ResourceIsolator.NetworkBandwidth.class)
                        .isPresent()) {
            return List.of();
        }
        Connections wanted = wanted(options);
        return networks().areSameForAll(wanted, names(options))
                ? wanted.networks().stream().map(NetworkChoice::network).toList()
                : List.of();
    }

    /**
     * Attaches a pod to networks that it will ask for, so that they are there when it does.
     *
     * @param namespace its own network namespace. Lent
     */
    void attachAhead(PodUuid pod, Fd namespace, List<String> names) throws IOException {
        var choices = names.stream().map(NetworkChoice::of).toList();
        networks().attach(pod.toString(), namespace, new Connections(choices, List.of()), NameServers.NONE);
    }

    /** Takes a pod out of whatever it was attached to ahead. */
    void detachAhead(PodUuid pod) throws IOException {
        if (OwnUsers.areHosts()) {
            detach(pod, PodOptions.DEFAULT.withNetwork(PodOptions.NetworkMode.POD));
        }
    }

    /** Those of a pod's networks that have no plugin to limit their bandwidth. */
    List<String> withoutBandwidth(PodOptions options) {
        if (areWanted(options) && !OwnUsers.areHosts()) {
            return wanted(options).networks().stream()
                    .map(NetworkChoice::network)
                    .toList();
        }
        return areWanted(options) ? networks().withoutBandwidth(wanted(options)) : List.of();
    }

    private static NameServers names(PodOptions options) {
        return options.dns()
                .map(dns -> new NameServers(dns.nameservers(), dns.searches(), dns.options()))
                .orElse(NameServers.NONE);
    }

    /** Takes a pod out of its networks. One that refuses keeps no pod from ending: {@link #sweep} asks it again. */
    void detach(PodUuid pod, PodOptions options) throws IOException {
        if (areWanted(options)) {
            try {
                if (!OwnUsers.areHosts()) {
                    ofUser.detach(pod.toString());
                    return;
                }
                networks().detach(pod.toString());
            } catch (AestusException e) {
                LOG.log(Level.WARNING, "pod {0} has ended, but {1}; gc tries again", pod, e.message());
            }
        }
    }

    void sweep(Predicate<PodUuid> isLive) throws IOException {
        if (!OwnUsers.areHosts()) {
            ofUser.sweep(pod -> isLive.test(PodUuid.parse(pod)));
            return;
        }
        networks().sweep(pod -> isLive.test(PodUuid.parse(pod)));
    }
}
