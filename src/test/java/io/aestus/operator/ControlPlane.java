package io.aestus.operator;

import io.aestus.testing.TestTier;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * etcd and kube-apiserver on loopback, in a temporary directory, for as long as the tests last. No kubelet, scheduler or
 * controllers: what an API server alone does is what these tests are about.
 */
public final class ControlPlane implements AutoCloseable {
    /** The user of {@link #agentToken}: what the chart's service account is called when released as aestus in aestus-system. */
    public static final String AGENT_USER = "system:serviceaccount:aestus-system:aestus";

    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final Path directory;
    private final List<Process> processes = new ArrayList<>();
    private final String url;
    private final String adminToken = "admin-" + System.nanoTime();
    private final String agentToken = "agent-" + System.nanoTime();

    private ControlPlane(Path directory, int port) {
        this.directory = directory;
        this.url = "https://127.0.0.1:" + port;
    }

    static ControlPlane start() throws IOException, GeneralSecurityException {
        var plane = new ControlPlane(Files.createTempDirectory("aestus-control-plane"), freePort());
        try {
            plane.launch();
            plane.awaitReady();
            return plane;
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            plane.close();
            throw e;
        }
    }

    private void launch() throws IOException, GeneralSecurityException {
        int etcdPort = freePort();
        String etcd = "http://127.0.0.1:" + etcdPort;
        String peer = "http://127.0.0.1:" + freePort();
        run(
                "etcd",
                "etcd",
                "--data-dir=" + directory.resolve("etcd"),
                "--listen-client-urls=" + etcd,
                "--advertise-client-urls=" + etcd,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer,
                "--unsafe-no-fsync");
        Path tokens = directory.resolve("tokens.csv");
        Files.writeString(tokens, """
                %s,admin,1,"system:masters"
                %s,%s,2,"system:serviceaccounts,system:authenticated"
                """.formatted(adminToken, agentToken, AGENT_USER));
        Path key = directory.resolve("service-accounts.pem");
        Files.writeString(key, signingKey());
        run(
                "kube-apiserver",
                TestTier.clusterTools().resolve("kube-apiserver").toString(),
                "--etcd-servers=" + etcd,
                "--bind-address=127.0.0.1",
                "--secure-port=" + url.substring(url.lastIndexOf(':') + 1),
                "--cert-dir=" + directory.resolve("certificates"),
                "--token-auth-file=" + tokens,
                "--authorization-mode=RBAC",
                "--service-cluster-ip-range=10.0.0.0/24",
                "--service-account-issuer=" + url,
                "--service-account-key-file=" + key,
                "--service-account-signing-key-file=" + key,
                "--disable-admission-plugins=ServiceAccount",
                "--allow-privileged",
                // A loopback address may not be advertised; nothing looks for endpoints here.
                "--advertise-address=192.0.2.1",
                "--endpoint-reconciler-type=none");
        writeKubeconfig(kubeconfig(), adminToken);
        writeKubeconfig(agentKubeconfig(), agentToken);
    }

    private void writeKubeconfig(Path file, String token) throws IOException {
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                clusters:
                - {name: test, cluster: {server: "%s", certificate-authority: "%s"}}
                users:
                - {name: user, user: {token: "%s"}}
                contexts:
                - {name: test, context: {cluster: test, user: user}}
                current-context: test
                """.formatted(url, certificate(), token));
    }

    private static String signingKey() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                + "\n-----END PRIVATE KEY-----\n";
    }

    private void run(String name, String... command) throws IOException {
        processes.add(new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start());
    }

    private void awaitReady() throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!isReady()) {
            if (System.nanoTime() > deadline || processes.stream().anyMatch(process -> !process.isAlive())) {
                throw new IOException("the API server did not start:\n" + lastWords());
            }
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
    }

    private boolean isReady() {
        if (!Files.exists(certificate())) {
            return false;
        }
        try (KubernetesClient client = admin()) {
            return "ok".equals(client.raw("/readyz"));
        } catch (KubernetesClientException e) {
            return false; // not yet
        }
    }

    private String lastWords() throws IOException {
        var words = new StringBuilder();
        for (String name : List.of("etcd", "kube-apiserver")) {
            List<String> lines = Files.readAllLines(directory.resolve(name + ".log"));
            lines.subList(Math.max(0, lines.size() - 15), lines.size())
                    .forEach(
                            line -> words.append(name).append(": ").append(line).append('\n'));
        }
        return words.toString();
    }

    /** With all rights. */
    KubernetesClient admin() {
        return client(adminToken);
    }

    /** As {@link #AGENT_USER}, with the rights that RBAC gives to it. */
    KubernetesClient agent() {
        return client(agentToken);
    }

    private KubernetesClient client(String token) {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(url)
                .withCaCertFile(certificate().toString())
                .withOauthToken(token)
                .withRequestRetryBackoffLimit(0)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** Of the administrator. */
    public Path kubeconfig() {
        return directory.resolve("kubeconfig");
    }

    /** Of {@link #AGENT_USER}. */
    public Path agentKubeconfig() {
        return directory.resolve("kubeconfig-agent");
    }

    /** Installs the definition and the chart, as its users do. */
    public void install() throws IOException, InterruptedException {
        kubectl("apply", "--server-side", "-f", AppPodDefinitionTest.FILE.toString())
                .orFail();
        kubectl("wait", "--for=condition=Established", "crd/apppods.aestus.io", "--timeout=30s")
                .orFail();
        helm("install", "aestus", "helm/aestus", "--namespace", "aestus-system", "--create-namespace")
                .orFail();
    }

    /** Takes away all that {@link #install} brought but the definition. */
    public void uninstall() throws IOException, InterruptedException {
        helm("uninstall", "aestus", "--namespace", "aestus-system").orFail();
    }

    private Tool.Outcome helm(String... arguments) throws IOException, InterruptedException {
        return Tool.named("helm").with("KUBECONFIG", kubeconfig().toString()).run(arguments);
    }

    private Path certificate() {
        return directory.resolve("certificates/apiserver.crt");
    }

    /** Runs kubectl as administrator. */
    public Tool.Outcome kubectl(String... arguments) throws IOException, InterruptedException {
        return Tool.named("kubectl").with("KUBECONFIG", kubeconfig().toString()).run(arguments);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes.reversed()) {
            process.destroy();
            try {
                if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
