package io.aestus.cri.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StreamClientTest {
    /** It waits for what it executes, as nsenter does for a program in other PID namespaces. */
    private static final List<String> WAITING = List.of("sh", "-c", "\"$@\"; exit $?", "sh");

    @Test
    @Timeout(60)
    void nothing_is_left_of_a_client_that_is_closed() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/exec");
            List<ProcessHandle> started;
            var client = StreamClient.command(WAITING, url, "-stdin");
            try (client;
                    var _ = silent.accept()) {
                started = client.processes();
            }
            assertEquals(2, started.size());
            assertTrue(started.stream().noneMatch(ProcessHandle::isAlive), started::toString);
        }
    }
}
