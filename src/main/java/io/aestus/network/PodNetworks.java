package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.linux.SyscallException;
import io.aestus.network.Plugins.Subject;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The networks of a node, and the pods in them.
 *
 * <p>A pod's network namespace is pinned in a file while it is attached. Its processes may end at any moment, and with them
 * the namespace; then plugins could only take back what needs no look into it, and firewall rules would stay.
 *
 * <p>Thread-safe, and safe beside other processes on the same directories, as long as one pod is changed by one caller at a
 * time. Everything blocks while plugins work.
 */
public final class PodNetworks {
    private static final System.Logger LOG = System.getLogger("io.aestus.network");

    /** Of interfaces to come; {@code /proc/sys/net} shows the network namespace of the thread that looks. */
    private static final Path ACCEPT_DAD = Path.of("/proc/sys/net/ipv6/conf/default/accept_dad");

    private final NetworkSettings settings;
    private final Chain chain;
    private final AttachmentFiles files;

    private PodNetworks(NetworkSettings settings) {
        this.settings = settings;
        this.chain = new Chain(new Plugins(settings.plugins(), settings.limit()));
        this.files = new AttachmentFiles(settings.records());
    }

    /** The networks that {@code settings} lead to. Nothing is read yet. */
    public static PodNetworks of(NetworkSettings settings) {
        return new PodNetworks(settings);
    }

    // --- which there are

    /** All networks by name. What administrators wrote counts more than what is built in. */
    public Collection<Network> list() {
        return Catalogue.read(settings).networks().values();
    }

    /** What is wrong with files that could not be read as networks. */
    public List<AestusException> broken() {
        return Catalogue.read(settings).broken();
    }

    /** The network of the first file in a directory, such as {@link NetworkSettings#SHARED_CONFIGURATIONS}. */
    public static Optional<String> firstIn(Path directory) {
        return NetworkFiles.read(directory).networks().keySet().stream().findFirst();
    }

    /**
     * Asks whether pods can be attached to a network now.
     *
     * @throws AestusException saying why not
     */
    public void requireReady(String network) {
        Network found = Catalogue.read(settings).require(network);
        chain.status(found);
        if (found.isBuiltIn() && !Plugins.canFilter()) {
            throw new AestusException(
                            Problem.UNSUPPORTED,
                            "cannot attach pods to network " + network + ": its plugins find neither iptables nor nft")
                    .withRemedy("install iptables");
        }
    }

    /** Those of the networks that have no plugin to limit their bandwidth. */
    public List<String> withoutBandwidth(Connections wanted) {
        Catalogue catalogue = Catalogue.read(settings);
        return wanted.networks().stream()
                .map(NetworkChoice::network)
                .filter(name -> !catalogue.require(name).takes(Capabilities.BANDWIDTH))
                .toList();
    }

    /** Whether they are the same for any pod that asks nothing else of them, so that one can be attached before it is known. */
    public boolean areSameForAll(Connections wanted, NameServers names) {
        if (!wanted.ports().isEmpty() || wanted.bandwidth().isPresent()) {
            return false;
        }
        if (names.isEmpty()
                && wanted.networks().stream()
                        .allMatch(choice -> choice.arguments().isEmpty())) {
            return true;
        }
        Map<String, Network> all = Catalogue.read(settings).networks();
        return wanted.networks().stream().allMatch(choice -> {
            Network network = all.get(choice.network());
            return network != null
                    && choice.nameless().arguments().isEmpty()
                    && (choice.arguments().isEmpty() || network.isNameBlind())
                    && (names.isEmpty() || !network.takes(Capabilities.NAME_SERVERS));
        });
    }

    // --- pods in them

