package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.linux.Fd;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.network.Connections;
import io.aestus.network.NetworkSettings;
import io.aestus.network.NetworkSettings.Ipv6;
import io.aestus.network.PodNetworks;
import io.aestus.testing.PackedProgram;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A node whose pods are in networks, in the network namespace that this process was given for itself. */
final class NetworkNode implements AutoCloseable {
    /** The addresses of a link to another network namespace that knows nothing of pods. */
    static final String INSIDE = "10.99.0.1";

    static final String OUTSIDE = "10.99.0.2";
    static final String INSIDE6 = "fd99::1";
    static final String OUTSIDE6 = "fd99::2";

    /** How often a client tries that knows a server will be there. */
    private static final int PATIENT = 40;

    private static final String NO_RULES = "";

    private final Path directory;
    private final NetworkSettings settings;
    private final boolean ipv6;
    private Node node;

    /** @param plugins directories of the programs that make networks */
    NetworkNode(Path directory, List<Path> plugins) throws IOException, InterruptedException {
        this.directory = directory;
        if (command("ip", "-o", "link").lines().count() != 1) {
            throw new IllegalStateException("this is not a network namespace of its own");
        }
        ipv6 = Files.exists(Path.of("/proc/net/if_inet6")) && ran("ip6tables", "-t", "nat", "-S");
        settings = NetworkSettings.of(directory, List.of(directory))
                .withPlugins(plugins)
                .withConfigurations(List.of(Files.createDirectories(directory.resolve("net.d"))))
                .withRun(directory.resolve("run"))
                .withIpv6(ipv6 ? Ipv6.YES : Ipv6.NO);
        node = open();
    }

    private Node open() throws IOException {
        var config = ExecutorConfig.of(directory).withMetadata(Node::greet);
        return new Node(directory, new Stage1Host(directory, settings).stage1, config);
    }

    Executor executor() {
        return node.executor;
    }

    boolean hasIpv6() {
        return ipv6;
    }

    /** What pods are started by besides that has one made ahead. */
    Stage1Host withSpare() throws IOException {
        return Stage1Host.withSpares(directory, settings, 1);
    }

