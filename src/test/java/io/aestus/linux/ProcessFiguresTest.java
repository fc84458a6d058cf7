package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.ProcessFigures.State;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ProcessFiguresTest {
    private static final int MANY = 10_000;

    private static ProcessFigures of(long... processes) {
        List<Long> all = Arrays.stream(processes).boxed().toList();
        return ProcessFigures.of(all, MANY).orElseThrow();
    }

    @Test
    void what_a_process_holds_and_does_is_counted() throws Exception {
        Process sleeper = new ProcessBuilder("sleep", "1000").start();
        try {
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (of(sleeper.pid()).threads().getOrDefault(State.SLEEPING, 0L) != 1) {
                assertTrue(System.nanoTime() < deadline, "it does not sleep: " + of(sleeper.pid()));
                LockSupport.parkNanos(1_000_000);
            }
            ProcessFigures figures = of(sleeper.pid());
            assertEquals(1, figures.processes());
            assertEquals(3, figures.descriptors());
            assertEquals(0, figures.sockets());
            new ProcessBuilder("kill", "-STOP", Long.toString(sleeper.pid()))
                    .start()
                    .waitFor();
            while (of(sleeper.pid()).threads().getOrDefault(State.STOPPED, 0L) != 1) {
                assertTrue(System.nanoTime() < deadline, "it does not stand still: " + of(sleeper.pid()));
                LockSupport.parkNanos(1_000_000);
            }
        } finally {
            sleeper.destroyForcibly().waitFor();
        }
        assertEquals(
                new ProcessFigures(
                        0,
                        0,
                        0,
                        Map.of(State.RUNNING, 0L, State.SLEEPING, 0L, State.STOPPED, 0L, State.UNINTERRUPTIBLE, 0L)),
                of(sleeper.pid()),
                "of one that is gone");
    }

    @Test
    void sockets_are_told_from_files() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String script = "exec 3<>/dev/tcp/127.0.0.1/" + server.getLocalPort() + "; exec sleep 1000";
            Process connected = new ProcessBuilder("bash", "-c", script).start();
            try (var _ = server.accept()) {
                ProcessFigures figures = of(connected.pid());
                assertEquals(1, figures.sockets(), figures.toString());
            } finally {
                connected.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void too_much_is_not_counted() {
        assertEquals(
                Optional.empty(),
                ProcessFigures.of(List.of(ProcessHandle.current().pid()), 3));
    }
}
