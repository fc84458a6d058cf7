package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.PodSandboxStatusRequest;
import io.aestus.cri.v1.PortMapping;
import io.aestus.cri.v1.StopPodSandboxRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Sandboxes in a network of the real plugins: a program for a network namespace of its own, see {@link CriNetworkHostTest}. */
final class NetworkedNode extends RealNode {
    private NetworkedNode(Path directory) {
        this.directory = directory;
    }

    @Override
    SandboxNetwork network() {
        return new FakeNetwork("default", Optional.empty());
    }

    private String address(String sandbox) {
        return client.runtime
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build())
                .getStatus()
                .getNetwork()
                .getIp();
    }

    private static String hear(String address, int port) {
        try (var socket = new Socket(InetAddress.ofLiteral(address), port)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException _) {
            return ""; // not yet
        }
    }

    private void play() throws IOException {
        String server = sandbox(
                "server",
                NamespaceMode.POD,
                List.of(PortMapping.newBuilder()
                        .setHostPort(18080)
                        .setContainerPort(8080)
                        .build()));
        started(server, "app", "exec nc -ll -p 8080 -e /bin/echo served");
        String address = address(server);
        assertTrue(address.startsWith("172.16.28."), address);
        await("an answer at the sandbox's address", () -> hear(address, 8080).equals("served"));
        await("an answer at the host's port", () -> hear("127.0.0.1", 18080).equals("served"));
        String client = started(
                sandbox("client", NamespaceMode.POD),
                "client",
                "nc -w 5 " + address
                        + " 8080 </dev/null; cat /etc/hosts /proc/sys/net/ipv4/ip_unprivileged_port_start");
        assertEquals(0, exited(client).getExitCode());
        assertTrue(log("client").contains("stdout F served"), log("client"));
        assertTrue(log("client").contains("\tclient"), log("client"));
        assertTrue(log("client").endsWith("stdout F 0\n"), log("client"));
        for (int i = 0; i < 2; i++) { // the kubelet asks more than once
            this.client.runtime.stopPodSandbox(
                    StopPodSandboxRequest.newBuilder().setPodSandboxId(server).build());
        }
        assertEquals("", hear("127.0.0.1", 18080));
    }

    /** Plays in the directory {@code args[0]}. */
    public static void main(String[] args) throws Exception {
        var node = new NetworkedNode(Path.of(args[0]));
        node.start();
        try {
            node.play();
        } finally {
            node.stop();
        }
        try (var records = Files.newDirectoryStream(node.directory.resolve("data/networks"), "*.json")) {
            assertEquals(false, records.iterator().hasNext(), "records of pods that are gone");
        }
    }
}