    /** Plays in a process of its own, beside this one. */
    Process apart(NetworkScenario scenario) throws IOException {
        var command = new ArrayList<>(PackedProgram.of(NetworkScenario.class));
        command.addAll(List.of(directory.toString(), scenario.name(), NetworkScenario.words(settings.plugins())));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** What gc does with what a crash left of pods, where no pod is. */
    void sweep() throws IOException {
        node.stage1.sweep(_ -> false);
    }

    /** The pods whose network namespaces are held. */
    List<String> pinned() throws IOException {
        return files(directory.resolve("run/pods"), "*").stream()
                .map(file -> Path.of(file).getFileName().toString())
                .toList();
    }

    /** Another process looks after the pods from here on. */
    void reopen(Runnable meanwhile) throws IOException {
        node.close();
        meanwhile.run();
        node = open();
    }

    /** Adds a network; {@code %s} in it is where leases go. */
    void network(String file, String text) throws IOException {
        Files.writeString(
                directory.resolve("net.d").resolve(file),
                text.replace("%s", directory.resolve("run/leases").toString()));
    }

    /** A script that says a word to everybody who connects. */
    static String serve(int port, String word) {
        return "exec nc -ll -p " + port + " -e /bin/echo " + word;
    }

    PodUuid run(PodManifest manifest, Connections connections) {
        return node.run(PodSpec.of(manifest)
                .withOptions(PodOptions.DEFAULT
                        .withLife(PodOptions.Life.UNTIL_STOPPED)
                        .withConnections(connections)));
    }

    /** A socket of this process that is in the network of a pod. */
    DatagramChannel datagrams(PodUuid pod, int port) throws IOException {
        return datagrams(((PodState.Running) executor().status(pod).state()).pid(), port);
    }

    private static DatagramChannel datagrams(long pid, int port) throws IOException {
        try (Fd network = Namespaces.of(pid, Namespace.NETWORK)) {
            return Namespaces.inside(network, Namespace.NETWORK, () -> {
                var channel = DatagramChannel.open(StandardProtocolFamily.INET);
                channel.bind(new InetSocketAddress(port)).socket().setSoTimeout((int) Node.SOON.toMillis());
                return channel;
            });
        }
    }

    /** Asks the plugins whether all is as they made it. */
    void check(PodUuid pod) throws IOException {
        PodNetworks.of(settings).check(pod.toString());
    }

    /** The rules that translate addresses and have all these words. */
    long rules(String tables, String... words) throws IOException, InterruptedException {
        return command(tables, "-t", "nat", "-S")
                .lines()
                .filter(line -> Stream.of(words).allMatch(line::contains))
                .count();
    }

    /** How many queues of the host's interfaces have both words. */
    long queues(String kind, String words) throws IOException, InterruptedException {
        return command("tc", "qdisc", "show")
                .lines()
                .filter(line -> line.contains(kind) && line.contains(words))
                .count();
    }

    void end(PodUuid pod) {
        executor().stop(pod, StopOptions.NOW);
    }

    /** What a pod in these networks hears from a server, which may not listen yet; nothing if it never answers. */
    String hear(Connections connections, String address, int port) throws InterruptedException {
        return hear(connections, address, port, PATIENT);
    }

    /** The same from a server that others hear. */
    String hearAtOnce(Connections connections, String address, int port) throws InterruptedException {
        return hear(connections, address, port, 1);
    }

    /** A script that connects until it is served, but so many times at most. */
    private static String connecting(String client, String address, int port, int tries) {
        return "i=0; until " + client + " -w 5 " + address + " " + port + " </dev/null;" + " do i=$((i+1)); [ $i -lt "
                + tries + " ] || exit 1; sleep 0.1; done";
    }

    private String hear(Connections connections, String address, int port, int tries) throws InterruptedException {
        String script = connecting("nc", address, port, tries);
        PodUuid pod = run(PodManifest.of(Node.app("client", script)), connections);
        node.end(pod, "client");
        List<String> said = node.log(pod, "client").stream()
                .filter(line -> line.startsWith("stdout F "))
                .toList();
        end(pod);
        return said.isEmpty() ? "" : said.getFirst().substring("stdout F ".length());
    }

    /** What an app of a pod has written, as soon as it has written {@code last}. */
    String output(PodUuid pod, String last) throws InterruptedException {
        var text = new StringBuilder();
        var query = LogQuery.all().following();
        try (var reader = executor().log(pod, Node.name("app")).read(query)) {
            while (text.indexOf(last) < 0) {
                var line = reader.next(Node.SOON).orElseThrow(() -> new AssertionError("no " + last + " in " + text));
                text.append(new String(line.text(), StandardCharsets.UTF_8)).append('\n');
            }
        }
        return text.toString();
    }

    /** No interface, firewall rule, lease, namespace or record of a pod. */
    void assertNothingLeft() throws IOException, InterruptedException {
        String links = command("ip", "-o", "link");
        assertEquals(0, links.lines().filter(line -> line.contains("veth")).count(), links);
        for (String tables : ipv6 ? List.of("iptables", "ip6tables") : List.of("iptables")) {
            String rules = command(tables, "-t", "nat", "-S");
            String ofPods = rules.lines()
                    .filter(line -> line.contains("CNI-") && !line.contains("HOSTPORT-"))
                    .reduce(NO_RULES, (all, line) -> all + line + "\n");
            assertEquals(NO_RULES, ofPods);
            assertEquals(
                    0, rules.lines().filter(line -> line.contains("CNI-DN-")).count(), rules);
        }
        assertEquals(List.of(), files(directory.resolve("run/leases"), "[0-9a-f]*[.:]*"));
        assertEquals(List.of(), files(directory.resolve("run/pods"), "*"));
        assertEquals(List.of(), files(directory.resolve("networks"), "*.json"));
    }

    private static List<String> files(Path root, String glob) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        var matcher = root.getFileSystem().getPathMatcher("glob:" + glob);
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> Files.isRegularFile(path) && matcher.matches(path.getFileName()))
                    .map(Path::toString)
                    .toList();
        }
    }

    /** A network namespace at the other end of a link. */
    static Outside outside() throws IOException, InterruptedException {
        return new Outside();
    }

    static final class Outside implements AutoCloseable {
        private final Process keeper;
        private final String pid;
        private Process server;

        private Outside() throws IOException, InterruptedException {
            keeper = new ProcessBuilder("unshare", "--net", "sh", "-c", "ip link set lo up; echo; exec sleep 1000")
                    .start();
            keeper.getInputStream().read(); // it is there
            server = keeper;
            pid = Long.toString(keeper.pid());
            command("ip", "link", "add", "out0", "type", "veth", "peer", "name", "in0", "netns", pid);
            command("ip", "addr", "add", INSIDE + "/24", "dev", "out0");
            command("ip", "link", "set", "out0", "up");
            inside("ip", "addr", "add", OUTSIDE + "/24", "dev", "in0");
            inside("ip", "link", "set", "in0", "up");
            if (Files.exists(Path.of("/proc/net/if_inet6"))) {
                command("ip", "addr", "add", INSIDE6 + "/64", "dev", "out0", "nodad");
                inside("ip", "addr", "add", OUTSIDE6 + "/64", "dev", "in0", "nodad");
            }
        }

        private String inside(String... words) throws IOException, InterruptedException {
            return command(entering(words).toArray(String[]::new));
        }

        private List<String> entering(String... words) {
            return Stream.concat(Stream.of("nsenter", "--net=/proc/" + pid + "/ns/net"), Stream.of(words))
                    .toList();
        }

        void serve(int port, String word) throws IOException {
            server = new ProcessBuilder(entering(
                            "/bin/busybox",
                            "sh",
                            "-c",
                            NetworkNode.serve(port, word).replace("exec nc", "exec busybox nc")))
                    .redirectErrorStream(true)
                    .start();
        }

        /** A socket of this process that is there. */
        DatagramChannel datagrams() throws IOException {
            return NetworkNode.datagrams(keeper.pid(), 0);
        }

        /** What it hears from a server inside, which may not listen yet; nothing if nobody answers. */
        String hear(String address, int port) throws IOException, InterruptedException {
            return hear(address, port, PATIENT);
        }

        /** The same from a server that others hear, or have heard. */
        String hearAtOnce(String address, int port) throws IOException, InterruptedException {
            return hear(address, port, 1);
        }

        private String hear(String address, int port, int tries) throws IOException, InterruptedException {
            return inside("sh", "-c", "(" + connecting("busybox nc", address, port, tries) + ") || true")
                    .strip();
        }

        @Override
        public void close() throws IOException, InterruptedException {
            server.destroyForcibly().waitFor();
            keeper.destroyForcibly().waitFor();
        }
    }

    private static String command(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", words) + ": " + said);
        return said;
    }

    private static boolean ran(String... words) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(words).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false; // no such tool
        }
    }

    @Override
    public void close() {
        for (PodStatus pod : executor().list()) {
            executor().stop(pod.uuid(), StopOptions.NOW);
        }
        node.close();
    }
}
