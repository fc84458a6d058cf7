package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.linux.KernelVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks of pods whose users are not root. */
@Tag("host")
class WithoutRootNetworkTest extends OrdinaryUsers {
    @Test
    void the_network_is_none_or_the_hosts() {
        assertEquals("lo\n", run(alice, "", "ls /sys/class/net"));
        String ours = alice.sh("", "ls /sys/class/net").ok();
        assertEquals(ours, run(alice, "--net=host", "ls /sys/class/net"));
        String pod = alice.aestus("run --net=host --detach " + image + " -- -c 'while true; do sleep 0.1; done'")
                .ok()
                .strip();
        assertEquals(ours, alice.aestus("enter " + pod + " ls /sys/class/net").ok());
        alice.aestus("stop --force " + pod).ok();
    }

    /** Has everybody open the device from which programs make interfaces, as is usual. */
    private static String withTunnels() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "no /dev/net/tun");
        Path place = Files.createDirectories(dir.resolve("tun"));
        return "mount -t tmpfs none %1$s && mknod %1$s/tun c 10 200 && chmod 666 %1$s/tun && mount --bind %1$s/tun /dev/net/tun"
                .formatted(place);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What is said at a port of the host's loopback, once somebody is there. */
    private static String heardAt(int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        String heard = "";
        while (heard.isEmpty() && System.nanoTime() < deadline) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(5000);
                heard = new String(socket.getInputStream().readNBytes(3), StandardCharsets.US_ASCII);
            } catch (IOException _) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
        return heard;
    }

    @ParameterizedTest
    @ValueSource(strings = {"slirp4netns", "pasta"})
    void a_program_carries_the_traffic_of_a_pod(String program) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin", program)), "no " + program);
        int port = freePort();
        try (var ofHost = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String pod = alice.aestusIn(
                            withTunnels(),
                            "run --detach --net=%s --port 127.0.0.1:%d:8080 %s --name box -- -c 'ls /sys/class/net; while true; do echo hi | nc -l -p 8080; done'"
                                    .formatted(program, port, image))
                    .ok()
                    .strip();
            assertEquals("hi\n", heardAt(port));
            assertTrue(alice.aestus("list").ok().contains(program + ":ip4=10.0.2.100"));
            alice.await("eth0\nlo\n", "logs " + pod);
            assertTrue(
                    alice.aestus("enter " + pod + " cat /etc/resolv.conf").ok().contains("10.0.2.3"));
            var refused = alice.aestus("enter " + pod + " nc -w 2 10.0.2.2 " + ofHost.getLocalPort());
            assertNotEquals(0, refused.code(), "the host's loopback is out of reach");
            alice.aestus("stop --force " + pod).ok();
            alice.aestus("rm " + pod).ok();
        }
        assertEquals(List.of(), alice.processes(ALICE, 1));
        try (var left = Files.list(alice.data().resolve("networks"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void what_carries_the_traffic_ends_with_the_pod_that_nobody_looks_after() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/slirp4netns")), "no slirp4netns");
        String release = Files.readString(Path.of("/proc/sys/kernel/osrelease"));
        assumeTrue(KernelVersion.parse(release.strip()).isAtLeast(6, 9), "Linux before 6.9");
        alice.aestusIn(
                        withTunnels(),
                        "run --detach --net=slirp4netns " + image + " -- -c 'while true; do sleep 0.1; done'")
                .ok();
        for (String process : alice.processes(ALICE, 1, Duration.ZERO)) {
            if (process.endsWith("memfd:aestus-po")) {
                ProcessHandle.of(Long.parseLong(process.split(" ", 2)[0]))
                        .orElseThrow()
                        .destroyForcibly();
            }
        }
        assertEquals(List.of(), alice.processes(ALICE, 1));
    }

    @Test
    void networks_that_take_root_are_refused_and_leave_nothing() throws IOException {
        String refused = alice.aestus("run --net=bridge " + image + " -- -c id").fails(254);
        assertTrue(refused.contains("cannot attach pods to network 'bridge': that takes root"), refused);
        assertEquals(List.of(), alice.processes(ALICE, 1));
    }
}
