package io.aestus.executor;

import static io.aestus.executor.Node.app;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in to a pod's metadata service, and for how long. Pods here have the host's network, so no root is needed. */
@Timeout(60)
class ReceptionTest {
    private static final int SEATS = 8;
    private static final int TIMEOUT_MILLIS = 20_000;

    @TempDir
    Path directory;

    private final List<Socket> sockets = new ArrayList<>();
    private final AtomicInteger inside = new AtomicInteger();
    private Node node;

    @BeforeEach
    void open() throws IOException {
        node = open(ExecutorConfig.of(directory));
    }

    private Node open(ExecutorConfig config) throws IOException {
        return new Node(directory, new PlainStage1(), config.withMetadata(this::echo));
    }

    /** Says a byte, then what it hears, until the caller says nothing more. */
    private void echo(MetadataService.Caller caller) throws IOException {
        inside.incrementAndGet();
        caller.out().write('!');
        caller.in().transferTo(caller.out());
        inside.decrementAndGet();
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        for (PodStatus pod : node.executor.list()) {
            node.executor.stop(pod.uuid(), StopOptions.NOW);
            node.executor.remove(pod.uuid());
        }
        node.close();
    }

    private PodUuid run() {
        PodSpec spec = sandbox(app("web", "sleep 1000"));
        return node.run(spec.withOptions(spec.options().withNetwork(PodOptions.NetworkMode.HOST)));
    }

    private Socket connect(PodUuid pod) throws IOException {
        int port = new PodFiles(directory).read(pod).metadata().orElseThrow().port();
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        sockets.add(socket);
        return socket;
    }

    /** Whether it is let in. */
    private static void assertIsIn(Socket socket) throws IOException {
        assertEquals('!', socket.getInputStream().read());
    }

    private static void assertIsAnswered(Socket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        socket.shutdownOutput();
        assertEquals("hello", new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    }

    @Test
    void everyone_is_answered_by_and_by() throws IOException {
        PodUuid pod = run();
        for (int i = 0; i < 3 * SEATS; i++) {
            Socket socket = connect(pod);
            assertIsIn(socket);
            assertIsAnswered(socket);
        }
    }

    @Test
    void so_many_are_in_at_a_time_and_the_next_waits_until_one_leaves() throws IOException {
        PodUuid pod = run();
        var silent = new ArrayList<Socket>();
        for (int i = 0; i < SEATS; i++) {
            silent.add(connect(pod));
            assertIsIn(silent.getLast());
        }
        Socket waiting = connect(pod);
        waiting.setSoTimeout(200);
        assertThrows(
                SocketTimeoutException.class, () -> waiting.getInputStream().read());
        assertEquals(SEATS, inside.get());
        Socket elsewhere = connect(run());
        assertIsIn(elsewhere); // a pod that is full is no other pod's trouble
        assertIsAnswered(elsewhere);
        assertIsAnswered(silent.getFirst());
        waiting.setSoTimeout(TIMEOUT_MILLIS);
        assertIsIn(waiting);
        assertIsAnswered(waiting);
    }

    @Test
    void who_says_nothing_is_put_out() throws IOException {
        Socket silent = connect(run());
        assertIsIn(silent);
        long begin = System.nanoTime();
        assertEquals(-1, silent.getInputStream().read());
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertTrue(seconds > 8 && seconds < 15, seconds + " s");
    }

    @Test
    void who_waits_while_nobody_looks_after_the_pod_is_let_in_by_the_next_owner() throws IOException {
        PodUuid pod = run();
        Socket before = connect(pod);
        assertIsIn(before);
        node.close();
        assertEquals(-1, before.getInputStream().read());
        Socket waiting = connect(pod);
        node = open(ExecutorConfig.of(directory).withAdoption(ExecutorConfig.Adoption.ALL));
        assertIsIn(waiting);
        assertIsAnswered(waiting);
    }

    @Test
    void nobody_listens_for_a_pod_that_has_ended() throws IOException {
        PodUuid pod = run();
        Socket inTime = connect(pod);
        assertIsIn(inTime);
        node.executor.stop(pod, StopOptions.NOW);
        assertEquals(-1, inTime.getInputStream().read());
        assertThrows(IOException.class, () -> connect(pod));
    }
}