    /**
     * Attaches a pod. All or nothing: when one network refuses, those before it are left again. A pod that is attached just so
     * already stays as it is, without a plugin being asked.
     *
     * @param pod its name, which begins with a letter or digit
     * @param namespace its network namespace. Lent
     * @param names what the pod says of name servers, for plugins that want to know
     */
    public List<Attachment> attach(String pod, Fd namespace, Connections wanted, NameServers names) throws IOException {
        List<AttachmentRecord> planned = plan(wanted, names);
        try (var _ = files.lock(FileLock.Kind.SHARED, settings.limit())
                .orElseThrow(() -> new IOException("networks are being cleaned up since " + settings.limit()))) {
            var before = attached(pod, namespace, wanted.ports(), planned);
            if (before.isPresent()) {
                return before.get();
            }
            Membership membership = files.begin(
                    pod,
                    new Membership(wanted.ports(), planned.subList(0, Math.min(1, planned.size()))),
                    settings.limit());
            try {
                HostPorts.requireUnused(wanted.ports());
                pin(pod, namespace);
                if (planned.stream().allMatch(attachment -> attachment.network().isBuiltIn())) {
                    skipDuplicateDetection(namespace);
                }
                return AttachmentRecord.attachments(add(pod, membership, planned));
            } catch (IOException | RuntimeException e) {
                undo(pod, e);
                throw e;
            }
        }
    }

    /** What a pod has already, if that is what it shall have. Whatever else it has is taken from it. */
    private Optional<List<Attachment>> attached(
            String pod, Fd namespace, List<PortMapping> ports, List<AttachmentRecord> planned) throws IOException {
        Optional<Membership> recorded = files.find(pod);
        if (recorded.isEmpty()) {
            return Optional.empty();
        }
        Optional<Membership> asPlanned = recorded.get().as(ports, planned);
        if (asPlanned.isPresent() && isPinned(pod, namespace)) {
            if (!asPlanned.get().equals(recorded.get())) {
                files.write(pod, asPlanned.get());
            }
            return Optional.of(AttachmentRecord.attachments(asPlanned.get().attachments()));
        }
        detach(pod);
        return Optional.empty();
    }

    private boolean isPinned(String pod, Fd namespace) throws SyscallException {
        Path file = settings.namespace(pod);
        if (!isPinned(file)) {
            return false;
        }
        try (Fd pinned = Namespaces.pinned(file, Namespace.NETWORK)) {
            return pinned.status().isSameFile(namespace.status());
        }
    }

    private void pin(String pod, Fd namespace) throws IOException {
        Path file = settings.namespace(pod);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Namespaces.unpin(file);
        Namespaces.pin(namespace, file);
    }

    /**
     * On links of ours nobody else can have an address that was leased, so the plugins need not wait a second or two until
     * IPv6 has made sure of it.
     */
    private static void skipDuplicateDetection(Fd namespace) throws IOException {
        Namespaces.inside(namespace, Namespace.NETWORK, () -> {
            if (Files.exists(ACCEPT_DAD)) {
                Files.writeString(ACCEPT_DAD, "0");
            }
            return ACCEPT_DAD;
        });
    }

    private List<AttachmentRecord> plan(Connections wanted, NameServers names) {
        Catalogue catalogue = Catalogue.read(settings);
        var planned = new ArrayList<AttachmentRecord>();
        boolean mapsPorts = wanted.ports().isEmpty();
        for (NetworkChoice choice : wanted.networks()) {
            Network network = catalogue.require(choice.network());
            boolean takesPorts = !mapsPorts && network.takes(Capabilities.PORTS);
            mapsPorts |= takesPorts;
            if (network.isBuiltIn()) { // its plugins are only run for something to do
                network = takesPorts ? network : network.without(Capabilities.PORTS);
                network = wanted.bandwidth().isPresent() ? network : network.without(Capabilities.BANDWIDTH);
            }
            planned.add(new AttachmentRecord(
                    network,
                    chain.version(network),
                    choice,
                    "eth" + planned.size(),
                    Capabilities.of(
                            choice,
                            takesPorts ? wanted.ports() : List.of(),
                            wanted.bandwidth(),
                            network.takes(Capabilities.NAME_SERVERS) ? names : NameServers.NONE),
                    Optional.empty()));
        }
        if (!mapsPorts) {
            throw new AestusException(
                    Problem.UNSUPPORTED,
                    "cannot map port " + wanted.ports().getFirst() + ": no network of the pod has a plugin with the"
                            + " capability " + Capabilities.PORTS);
        }
        return planned;
    }

    private List<AttachmentRecord> add(String pod, Membership membership, List<AttachmentRecord> planned)
            throws IOException {
        var made = new ArrayList<AttachmentRecord>();
        for (AttachmentRecord attachment : planned) {
            made.add(attachment.made(chain.add(attachment, subject(pod, attachment))));
            var asked = new ArrayList<>(made);
            planned.stream().skip(made.size()).limit(1).forEach(asked::add); // the next one, before it is asked
            files.write(pod, membership.with(asked));
        }
        return made;
    }

