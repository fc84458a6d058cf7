package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.linux.Fd;
import io.aestus.linux.Namespaces;
import io.aestus.linux.PidFd;
import io.aestus.linux.Signal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The network of pods of users who are not root, and may make no interface on the host: a program beside each pod carries what
 * it sends and receives as traffic of the user's own, {@code slirp4netns} or {@code pasta}. The pod reaches what the user
 * reaches, but for the host's own loopback; ports of the host lead into it.
 *
 * <p>A file for each pod says which program is its; the pod's network namespace is mounted on it in the mount namespace of
 * whoever started the pod. Thread-safe, as long as one pod is changed by one caller at a time.
 */
public final class UserNetwork {
    private static final String USUAL = "default";
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String OF_RECORDS = ".carrier";
    private static final Pattern RECORD = Pattern.compile("(\\d{1,10}) ([a-z0-9]+)");

    private final Path records;
    private final List<Carrier> carriers = List.of(new Slirp(), new Pasta());

    /** @param records where is written which pods have which program */
    public UserNetwork(Path records) {
        this.records = records;
    }

    /**
     * Asks whether pods can be attached to a network.
     *
     * @throws AestusException saying why not
     */
    public void requireReady(String network) {
        carrier(network);
    }

    private Carrier carrier(String network) {
        if (network.equals(USUAL)) {
            return carriers.stream()
                    .filter(carrier -> carrier.program().isPresent())
                    .findFirst()
                    .orElseThrow(() -> refused(network, "neither slirp4netns nor pasta is installed")
                            .withRemedy("install slirp4netns or passt, or --net=host"));
        }
        Carrier named = carriers.stream()
                .filter(carrier -> carrier.name().equals(network))
                .findFirst()
                .orElseThrow(() -> refused(network, "that takes root")
                        .withRemedy("--net=default, slirp4netns, pasta, host or none"));
        if (named.program().isEmpty()) {
            throw refused(network, named.name() + " is not installed");
        }
        return named;
    }

    private static AestusException refused(String network, String reason) {
        return new AestusException(
                Problem.UNSUPPORTED, "cannot attach pods to network " + Quoted.of(network) + ": " + reason);
    }

    /**
     * Attaches a pod.
     *
     * @param pod its name
     * @param namespace its network namespace. Lent
     * @param first its first process. Lent
     */
    public List<Attachment> attach(String pod, Fd namespace, PidFd first, Connections wanted) throws IOException {
        if (wanted.networks().size() != 1) {
            throw refused(wanted.networks().toString(), "without root a pod has one");
        }
        String network = wanted.networks().getFirst().network();
        Carrier carrier = carrier(network);
        for (PortMapping port : wanted.ports()) {
            if (port.protocol() == PortMapping.Protocol.SCTP) {
                throw refused(network, "it carries no SCTP");
            }
        }
        Files.createDirectories(records);
        Path pin = records.resolve(pod);
        Namespaces.pin(namespace, pin);
        try {
            long process = carrier.start(carrier.program().orElseThrow(), pin, first, wanted.ports(), LIMIT);
            Files.writeString(record(pod), process + " " + carrier.name());
            return List.of(new Attachment(
                    network,
                    Carrier.INTERFACE,
                    List.of(Carrier.ADDRESS),
                    new NameServers(List.of(Carrier.NAME_SERVER), List.of(), List.of())));
        } catch (IOException | RuntimeException e) {
            detach(pod);
            throw e;
        }
    }

    private Path record(String pod) {
        return records.resolve(pod + OF_RECORDS);
    }

    /** Ends what carries the traffic of a pod, if it goes on. */
    public void detach(String pod) throws IOException {
        Optional<String> recorded = read(record(pod));
        if (recorded.isPresent()) {
            var parts = RECORD.matcher(recorded.get());
            if (parts.matches()) {
                end(Long.parseLong(parts.group(1)), parts.group(2));
            }
        }
        Namespaces.unpin(records.resolve(pod));
        Files.deleteIfExists(record(pod));
    }

    private static Optional<String> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.US_ASCII));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /** Its number may be somebody else's by now: only a program of that name is ended. */
    private static void end(long number, String name) throws IOException {
        try (PidFd process = PidFd.open(number).orElse(null)) {
            if (process != null
                    && read(Path.of("/proc/" + number + "/comm"))
                            .filter(program -> program.startsWith(name))
                            .isPresent()) {
                process.signal(Signal.SIGTERM);
                process.awaitEnd(LIMIT);
            }
        }
    }

    /** Detaches pods that are not there any more. */
    public void sweep(Predicate<String> isLive) throws IOException {
        if (!Files.isDirectory(records)) {
            return;
        }
        try (var files = Files.newDirectoryStream(records, "*" + OF_RECORDS)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String pod = name.substring(0, name.length() - OF_RECORDS.length());
                if (!isLive.test(pod)) {
                    detach(pod);
                }
            }
        }
    }
}
