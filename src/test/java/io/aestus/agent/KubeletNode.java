package io.aestus.agent;

import io.aestus.aci.Aci;
import io.aestus.operator.Tool;
import io.aestus.store.StoreLayout;
import io.aestus.testing.SystemdHost;
import io.aestus.testing.TestTier;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An unmodified kubelet without an API server over an agent, both as processes in an {@link Enclosure}; static pods are its work. */
final class KubeletNode implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String TOOLS =
            "sh cat echo sleep usleep httpd id mkdir df env hostname wget nc dd touch head true false ls stat mount readlink stty";

    /** When images go that no pod has. */
    enum Collection {
        NEVER(""),
        /** With the start of the kubelet; then again after minutes. */
        AT_ONCE("imageMinimumGCAge: 1ns\nimageMaximumGCAge: 2ns\n");

        private final String settings;

        Collection(String settings) {
            this.settings = settings;
        }
    }

    /** The kubelet finds the kernel's settings as it wants them, and does not change those of the host. */
    private static final String WITH_SETTINGS = """
            set_value() { echo $1 >"$file"; mount --bind "$file" /proc/sys/$2; rm "$file"; }
            file=$1
            shift
            set_value 1 vm/overcommit_memory
            set_value 0 vm/panic_on_oom
            set_value 10 kernel/panic
            set_value 1 kernel/panic_on_oops
            set_value 1000000 kernel/keys/root_maxkeys
            set_value 25000000 kernel/keys/root_maxbytes
            exec "$@"
            """;

    private final Path directory;
    private final Optional<KubeletCgroup> cgroup;
    private final Enclosure enclosure;
    private @Nullable Process agent;
    private @Nullable Process kubelet;

    private KubeletNode(Path directory, Optional<KubeletCgroup> cgroup, Enclosure enclosure) {
        this.directory = directory;
        this.cgroup = cgroup;
        this.enclosure = enclosure;
    }

    /** A node on which all {@code pods} are wanted from the beginning; each is a resource beside this class. */
    static KubeletNode start(String... pods) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("aestus-kubelet");
        var cgroup = new KubeletCgroup(directory.getFileName().toString());
        return new KubeletNode(directory, Optional.of(cgroup), Enclosure.open(directory)).startAll(pods);
    }

    /** The same as a host of systemd's, which makes all cgroups. Skips a test where it cannot be. */
    static KubeletNode startWithSystemd(String... pods) throws IOException, InterruptedException {
        SystemdHost.require();
        Path directory = Files.createTempDirectory("aestus-kubelet");
        return new KubeletNode(directory, Optional.empty(), Enclosure.openWithSystemd(directory)).startAll(pods);
    }

    private KubeletNode startAll(String... pods) throws IOException, InterruptedException {
        try {
            for (String part : List.of("manifests", "logs", "shared", "plugins")) {
                Files.createDirectory(directory.resolve(part));
            }
            Files.setPosixFilePermissions(shared(), PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.writeString(directory.resolve("crictl.yaml"), "runtime-endpoint: unix://" + socket() + "\n");
            if (cgroup.isPresent()) {
                cgroup.get().make();
            }
            addImage("example.com/busybox");
            startAgent();
            for (String pod : pods) {
                add(pod);
            }
            startKubelet(Collection.NEVER);
            return this;
        } catch (IOException | RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    /** What pods see of the host. */
    Path shared() {
        return directory.resolve("shared");
    }

    Path logs() {
        return directory.resolve("logs");
    }

    // --- programs

    private Path data() {
        return directory.resolve("node");
    }

    Path socket() {
        return data().resolve("run/cri.sock");
    }

    void startAgent() throws IOException {
        agent = enclosure.start(
                directory.resolve("agent.log"),
                AgentProgram.command(
                        "aestus.dir=" + data(),
                        "aestus.kubernetes.enabled=false",
                        "aestus.insecure.options=image",
                        "aestus.network.sandboxes=default",
                        "aestus.node.name=node-a"));
        // A socket that is left from the one before does not answer.
        await("the agent answers", () -> succeeds(crictl("version")));
    }

    void killAgent() throws InterruptedException {
        Enclosure.end(Objects.requireNonNull(agent), true);
    }

    void startKubelet(Collection images) throws IOException {
        Path config = directory.resolve("kubelet.yaml");
        Files.writeString(directory.resolve("resolv.conf"), "nameserver 192.0.2.53\n");
        Files.writeString(config, configuration() + images.settings);
        kubelet = enclosure.start(
                directory.resolve("kubelet.log"),
                List.of(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "unchanged",
                        "sh",
                        "-ec",
                        WITH_SETTINGS,
                        "sh",
                        directory.resolve("setting").toString(),
                        TestTier.clusterTools().resolve("kubelet").toString(),
                        "--config=" + config,
                        "--root-dir=" + directory.resolve("kubelet"),
                        "--cert-dir=" + directory.resolve("certificates"),
                        "--hostname-override=node-a",
                        // Not asked of a name server, which does not answer here.
                        "--node-ip=" + Enclosure.ADDRESS));
        await("the kubelet answers", () -> Optional.of(get("/healthz")).filter("ok"::equals));
    }

    void stopKubelet() throws InterruptedException {
        Enclosure.end(Objects.requireNonNull(kubelet), false);
    }

    /** The cgroup driver is wrong without systemd: the runtime's word counts. */
    private String configuration() {
        return """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                address: 127.0.0.1
                readOnlyPort: 10255
                containerRuntimeEndpoint: unix://%1$s
                staticPodPath: %2$s/manifests
                podLogsDir: %2$s/logs
                volumePluginDir: %2$s/plugins
                resolvConf: %2$s/resolv.conf
                fileCheckFrequency: 1s
                authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
                authorization: {mode: AlwaysAllow}
                cgroupDriver: systemd
                cgroupRoot: /%3$s
                enforceNodeAllocatable: [none]
                failCgroupV1: false
                failSwapOn: false
                makeIPTablesUtilChains: false
                evictionHard: {memory.available: 0%%, nodefs.available: 0%%, nodefs.inodesFree: 0%%, imagefs.available: 0%%}
                imageGCHighThresholdPercent: 100
                containerLogMaxSize: 20Ki
                containerLogMaxFiles: 2
                containerLogMonitorInterval: 3s
                """.formatted(
                        socket(), directory, cgroup.map(KubeletCgroup::name).orElse(""));
    }

    // --- what it is to do

    /** Puts an image with nothing in it but busybox into the node's store. */
    void addImage(String name) throws IOException {
        var aci = Aci.named(name)
                .version("1")
                .directory("bin")
                .directory("tmp")
                .file("bin/busybox", 0755, Files.readAllBytes(Path.of("/bin/busybox")));
        for (String tool : TOOLS.split(" ", -1)) {
            aci.symlink("bin/" + tool, "busybox");
        }
        Path archive = Files.write(directory.resolve("image.aci"), aci.tar());
        BusyboxImage.importInto(new StoreLayout(data(), data().resolve("run")), archive, directory.resolve("keys"));
    }

    /** Wants a pod. */
    void add(String pod) throws IOException {
        try (InputStream text =
                Objects.requireNonNull(KubeletNode.class.getResourceAsStream("pods/" + pod + ".yaml"), pod)) {
            String manifest =
                    new String(text.readAllBytes(), StandardCharsets.UTF_8).replace("@SHARED@", shared().toString());
            Path whole = Files.writeString(directory.resolve("next.yaml"), manifest);
            Files.move(whole, manifest(pod), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Wants a pod no longer. */
    void remove(String pod) throws IOException {
        Files.delete(manifest(pod));
    }

    private Path manifest(String pod) {
        return directory.resolve("manifests").resolve(pod + ".yaml");
    }

    // --- what it says

    /** What the kubelet answers without asking who wants to know; empty while it does not. */
    String get(String path) {
        return fetch("http://127.0.0.1:10255" + path);
    }

    /** What any server of this node answers; empty while it does not. */
    String fetch(String url) {
        return succeeds(run("curl", "-sf", url)).orElse("");
    }

    /** What the kubelet answers to everybody, for this one is told to. */
    String ask(String method, String path) {
        return run("curl", "-sS", "-k", "-L", "-X", method, "https://127.0.0.1:10250" + path)
                .orFail()
                .output();
    }

    /** Where the kubelet serves a stream: {@code exec}, {@code attach}, {@code portForward}. */
    static URI stream(String path) {
        return URI.create("https://127.0.0.1:10250/" + path);
    }

    /** What executes the rest of its arguments on the node. */
    List<String> entrance() {
        return enclosure.entrance();
    }

    Tool.Outcome crictl(String... arguments) {
        var command = new ArrayList<>(List.of(
                TestTier.clusterTools().resolve("crictl").toString(), "--config=" + directory.resolve("crictl.yaml")));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    /** Runs a tool on the node. */
    Tool.Outcome run(String... command) {
        try {
            return enclosure.run(command);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static Optional<String> succeeds(Tool.Outcome outcome) {
        return outcome.code() == 0 ? Optional.of(outcome.output()) : Optional.empty();
    }

    /** As the kubelet tells it. */
    Optional<Pod> pod(String name) {
        return pods().stream()
                .filter(pod -> pod.getMetadata().getName().equals(name + "-node-a"))
                .findFirst();
    }

    /** Of all pods; none until it knows some. */
    List<Pod> pods() {
        String answer = get("/pods");
        List<Pod> pods = answer.isEmpty()
                ? null
                : Serialization.unmarshal(answer, PodList.class).getItems();
        return pods == null ? List.of() : pods;
    }

    Pod ready(String name) {
        return await("pod " + name + " is ready", () -> pod(name).filter(pod -> pod.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"))));
    }

    Optional<ContainerStatus> container(String pod, String name) {
        return pod(pod).flatMap(found -> container(found, name));
    }

    static Optional<ContainerStatus> container(Pod pod, String name) {
        return Stream.concat(
                        pod.getStatus().getInitContainerStatuses().stream(),
                        pod.getStatus().getContainerStatuses().stream())
                .filter(status -> status.getName().equals(name))
                .findFirst();
    }

    interface Look<T> {
        Optional<T> at() throws IOException;
    }

    <T> T await(String what, Look<T> look) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (var found = look.at(); ; found = look.at()) {
                if (found.isPresent()) {
                    return found.get();
                }
                boolean isOver = Stream.of(agent, kubelet).anyMatch(process -> process != null && !process.isAlive());
                if (System.nanoTime() > deadline || isOver) {
                    throw new AssertionError("in vain: " + what + "\n" + lastWords());
                }
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        } catch (IOException e) {
            throw new AssertionError("in vain: " + what, e);
        }
    }

    private String lastWords() throws IOException {
        var words = new StringBuilder(get("/pods"));
        for (String name : List.of("agent.log", "kubelet.log")) {
            Path log = directory.resolve(name);
            List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
            lines.subList(Math.max(0, lines.size() - 40), lines.size())
                    .forEach(
                            line -> words.append('\n').append(name).append(": ").append(line));
        }
        return words.toString();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        enclosure.close();
        if (cgroup.isPresent()) {
            cgroup.get().remove();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