    private void undo(String pod, Exception why) {
        try {
            detach(pod);
        } catch (IOException | RuntimeException e) {
            why.addSuppressed(e); // the record stays, and whoever sweeps tries again
        }
    }

    /**
     * Detaches a pod from all its networks, the last one first. One that is in none is left alone; a network that refuses
     * stays on record while everything else goes. One that never attached the pod is asked, and has no say.
     *
     * @throws AestusException what the first network says that refuses
     */
    public void detach(String pod) throws IOException {
        Optional<Membership> recorded = files.find(pod);
        if (recorded.isEmpty()) {
            return;
        }
        var left = new ArrayList<>(recorded.get().attachments());
        AestusException first = null;
        for (AttachmentRecord attachment : recorded.get().attachments().reversed()) {
            try {
                chain.delete(attachment, subject(pod, attachment));
                left.remove(attachment);
            } catch (AestusException e) {
                if (attachment.result().isEmpty()) {
                    LOG.log(Level.DEBUG, "pod " + pod + " was half attached", e);
                    left.remove(attachment);
                } else if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            files.write(pod, recorded.get().with(left));
            throw first;
        }
        Namespaces.unpin(settings.namespace(pod));
        files.remove(pod);
    }

    /**
     * Asks whether a pod is still attached as it was.
     *
     * @throws AestusException when a plugin says it is not
     */
    public void check(String pod) throws IOException {
        for (AttachmentRecord attachment : attachments(pod)) {
            chain.check(attachment, subject(pod, attachment));
        }
    }

    private List<AttachmentRecord> attachments(String pod) throws IOException {
        return files.find(pod).map(Membership::attachments).orElse(List.of());
    }

    /** The namespace is left out when it is gone, as after a restart of the host. */
    private Subject subject(String pod, AttachmentRecord attachment) {
        Path file = settings.namespace(pod);
        return new Subject(
                pod,
                isPinned(file) ? Optional.of(file) : Optional.empty(),
                attachment.interfaceName(),
                attachment.choice().argumentText());
    }

    private static boolean isPinned(Path file) {
        try (Fd namespace = Namespaces.pinned(file, Namespace.NETWORK)) {
            return namespace.isOpen();
        } catch (SyscallException _) {
            return false;
        }
    }

    // --- leftovers

    /**
     * Detaches pods that are not there any more, and has the plugins of networks of our own drop what is of none.
     *
     * @param isLive whether a pod is, or is about to be, attached
     * @return the pods that were detached
     */
    public List<String> sweep(Predicate<String> isLive) throws IOException {
        var swept = new ArrayList<String>();
        for (String pod : files.pods()) {
            if (!isLive.test(pod)) {
                try {
                    detach(pod);
                    swept.add(pod);
                } catch (IOException | AestusException e) {
                    LOG.log(Level.WARNING, "pod {0} is gone, but {1}; the next gc tries again", pod, e.getMessage());
                }
            }
        }
        if (Files.isDirectory(settings.records())) {
            collect();
        }
        return swept;
    }

    private void collect() throws IOException {
        try (var lock = files.lock(FileLock.Kind.EXCLUSIVE, settings.limit()).orElse(null)) {
            if (lock == null) {
                return; // pods are coming and going: another time
            }
            var valid = new LinkedHashMap<String, List<Chain.Valid>>();
            for (String pod : files.pods()) {
                for (AttachmentRecord attachment : attachments(pod)) {
                    valid.computeIfAbsent(attachment.network().name(), _ -> new ArrayList<>())
                            .add(new Chain.Valid(pod, attachment.interfaceName()));
                }
            }
            collect(valid);
        }
    }

    private void collect(Map<String, List<Chain.Valid>> valid) {
        for (Network network : list()) {
            if (Path.of(network.source()).startsWith(NetworkSettings.SHARED_CONFIGURATIONS)) {
                continue; // not ours alone: the pods of another runtime would look like leftovers
            }
            try {
                chain.collect(network, valid.getOrDefault(network.name(), List.of()));
            } catch (AestusException e) {
                LOG.log(Level.DEBUG, "nothing was collected", e); // unused networks may lack their plugins
            }
        }
    }
}
