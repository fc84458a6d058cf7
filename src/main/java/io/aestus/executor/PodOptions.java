package io.aestus.executor;

import io.aestus.network.Connections;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a pod manifest has no words for.
 *
 * @param life when the pod ends by itself
 * @param strictness what becomes of isolators that this host cannot enforce
 * @param hostname the pod's; empty for one made of its UUID
 * @param network whose network the apps see
 * @param connections which networks a pod in mode {@link NetworkMode#POD} is attached to, and which ports of the host lead
 *     into it; none for the one that every node has
 * @param dns what {@code /etc/resolv.conf} says; empty for a copy of the host's
 * @param hosts lines for {@code /etc/hosts} after those for localhost and the pod itself
 * @param ipc whose shared memory, System V IPC and message queues the apps see
 * @param userNamespace which user on the host the pod's root is
 * @param logDirectory where the logs of apps go that name a relative path; empty for the pod's own directory
 * @param cgroupParent where the pod's cgroups are made, by the conventions of the host; empty for our own place
 * @param labels whatever the front wants back with the status
 * @param annotations whatever the front wants back with the status
 */
public record PodOptions(
        Life life,
        Strictness strictness,
        Optional<String> hostname,
        NetworkMode network,
        Connections connections,
        Optional<Dns> dns,
        List<HostsEntry> hosts,
        Sharing ipc,
        UserNamespace userNamespace,
        Optional<Path> logDirectory,
        Optional<String> cgroupParent,
        Map<String, String> labels,
        Map<String, String> annotations) {

    /** Ends with its apps, lenient, its own network with nothing but a loopback, root is nobody on the host. */
    public static final PodOptions DEFAULT = new PodOptions(
            Life.UNTIL_APPS_END,
            Strictness.LENIENT,
            Optional.empty(),
            NetworkMode.NONE,
            Connections.NONE,
            Optional.empty(),
            List.of(),
            Sharing.POD,
            UserNamespace.PRIVATE,
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
        /** When all apps have ended, or the first has failed: then the others are stopped. */
        UNTIL_APPS_END,
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

    public PodOptions withLife(Life newLife) {
        return new PodOptions(
                newLife,
                strictness,
                hostname,
                network,
                connections,
                dns,
                hosts,
                ipc,
                userNamespace,
                logDirectory,
                cgroupParent,
                labels,
                annotations);
    }

    public PodOptions withStrictness(Strictness newStrictness) {
        return new PodOptions(
                life,
                newStrictness,
                hostname,
                network,
                connections,
                dns,
                hosts,
                ipc,
                userNamespace,
                logDirectory,
                cgroupParent,
                labels,
                annotations);
    }

    public PodOptions withHostname(String newHostname) {
        return new PodOptions(
                life,
                strictness,
                Optional.of(newHostname),
                network,
                connections,
                dns,
                hosts,
                ipc,
                userNamespace,
                logDirectory,
                cgroupParent,
                labels,
                annotations);
    }

    public PodOptions withNetwork(NetworkMode newNetwork) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                newNetwork,
                connections,
                dns,
                hosts,
                ipc,
                userNamespace,
                logDirectory,
                cgroupParent,
                labels,
                annotations);
    }

    /** In mode {@link NetworkMode#POD}. */
    public PodOptions withConnections(Connections newConnections) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                NetworkMode.POD,
                newConnections,
                dns,
                hosts,
                ipc,
                userNamespace,
                logDirectory,
                cgroupParent,
                labels,
                annotations);
    }

    public PodOptions withDns(Dns newDns) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                network,
                connections,
                Optional.of(newDns),
                hosts,
                ipc,
                userNamespace,
                logDirectory,
                cgroupParent,
                labels,
                annotations);
    }

    public PodOptions withHosts(List<HostsEntry> newHosts) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                network,
                connections,
                dns,
                newHosts,
                ipc,
                userNamespace,
                logDirectory,
                cgroupParent,
                labels,
                annotations);
    }

    public PodOptions withIpc(Sharing newIpc) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                network,
                connections,
                dns,
                hosts,
                newIpc,
                userNamespace,
                logDirectory,
                cgroupParent,
                labels,
                annotations);
    }

    public PodOptions withUserNamespace(UserNamespace newUserNamespace) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                network,
                connections,
                dns,
                hosts,
                ipc,
                newUserNamespace,
                logDirectory,
                cgroupParent,
                labels,
                annotations);
    }

    public PodOptions withLogDirectory(Path newLogDirectory) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                network,
                connections,
                dns,
                hosts,
                ipc,
                userNamespace,
                Optional.of(newLogDirectory),
                cgroupParent,
                labels,
                annotations);
    }

    public PodOptions withCgroupParent(String newCgroupParent) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                network,
                connections,
                dns,
                hosts,
                ipc,
                userNamespace,
                logDirectory,
                Optional.of(newCgroupParent),
                labels,
                annotations);
    }

    public PodOptions withLabels(Map<String, String> newLabels) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                network,
                connections,
                dns,
                hosts,
                ipc,
                userNamespace,
                logDirectory,
                cgroupParent,
                newLabels,
                annotations);
    }

    public PodOptions withAnnotations(Map<String, String> newAnnotations) {
        return new PodOptions(
                life,
                strictness,
                hostname,
                network,
                connections,
                dns,
                hosts,
                ipc,
                userNamespace,
                logDirectory,
                cgroupParent,
                labels,
                newAnnotations);
    }
}
