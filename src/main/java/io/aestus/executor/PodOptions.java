package io.aestus.executor;

import io.aestus.network.Connections;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a pod manifest has no words for.
 *
 * @param name what people call the pod, if anything
 * @param life when the pod ends by itself
 * @param strictness what becomes of isolators that this host cannot enforce
 * @param hostname the pod's; empty for one made of its UUID
 * @param network whose network the apps see
 * @param connections which networks a pod in mode {@link NetworkMode#POD} is attached to, and which ports of the host lead
 *     into it; none for the one that every node has
 * @param dns what {@code /etc/resolv.conf} says; empty for a copy of the host's
 * @param hosts lines for {@code /etc/hosts} after those for localhost and the pod itself
 * @param hostsFile whose {@code /etc/hosts} the apps see: the host's as it is when the pod starts, or one of their own with {@code hosts}
 * @param ipc whose shared memory, System V IPC and message queues the apps see
 * @param userNamespace which user on the host the pod's root is
 * @param metadata whether apps are offered the metadata service
 * @param logDirectory where the logs of apps go that name a relative path; empty for the pod's own directory
 * @param cgroupParent where the pod's cgroups are made, by the conventions of the host; {@code SLICE.slice:PREFIX} for
 *     a scope below it that systemd makes; empty for our own place
 * @param labels whatever the front wants back with the status
 * @param annotations whatever the front wants back with the status
 */
public record PodOptions(
        Optional<PodName> name,
        Life life,
        Strictness strictness,
        Optional<String> hostname,
        NetworkMode network,
        Connections connections,
        Optional<Dns> dns,
        List<HostsEntry> hosts,
        Sharing hostsFile,
        Sharing ipc,
        UserNamespace userNamespace,
        Metadata metadata,
        Optional<Path> logDirectory,
        Optional<String> cgroupParent,
        Map<String, String> labels,
        Map<String, String> annotations) {

    /** Ends with its apps, lenient, its own network with nothing but a loopback, root is nobody on the host. */
    public static final PodOptions DEFAULT = new PodOptions(
            Optional.empty(),
            Life.UNTIL_APPS_END,
            Strictness.LENIENT,
            Optional.empty(),
            NetworkMode.NONE,
            Connections.NONE,
            Optional.empty(),
            List.of(),
            Sharing.POD,
            Sharing.POD,
            UserNamespace.PRIVATE,
            Metadata.OFFERED,
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of());

    public PodOptions {
        hosts = List.copyOf(hosts);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** When a pod ends by itself. */
    public enum Life {
        /** When all apps have ended for good, or the first has failed: then the others are stopped. */
        UNTIL_APPS_END,
        /** When all apps have ended for good, however they did. */
        UNTIL_ALL_APPS_END,
        /** Never: it is there for apps that come and go, and its maker stops it. */
        UNTIL_STOPPED
    }

    /** What becomes of isolators that this host cannot enforce. */
    public enum Strictness {
        /** The app does not start. */
        STRICT,
        /** The app starts; the status reports what is not enforced. */
        LENIENT
    }

    /** Whose network the apps see. */
    public enum NetworkMode {
        /** The pod's own, with nothing but a loopback. */
        NONE,
        /** The pod's own, connected as the host's network configuration says. */
        POD,
        /** The host's. */
        HOST
    }

    /** Whose instance of a kernel facility is used. */
    public enum Sharing {
        POD,
        HOST
    }

    /** Whether apps are offered the metadata service of the specification, if whoever starts the pod has one. */
    public enum Metadata {
        OFFERED,
        NONE
    }

    /**
     * What {@code /etc/resolv.conf} says. All three empty: an empty file.
     *
     * @param nameservers addresses
     * @param searches domains
     * @param options such as {@code ndots:2}
     */
    public record Dns(List<String> nameservers, List<String> searches, List<String> options) {
        public Dns {
            nameservers = List.copyOf(nameservers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /** A line of {@code /etc/hosts}. */
    public record HostsEntry(String address, List<String> names) {
        public HostsEntry {
            names = List.copyOf(names);
        }
    }

    /** Which users on the host the users of the pod are. */
    public sealed interface UserNamespace {
        /** A range that the executor picks. */
        UserNamespace PRIVATE = new Private();
        /** The same ones. */
        UserNamespace HOST = new Host();

        record Private() implements UserNamespace {}

        record Host() implements UserNamespace {}

        /**
         * A range that the front picked, for users and groups alike.
         *
         * @param base the host's ID of the pod's ID 0
         * @param count how many IDs
         */
        record Range(long base, long count) implements UserNamespace {
            public Range {
                if (base < 1 || count < 1) {
                    throw new IllegalArgumentException("not a range of user IDs: " + base + "+" + count);
                }
            }
        }
    }

    public PodOptions withName(PodName name) {
        return with(draft -> draft.name = Optional.of(name));
    }

    public PodOptions withLife(Life life) {
        return with(draft -> draft.life = life);
    }

    public PodOptions withStrictness(Strictness strictness) {
        return with(draft -> draft.strictness = strictness);
    }

    public PodOptions withHostname(String hostname) {
        return with(draft -> draft.hostname = Optional.of(hostname));
    }

    public PodOptions withNetwork(NetworkMode network) {
        return with(draft -> draft.network = network);
    }

    /** In mode {@link NetworkMode#POD}. */
    public PodOptions withConnections(Connections connections) {
        return with(draft -> {
            draft.network = NetworkMode.POD;
            draft.connections = connections;
        });
    }

    public PodOptions withDns(Dns dns) {
        return with(draft -> draft.dns = Optional.of(dns));
    }

    /** As its networks say, else as the host's. */
    public PodOptions withDnsOfNetwork() {
        return with(draft -> draft.dns = Optional.empty());
    }

    public PodOptions withHosts(List<HostsEntry> hosts) {
        return with(draft -> draft.hosts = hosts);
    }

    /** Whose {@code /etc/hosts} the apps see, where they bring none. */
    public PodOptions withHostsFile(Sharing hostsFile) {
        return with(draft -> draft.hostsFile = hostsFile);
    }

    public PodOptions withIpc(Sharing ipc) {
        return with(draft -> draft.ipc = ipc);
    }

    public PodOptions withUserNamespace(UserNamespace userNamespace) {
        return with(draft -> draft.userNamespace = userNamespace);
    }

    public PodOptions withMetadata(Metadata metadata) {
        return with(draft -> draft.metadata = metadata);
    }

    public PodOptions withLogDirectory(Path logDirectory) {
        return with(draft -> draft.logDirectory = Optional.of(logDirectory));
    }

    public PodOptions withCgroupParent(String cgroupParent) {
        return with(draft -> draft.cgroupParent = Optional.of(cgroupParent));
    }

    public PodOptions withLabels(Map<String, String> labels) {
        return with(draft -> draft.labels = labels);
    }

    public PodOptions withAnnotations(Map<String, String> annotations) {
        return with(draft -> draft.annotations = annotations);
    }

    private PodOptions with(Consumer<Draft> change) {
        var draft = new Draft();
        change.accept(draft);
        return draft.finished();
    }

    /** The same being changed. */
    private final class Draft {
        private Optional<PodName> name = PodOptions.this.name;
        private Life life = PodOptions.this.life;
        private Strictness strictness = PodOptions.this.strictness;
        private Optional<String> hostname = PodOptions.this.hostname;
        private NetworkMode network = PodOptions.this.network;
        private Connections connections = PodOptions.this.connections;
        private Optional<Dns> dns = PodOptions.this.dns;
        private List<HostsEntry> hosts = PodOptions.this.hosts;
        private Sharing hostsFile = PodOptions.this.hostsFile;
        private Sharing ipc = PodOptions.this.ipc;
        private UserNamespace userNamespace = PodOptions.this.userNamespace;
        private Metadata metadata = PodOptions.this.metadata;
        private Optional<Path> logDirectory = PodOptions.this.logDirectory;
        private Optional<String> cgroupParent = PodOptions.this.cgroupParent;
        private Map<String, String> labels = PodOptions.this.labels;
        private Map<String, String> annotations = PodOptions.this.annotations;

        PodOptions finished() {
            return new PodOptions(
                    name,
                    life,
                    strictness,
                    hostname,
                    network,
                    connections,
                    dns,
                    hosts,
                    hostsFile,
                    ipc,
                    userNamespace,
                    metadata,
                    logDirectory,
                    cgroupParent,
                    labels,
                    annotations);
        }
    }
}
