package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodManifest;
import io.aestus.appc.Quantity;
import io.aestus.cri.v1.DNSConfig;
import io.aestus.cri.v1.IDMapping;
import io.aestus.cri.v1.LinuxPodSandboxStatus;
import io.aestus.cri.v1.Namespace;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.cri.v1.PodIP;
import io.aestus.cri.v1.PodSandbox;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PodSandboxNetworkStatus;
import io.aestus.cri.v1.PodSandboxState;
import io.aestus.cri.v1.PodSandboxStatus;
import io.aestus.cri.v1.UserNamespace;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodOptions.NetworkMode;
import io.aestus.executor.PodOptions.Sharing;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.linux.CgroupDriver;
import io.aestus.network.Bandwidth;
import io.aestus.network.Connections;
import io.aestus.network.NetworkChoice;
import io.aestus.network.PortMapping;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Sandboxes to pods, and back. */
final class Sandboxes {
    /** After a slice: a scope below it, by what its name begins with; {@link PodOptions#cgroupParent}. */
    private static final String SCOPE = ":aestus";

    private Sandboxes() {}

    // --- to pods

    /**
     * @param nodeName what a sandbox is called that is to be called as its node
     * @param network of sandboxes that do not use the host's
     */
    static PodSpec toPod(PodSandboxConfig config, String handler, String nodeName, SandboxNetwork network) {
        return PodSpec.of(manifest(config)).withOptions(connected(options(config, handler, nodeName), config, network));
    }

    /** In a scope of its own where systemd makes the cgroups below its slices. */
    static PodSpec in(CgroupDriver driver, PodSpec spec) {
        PodOptions options = spec.options();
        return switch (driver) {
            case CGROUPFS -> spec;
            case SYSTEMD ->
                options.cgroupParent()
                        .filter(parent -> parent.endsWith(".slice"))
                        .map(parent -> spec.withOptions(options.withCgroupParent(parent + SCOPE)))
                        .orElse(spec);
        };
    }

    private static PodManifest manifest(PodSandboxConfig config) {
        Map<String, String> sysctls = new HashMap<>(config.getLinux().getSysctlsMap());
        if (namespaces(config).getNetwork() != NamespaceMode.NODE) {
            sysctls.putIfAbsent("net.ipv4.ip_unprivileged_port_start", "0"); // of nobody else's ports
        }
        PodManifest manifest = PodManifest.of();
        return sysctls.isEmpty() ? manifest : manifest.withIsolators(Isolators.of(new Isolator.Sysctl(sysctls)));
    }

