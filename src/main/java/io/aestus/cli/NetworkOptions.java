package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.ExposedPort;
import io.aestus.appc.PodManifest;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodOptions.NetworkMode;
import io.aestus.network.Connections;
import io.aestus.network.NetworkChoice;
import io.aestus.network.PodNetworks;
import io.aestus.network.PortMapping;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code --net} and {@code --port}. A port is said by the number that the app listens on, or by the name that an image gives
 * it; numbers go to the networks as they are, names into the pod manifest, where apps are known.
 *
 * @param net the word of {@code --net}, if there is one
 * @param networks the networks that it names
 * @param mappings the ports by number
 * @param exposed the ports by name
 */
record NetworkOptions(
        Optional<String> net, List<NetworkChoice> networks, List<PortMapping> mappings, List<ExposedPort> exposed) {
    private static final String NET = "--net";
    private static final String PORT = "--port";
    private static final String NONE = "none";
    private static final String OF_HOST = "host";
    private static final String ALL = "all";
    private static final String USUAL = "default";
    private static final int LAST_PORT = 65535;

    /** Compiled when the first port is said: most pods have none. */
    private static final class Form {
        private static final String HOST = "(?:(?<host>\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.]+]):)?";
        static final Pattern BY_NUMBER = Pattern.compile(
                HOST + "(?<port>\\d{1,5})(?:-(?<last>\\d{1,5}))?:(?<pod>\\d{1,5})(?:-(?<podlast>\\d{1,5}))?"
                        + "(?:/(?<protocol>[a-zA-Z]+))?");
        static final Pattern BY_NAME =
                Pattern.compile("(?<name>[a-z0-9-]*[a-z][a-z0-9-]*):" + HOST + "(?<port>\\d{1,5})");

        private Form() {}
    }

    NetworkOptions {
        networks = List.copyOf(networks);
        mappings = List.copyOf(mappings);
        exposed = List.copyOf(exposed);
    }

    static CommandSpec add(CommandSpec spec) {
        return spec.addOption(option())
                .addOption(Options.values(
                        PORT,
                        "PORT",
                        "lead a port of the host into the pod: [IP:]PORT[-LAST]:PODPORT[-LAST][/udp|/sctp], or NAME:[IP:]PORT for"
                                + " what an image calls so; the network is then default unless --net says otherwise"));
    }

    /** The option that says in which networks a pod is. */
    static OptionSpec option() {
        return Options.value(
                NET, "NETWORKS", "none (default), host, or networks: NAME[:KEY=VALUE;…],…; all for all of them");
    }

    /** What the words say. @throws WrongUsage for what cannot be read */
    static NetworkOptions read(ParseResult arguments) {
        Optional<String> net = Options.value(arguments, NET);
        var mappings = new ArrayList<PortMapping>();
        var exposed = new ArrayList<ExposedPort>();
        for (String text : Options.values(arguments, PORT)) {
            Matcher number = Form.BY_NUMBER.matcher(text);
            Matcher name = Form.BY_NAME.matcher(text);
            if (number.matches()) {
                mappings.addAll(byNumber(number, text));
            } else if (name.matches()) {
                exposed.add(byName(name, text));
            } else {
                throw unreadable(text);
            }
        }
        boolean mapsPorts = !mappings.isEmpty() || !exposed.isEmpty();
        if (mapsPorts && (net.equals(Optional.of(NONE)) || net.equals(Optional.of(OF_HOST)))) {
            throw new WrongUsage("cannot map ports of a pod with --net=" + net.get() + ": it is in no network")
                    .withRemedy("leave --net out");
        }
        List<NetworkChoice> networks = net.filter(
                        word -> !Set.of(NONE, OF_HOST, ALL).contains(word))
                .map(word -> Options.understood(word, NetworkChoice::parseAll))
                .orElse(List.of());
        return new NetworkOptions(net, networks, mappings, exposed);
    }

    private static List<PortMapping> byNumber(Matcher parts, String text) {
        String word = Optional.ofNullable(parts.group("protocol")).orElse("tcp");
        PortMapping.Protocol protocol = PortMapping.protocol(word).orElseThrow(() -> unreadable(text));
        Optional<String> host = host(parts, text);
        int first = port(parts.group("port"), text);
        int podFirst = port(parts.group("pod"), text);
        int count = count(first, parts.group("last"), text);
        if (parts.group("podlast") != null && count(podFirst, parts.group("podlast"), text) != count) {
            throw new WrongUsage("cannot read --port: the two ranges of " + Quoted.of(text) + " are not of one length");
        }
        requirePort(podFirst + count - 1, text);
        return IntStream.range(0, count)
                .mapToObj(i -> new PortMapping(host, first + i, podFirst + i, protocol))
                .toList();
    }

    private static int count(int first, @Nullable String last, String text) {
        int count = last == null ? 1 : port(last, text) - first + 1;
        if (count < 1 || count > Connections.MOST_PORTS) {
            throw unreadable(text);
        }
        return count;
    }

    private static ExposedPort byName(Matcher parts, String text) {
        Optional<String> host = host(parts, text);
        if (host.filter(address -> address.contains(":")).isPresent()) {
            throw unreadable(text); // a pod manifest has IPv4 addresses alone
        }
        return new ExposedPort(
                AcName.parse(parts.group("name")), port(parts.group("port"), text), host, Optional.empty());
    }

    /**
     * The options of a pod that is connected as the user says. Nothing said is no network, unless ports are exposed, which
     * would lead nowhere.
     *
     * @param available the networks of this host, asked for if the user wants all
     */
    PodOptions connect(PodOptions options, PodManifest manifest, Supplier<PodNetworks> available) {
        boolean mapsPorts = !mappings.isEmpty() || !manifest.ports().isEmpty();
        String word = net.orElse(mapsPorts ? USUAL : NONE);
        return switch (word) {
            case NONE -> options.withNetwork(NetworkMode.NONE);
            case OF_HOST -> options.withNetwork(NetworkMode.HOST);
            case ALL -> options.withConnections(new Connections(all(available.get()), mappings));
            default ->
                options.withConnections(
                        new Connections(networks.isEmpty() ? List.of(NetworkChoice.of(USUAL)) : networks, mappings));
        };
    }

    private static List<NetworkChoice> all(PodNetworks available) {
        return available.list().stream()
                .map(network -> NetworkChoice.of(network.name()))
                .toList();
    }

    private static Optional<String> host(Matcher parts, String text) {
        Optional<String> host = Optional.ofNullable(parts.group("host")).map(found -> found.replaceAll("[\\[\\]]", ""));
        try {
            host.ifPresent(InetAddress::ofLiteral);
        } catch (IllegalArgumentException _) {
            throw unreadable(text);
        }
        return host;
    }

    private static int port(String digits, String text) {
        return requirePort(Integer.parseInt(digits), text);
    }

    private static int requirePort(int port, String text) {
        if (port < 1 || port > LAST_PORT) {
            throw unreadable(text);
        }
        return port;
    }

    private static WrongUsage unreadable(String text) {
        return new WrongUsage(
                "cannot read --port " + Quoted.of(text) + ": expected [IP:]PORT[-LAST]:PODPORT[-LAST][/udp|/sctp] or"
                        + " NAME:[IP:]PORT, of at most " + Connections.MOST_PORTS + " ports");
    }
}
