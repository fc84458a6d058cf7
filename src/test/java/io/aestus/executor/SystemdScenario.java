package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.PodUuid;
import io.aestus.linux.CgroupDriver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Pods in slices of systemd: a program for a host of its own, see {@link SystemdHostTest}. */
final class SystemdScenario {
    private static final String SLICE = "kubepods-burstable-pod1.slice";
    private static final String PLACE =
            "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/aestus-%s.scope";

    private final Node node;

    private SystemdScenario(Node node) {
        this.node = node;
    }

    private static String tool(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said.strip();
    }

    private PodUuid run(String parent) {
        return node.executor.run(Node.sandbox(Node.app("web", "echo up; exec sleep 1000"))
                .withOptions(PodOptions.DEFAULT
                        .withLife(PodOptions.Life.UNTIL_STOPPED)
                        .withCgroupParent(parent)));
    }

    private void play() throws Exception {
        PodUuid pod = run(SLICE + ":aestus");
        String unit = "aestus-" + pod + ".scope";
        Path place = Path.of("/sys/fs/cgroup", PLACE.formatted(pod));
        assertTrue(Files.isDirectory(place.resolve("web")), place::toString);
        assertEquals("", Files.readString(place.resolve("cgroup.procs")), "only leaves have processes");
        assertEquals(
                "Slice=" + SLICE + "\nDelegate=yes\nTasksMax=infinity",
                tool("systemctl", "show", "--property=Slice,Delegate,TasksMax", unit));
        assertEquals("", tool("systemctl", "daemon-reload"));
        node.executor.pause(pod);
        assertTrue(Files.readString(place.resolve("cgroup.events")).contains("frozen 1"));
        node.executor.resume(pod);
        try (AppProcess process =
                node.executor.exec(pod, Node.name("web"), ExecSpec.of(List.of("/bin/sh", "-c", "exit 3")))) {
            assertEquals(3, process.waitFor(Node.SOON).orElseThrow().code());
        }
        assertEquals("active", tool("systemctl", "is-active", unit));
        node.executor.stop(pod, StopOptions.NOW);
        awaitGone(place);
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        while (!tool("systemctl", "is-active", unit).equals("inactive")) {
            assertTrue(System.nanoTime() < deadline, "systemd does not hear of its end");
        }
    }

    /** What systemd ends has ended, as by any other hand. */
    private void isKilled() throws Exception {
        PodUuid pod = run(SLICE + ":aestus");
        tool("systemctl", "kill", "--signal=KILL", "aestus-" + pod + ".scope");
        node.end(pod);
        awaitGone(Path.of("/sys/fs/cgroup", PLACE.formatted(pod)));
    }

    private void isRefused() throws Exception {
        assertEquals("", tool("systemctl", "mask", "--runtime", "--quiet", "closed.slice"));
        for (String slice : List.of("closed.slice", "what\u0001.slice")) {
            var refusal = assertThrows(AestusException.class, () -> run(slice + ":aestus"));
            assertTrue(refusal.message().contains("systemd makes no aestus-"), refusal::message);
            System.out.println(refusal.message());
        }
        assertFalse(Files.exists(Path.of("/sys/fs/cgroup/closed.slice")));
    }

    private static void awaitGone(Path place) {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        while (Files.exists(place)) {
            assertTrue(System.nanoTime() < deadline, place + " stays");
            LockSupport.parkNanos(10_000_000);
        }
    }

    /** Plays in the directory {@code args[0]} with the isolation {@code args[1]}. */
    public static void main(String[] args) throws Exception {
        assertEquals(CgroupDriver.SYSTEMD, CgroupDriver.of("auto"));
        assertEquals(CgroupDriver.SYSTEMD, CgroupDriver.of("systemd"));
        Path directory = Path.of(args[0]);
        Isolation isolation = Isolation.valueOf(args[1]);
        try (var node = new Node(directory, isolation.open(directory), isolation.config(directory))) {
            var scenario = new SystemdScenario(node);
            scenario.play();
            scenario.isKilled();
            scenario.isRefused();
        }
    }
}