    /** A network is the sandbox's or the node's, and so is what processes share; there is nobody else's. */
    private static void requireKnown(String field, NamespaceMode mode) {
        if (mode != NamespaceMode.POD && mode != NamespaceMode.NODE) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot run sandbox: field " + field + " of its namespaces: expected POD or NODE, not " + mode);
        }
    }

    private static PodOptions options(PodSandboxConfig config, String handler, String nodeName) {
        NamespaceOption namespaces = namespaces(config);
        requireKnown("network", namespaces.getNetwork());
        requireKnown("ipc", namespaces.getIpc());
        PodOptions options = PodOptions.DEFAULT
                .withLife(PodOptions.Life.UNTIL_STOPPED)
                .withMetadata(PodOptions.Metadata.NONE) // no container of Kubernetes asks for it
                .withIpc(namespaces.getIpc() == NamespaceMode.NODE ? Sharing.HOST : Sharing.POD)
                .withUserNamespace(userNamespace(namespaces))
                .withHostname(config.getHostname().isEmpty() ? nodeName : config.getHostname())
                .withLabels(config.getLabelsMap())
                .withAnnotations(Kept.with(config.getAnnotationsMap(), kept(config, handler, namespaces)));
        if (config.hasDnsConfig()) {
            options = options.withDns(dns(config.getDnsConfig()));
        }
        if (!config.getLogDirectory().isEmpty()) {
            options = options.withLogDirectory(Path.of(config.getLogDirectory()));
        }
        String parent = config.getLinux().getCgroupParent();
        if (!parent.isEmpty()) {
            options = options.withCgroupParent(requirePlace(parent));
        }
        return options;
    }

    private static String requirePlace(String parent) {
        if (parent.contains(":") || parent.contains("..")) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot run sandbox: field cgroup_parent: neither a path nor a slice: " + Quoted.of(parent));
        }
        return parent;
    }

    private static NamespaceOption namespaces(PodSandboxConfig config) {
        return config.getLinux().getSecurityContext().getNamespaceOptions();
    }

    /** On the host's network ports of the host are the sandbox's own. */
    private static PodOptions connected(PodOptions options, PodSandboxConfig config, SandboxNetwork network) {
        if (namespaces(config).getNetwork() == NamespaceMode.NODE) {
            return options.withNetwork(NetworkMode.HOST);
        }
        PodSandboxMetadata name = config.getMetadata();
        NetworkChoice choice = NetworkChoice.of(network.name())
                .withArguments(Map.of(
                        "IgnoreUnknown", "1",
                        "K8S_POD_NAMESPACE", name.getNamespace(),
                        "K8S_POD_NAME", name.getName(),
                        "K8S_POD_UID", name.getUid()));
        List<PortMapping> ports = config.getPortMappingsList().stream()
                .filter(port -> port.getHostPort() != 0)
                .map(Sandboxes::port)
                .toList();
        return options.withConnections(new Connections(List.of(choice), ports, bandwidth(config.getAnnotationsMap())));
    }

    /** As users of Kubernetes write it, in bits per second. */
    private static Optional<Bandwidth> bandwidth(Map<String, String> annotations) {
        var limits = new Bandwidth(
                rate(annotations, "kubernetes.io/ingress-bandwidth"),
                rate(annotations, "kubernetes.io/egress-bandwidth"));
        return Optional.of(limits)
                .filter(some -> some.ingress().isPresent() || some.egress().isPresent());
    }

    private static OptionalLong rate(Map<String, String> annotations, String name) {
        String text = annotations.get(name);
        return text == null
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(1, Quantity.parse(text).wholeUp()));
    }

    private static PortMapping port(io.aestus.cri.v1.PortMapping port) {
        PortMapping.Protocol protocol =
                switch (port.getProtocol()) {
                    case UDP -> PortMapping.Protocol.UDP;
                    case SCTP -> PortMapping.Protocol.SCTP;
                    case TCP, UNRECOGNIZED -> PortMapping.Protocol.TCP;
                };
        Optional<String> address = Optional.of(port.getHostIp()).filter(ip -> !ip.isEmpty());
        try {
            return new PortMapping(address, port.getHostPort(), port.getContainerPort(), protocol);
        } catch (IllegalArgumentException e) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot run sandbox: field port_mappings: host_ip " + Quoted.of(port.getHostIp())
                            + " must be an address or empty, host_port " + port.getHostPort() + " and container_port "
                            + port.getContainerPort() + " from 1 to 65535",
                    e);
        }
    }

    private static Map<Kept, String> kept(PodSandboxConfig config, String handler, NamespaceOption namespaces) {
        PodSandboxMetadata name = config.getMetadata();
        return Map.of(
                Kept.NAME, name.getName(),
                Kept.NAMESPACE, name.getNamespace(),
                Kept.UID, name.getUid(),
                Kept.ATTEMPT, Integer.toUnsignedString(name.getAttempt()),
                Kept.HANDLER, handler,
                Kept.PROCESSES, namespaces.getPid().name());
    }

    private static PodOptions.Dns dns(DNSConfig config) {
        return new PodOptions.Dns(config.getServersList(), config.getSearchesList(), config.getOptionsList());
    }

    /** Volumes that the kubelet prepares belong to users of the host: without a mapping from it there must be none. */
    private static PodOptions.UserNamespace userNamespace(NamespaceOption namespaces) {
        UserNamespace wanted = namespaces.getUsernsOptions();
        if (!namespaces.hasUsernsOptions() || wanted.getMode() == NamespaceMode.NODE) {
            return PodOptions.UserNamespace.HOST;
        }
        boolean isPlain = wanted.getUidsCount() == 1
                && wanted.getUids(0).getContainerId() == 0
                && wanted.getUidsList().equals(wanted.getGidsList());
        if (wanted.getMode() != NamespaceMode.POD || !isPlain) {
            throw new AestusException(
                    Problem.UNSUPPORTED,
                    "cannot make the user namespace: expected one range from 0, for users and groups alike");
        }
        IDMapping range = wanted.getUids(0);
        return new PodOptions.UserNamespace.Range(
                Integer.toUnsignedLong(range.getHostId()), Integer.toUnsignedLong(range.getLength()));
    }

    // --- and back

    /** Whether the pod was made through this interface, and its making is through. */
    static boolean isSandbox(PodStatus pod) {
        boolean isMade = !(pod.state() instanceof PodState.Prepared || pod.state() instanceof PodState.Starting);
        return isMade && Kept.UID.isIn(pod.options().annotations());
    }

    static PodSandboxMetadata nameOf(PodStatus pod) {
        Map<String, String> annotations = pod.options().annotations();
        return PodSandboxMetadata.newBuilder()
                .setName(Kept.NAME.in(annotations))
                .setNamespace(Kept.NAMESPACE.in(annotations))
                .setUid(Kept.UID.in(annotations))
                .setAttempt(Integer.parseUnsignedInt(Kept.ATTEMPT.in(annotations)))
                .build();
    }

    static PodSandboxState stateOf(PodStatus pod) {
        return pod.state() instanceof PodState.Running
                ? PodSandboxState.SANDBOX_READY
                : PodSandboxState.SANDBOX_NOTREADY;
    }

    static PodSandbox fromPod(PodStatus pod) {
        Map<String, String> annotations = pod.options().annotations();
        return PodSandbox.newBuilder()
                .setId(pod.uuid().toString())
                .setMetadata(nameOf(pod))
                .setState(stateOf(pod))
                .setCreatedAt(nanos(pod.created()))
                .putAllLabels(pod.options().labels())
                .putAllAnnotations(Kept.without(annotations))
                .setRuntimeHandler(Kept.HANDLER.in(annotations))
                .build();
    }

    static PodSandboxStatus statusOf(PodStatus pod) {
        Map<String, String> annotations = pod.options().annotations();
        return PodSandboxStatus.newBuilder()
                .setId(pod.uuid().toString())
                .setMetadata(nameOf(pod))
                .setState(stateOf(pod))
                .setCreatedAt(nanos(pod.created()))
                .setNetwork(network(pod))
                .setLinux(LinuxPodSandboxStatus.newBuilder()
                        .setNamespaces(Namespace.newBuilder().setOptions(namespaces(pod))))
                .putAllLabels(pod.options().labels())
                .putAllAnnotations(Kept.without(annotations))
                .setRuntimeHandler(Kept.HANDLER.in(annotations))
                .build();
    }

    private static PodSandboxNetworkStatus network(PodStatus pod) {
        var network = PodSandboxNetworkStatus.newBuilder();
        if (!pod.addresses().isEmpty()) {
            network.setIp(pod.addresses().getFirst());
            pod.addresses().stream()
                    .skip(1)
                    .forEach(address ->
                            network.addAdditionalIps(PodIP.newBuilder().setIp(address)));
        }
        return network.build();
    }

    /** As they were asked for: the kubelet replaces a sandbox whose network differs. */
    private static NamespaceOption namespaces(PodStatus pod) {
        PodOptions options = pod.options();
        return NamespaceOption.newBuilder()
                .setNetwork(options.network() == NetworkMode.HOST ? NamespaceMode.NODE : NamespaceMode.POD)
                .setIpc(options.ipc() == Sharing.HOST ? NamespaceMode.NODE : NamespaceMode.POD)
                .setPid(processes(pod))
                .setUsernsOptions(users(options.userNamespace()))
                .build();
    }

    private static NamespaceMode processes(PodStatus pod) {
        String kept = Kept.PROCESSES.in(pod.options().annotations());
        return kept.isEmpty() ? NamespaceMode.POD : NamespaceMode.valueOf(kept);
    }

    static UserNamespace users(PodOptions.UserNamespace users) {
        return switch (users) {
            case PodOptions.UserNamespace.Host _ ->
                UserNamespace.newBuilder().setMode(NamespaceMode.NODE).build();
            case PodOptions.UserNamespace.Private _ ->
                UserNamespace.newBuilder().setMode(NamespaceMode.POD).build();
            case PodOptions.UserNamespace.Range(long base, long count) -> {
                var range = IDMapping.newBuilder()
                        .setHostId((int) base)
                        .setLength((int) count)
                        .build();
                yield UserNamespace.newBuilder()
                        .setMode(NamespaceMode.POD)
                        .addUids(range)
                        .addGids(range)
                        .build();
            }
        };
    }

    /** Since 1970, as the interface counts. */
    static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }
}
