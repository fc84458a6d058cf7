package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Commands about pods in networks of the real plugins: a program for a network and mount namespace of its own, see {@link
 * NetworkCommandsHostTest}.
 */
final class NetworkedBox {
    private static final Path RUN = Path.of("/run/aestus");
    private static final String SCRIPT =
            "busybox hostname; cat /etc/resolv.conf /etc/hosts; busybox ip -o addr; echo end;"
                    + " exec busybox nc -ll -p 8081 -e /bin/busybox echo heard";

    private final Box box;

    private NetworkedBox(Box box) {
        this.box = box;
    }

    private static String tool(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", words) + ": " + said);
        return said;
    }

    /** What a server says that may not be there yet. */
    private static String hear(int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 10_000);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    private void play() throws IOException, InterruptedException {
        String list = box.run("network", "list").ok();
        assertTrue(
                list.lines().anyMatch(line -> line.matches("default +ptp,portmap,bandwidth +built in +ready")), list);
        String pod = box.start(
                SCRIPT,
                "--net=default:IP=172.16.28.77,default-restricted",
                "--port=18080-18081:8080-8081",
                "--hostname=web",
                "--dns=192.0.2.53",
                "--dns-search=shop.test",
                "--dns-opt=ndots:2",
                "--hosts-entry=192.0.2.7=db");
        box.await("end\n", "logs", pod);
        String seen = box.run("logs", pod).ok();
        assertTrue(seen.startsWith("web\nnameserver 192.0.2.53\nsearch shop.test\noptions ndots:2\n"), seen);
        assertTrue(seen.contains("192.0.2.7\tdb") && seen.contains("172.16.28.77\tweb"), seen);
        assertTrue(seen.contains("eth0    inet 172.16.28.77/24") && seen.contains("eth1    inet 172.31."), seen);
        String shown = box.run("status", pod).ok();
        assertTrue(shown.contains("\nnetworks=default:ip4=172.16.28.77"), shown);
        // no process of ours looks after it, and yet it is there
        assertEquals("heard", hear(18081));
        refusesPortsThatAreTaken();
        box.run("network", "check", pod).ok();
        tool("nsenter", "--net=" + RUN.resolve("networks/pods").resolve(pod), "ip", "route", "del", "default");
        String amiss = box.run("network", "check", pod).fails(ExitCode.FAILED);
        assertTrue(amiss.startsWith("aestus: cannot find the pod in network default: plugin ptp: "), amiss);
        leavesNothing(pod);
    }

    private void refusesPortsThatAreTaken() throws IOException {
        try (var own = new ServerSocket(0)) {
            String taken = Integer.toString(own.getLocalPort());
            String refused =
                    box.run("run", "--port=" + taken + ":80", box.image).fails(ExitCode.FAILED);
            assertTrue(
                    refused.startsWith(
                            "aestus: cannot map port " + taken + "->80/tcp: a process of the host listens there"),
                    refused);
        }
        String refused = box.run("run", "--port=127.0.0.1:18080:80", box.image).fails(ExitCode.FAILED);
        assertTrue(refused.startsWith("aestus: cannot map port 127.0.0.1:18080->80/tcp: pod "), refused);
    }

    /** Killed behind everybody's back, and its directory lost: gc knows from the records of its networks. */
    private void leavesNothing(String pod) throws IOException, InterruptedException {
        String first = box.run("status", pod).ok().replaceAll("(?s).*\\npid=(\\d+)\\n.*", "$1");
        ProcessHandle process = ProcessHandle.of(Long.parseLong(first)).orElseThrow();
        assertTrue(process.destroyForcibly());
        process.onExit().join();
        tool(
                "rm",
                "-r",
                "--one-file-system",
                box.shell.data().resolve("pods/" + pod).toString());
        box.run("gc", "--grace-period=0s").ok();
        for (String tables : List.of("iptables", "ip6tables")) {
            String rules = tool(tables, "-t", "nat", "-S");
            assertFalse(rules.contains(pod), rules);
        }
        try (Stream<Path> leases = Files.walk(RUN.resolve("networks/leases"))) {
            assertEquals(
                    List.of(),
                    leases.filter(file -> file.getFileName().toString().matches("[0-9a-f]+[.:].*"))
                            .toList());
        }
        try (Stream<Path> pins = Files.list(RUN.resolve("networks/pods"))) {
            assertEquals(List.of(), pins.toList());
        }
        String links = tool("ip", "-o", "link");
        assertFalse(links.contains("veth"), links);
    }

    /** Plays in the directory {@code args[0]}. */
    public static void main(String[] args) throws Exception {
        Files.createDirectories(RUN);
        tool("mount", "-t", "tmpfs", "none", RUN.toString()); // in this mount namespace alone
        try (var box = new Box(Path.of(args[0]))) {
            new NetworkedBox(box).play();
        }
    }
}
