package io.aestus.executor;

import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.App;
import io.aestus.appc.PodUuid;
import io.aestus.appc.Port;
import io.aestus.appc.RuntimeApp;
import io.aestus.testing.BuiltProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Apps that start when somebody connects, whatever isolates them. */
@Timeout(90)
abstract class ActivationContract {
    @TempDir
    Path directory;

    private final Isolation isolation;
    private final PodOptions options;
    private Node node;
    private int port;

    ActivationContract(Isolation isolation, PodOptions options) {
        this.isolation = isolation;
        this.options = options;
    }

    @BeforeEach
    void open() throws Exception {
        node = Node.on(directory, isolation);
        BuiltProgram.serve(isolation == Isolation.PLAIN ? directory : directory.resolve("image/rootfs/bin"));
        port = isHosts() ? free() : 80;
    }

    /** Whether its pods have the host's network. */
    private boolean isHosts() {
        return options.network() == PodOptions.NetworkMode.HOST;
    }

    private static int free() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        node.removeAll();
        node.close();
        assertEquals(List.of(), isolation.left(directory), "left on the host");
    }

    private RuntimeApp app(List<Port> ports, String... words) {
        var exec = new ArrayList<String>();
        exec.add(isolation == Isolation.PLAIN ? directory + "/serve" : "/bin/serve");
        exec.addAll(Arrays.asList(words));
        return Node.app("web", "")
                .withApp(App.running(exec)
                        .user("1000")
                        .group("1000")
                        .ports(ports)
                        .build());
    }

    private RuntimeApp server(String... words) {
        return app(List.of(new Port(name("http"), "tcp", port, 1, true)), words);
    }

    private PodUuid run(RuntimeApp... apps) {
        return node.run(pod(apps).withOptions(options));
    }

    private AppStatus web(PodUuid pod) {
        return node.executor.status(pod).requireApp(name("web"));
    }

    private AppStatus await(PodUuid pod, Predicate<AppStatus> wanted) throws InterruptedException {
        return node.await(pod, "web", wanted);
    }

    private static boolean runs(AppStatus app) {
        return app.state() instanceof AppState.Running;
    }

    private SocketChannel connect(PodUuid pod, int number) throws IOException {
        return isHosts()
                ? SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), number))
                : node.executor.connect(pod, number, Node.SOON);
    }

    private String ask(PodUuid pod, int number) throws IOException {
        try (SocketChannel connection = connect(pod, number)) {
            return answer(connection);
        }
    }

    private static String answer(SocketChannel connection) throws IOException {
        var bytes = ByteBuffer.allocate(256);
        while (connection.read(bytes) > 0) {}
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
    }

    private void assertAnswer(int count, String said) {
        String user = isolation == Isolation.PLAIN ? "\\d+" : "1000";
        assertTrue(said.matches("http user " + user + " answer " + count), said);
    }

    @Test
    void an_app_starts_when_somebody_connects_and_not_before() throws Exception {
        var pod = run(server());
        AppStatus waiting = web(pod);
        assertInstanceOf(AppState.Created.class, waiting.state());
        assertTrue(waiting.awaitsConnection()
                && waiting.isReady()
                && node.executor.status(pod).isReady());
        assertAnswer(1, ask(pod, port));
        assertFalse(await(pod, ActivationContract::runs).awaitsConnection());
        assertAnswer(2, ask(pod, port));
        assertEquals(1, web(pod).starts());
        node.executor.stop(pod, StopOptions.NOW);
        assertEquals(List.of("stdout F serving 1"), node.log(pod, "web"));
    }

    @Test
    void it_gets_a_socket_for_each_port_by_name() throws Exception {
        int second = isHosts() ? free() : 81;
        var pod = run(app(List.of(
                new Port(name("http"), "tcp", port, 1, true),
                new Port(name("plain"), "tcp", isHosts() ? free() : 5000, 1, false),
                new Port(name("dns"), "udp", isHosts() ? free() : 53, 1, true),
                new Port(name("more"), "tcp", second, 1, true))));
        assertTrue(ask(pod, second).startsWith("http:dns:more user "), "names");
        assertTrue(ask(pod, port).endsWith(" answer 2"));
    }

    @Test
    void an_app_that_has_ended_well_starts_again_with_the_next_connection() throws Exception {
        var pod = run(server("--once"));
        assertAnswer(1, ask(pod, port));
        await(pod, AppStatus::awaitsConnection);
        assertInstanceOf(PodState.Running.class, node.executor.status(pod).state());
        assertAnswer(1, ask(pod, port));
        await(pod, app -> app.starts() == 2 && app.awaitsConnection());
    }

    @Test
    void an_app_that_fails_is_not_started_again_and_ends_its_pod() throws Exception {
        var pod = run(server("--fail"));
        assertAnswer(1, ask(pod, port));
        assertEquals(3, node.end(pod).code());
    }

    @Test
    void who_connects_while_nobody_looks_after_the_pod_is_answered_by_the_next_owner() throws Exception {
        var pod = run(server());
        node.close();
        node = Node.on(directory, isolation);
        try (SocketChannel connection = connect(pod, port)) {
            assertInstanceOf(AppState.Created.class, web(pod).state());
            assertTrue(node.executor.waitReady(pod, Node.SOON)); // which takes the pod over
            assertAnswer(1, answer(connection));
        }
    }

    @Test
    void an_owner_that_goes_while_it_starts_an_app_harms_neither() throws Exception {
        var pod = run(server());
        try (SocketChannel connection = connect(pod, port)) {
            node.close();
            node = Node.on(directory, isolation);
            assertTrue(node.executor.waitReady(pod, Node.SOON));
            assertAnswer(1, answer(connection));
        }
    }

    @Test
    void an_app_that_somebody_stopped_waits_for_nobody_and_one_that_is_started_has_its_sockets() throws Exception {
        var pod = node.run(Node.sandbox().withOptions(options.withLife(PodOptions.Life.UNTIL_STOPPED)));
        node.executor.addApp(pod, AppSpec.of(server("--once")));
        node.executor.startApp(pod, name("web"));
        assertAnswer(1, ask(pod, port));
        await(pod, AppStatus::awaitsConnection);
        node.executor.stopApp(pod, name("web"), StopOptions.NOW);
        assertFalse(web(pod).awaitsConnection());
        try (SocketChannel connection = connect(pod, port)) { // the socket is there, and nobody behind it
            assertEquals(1, web(pod).starts());
            node.executor.startApp(pod, name("web"));
            assertAnswer(1, answer(connection));
        }
        await(pod, AppStatus::awaitsConnection);
        node.executor.removeApp(pod, name("web"));
        assertThrows(Exception.class, () -> connect(pod, port).close());
    }

    @Test
    void what_is_executed_in_it_finds_no_sockets() throws Exception {
        var pod = run(server());
        ask(pod, port);
        await(pod, ActivationContract::runs);
        String script = "[ -z \"$LISTEN_FDS$LISTEN_PID$LISTEN_FDNAMES\" ]";
        try (var process = node.executor.exec(pod, name("web"), ExecSpec.of(List.of("/bin/sh", "-c", script)))) {
            assertEquals(0, process.waitFor(Node.SOON).orElseThrow().code());
        }
    }

    @Test
    void a_port_that_is_taken_is_said() throws Exception {
        var taken = assertThrows(
                AestusException.class,
                () -> run(app(List.of(
                        new Port(name("http"), "tcp", port, 1, true), new Port(name("again"), "tcp", port, 1, true)))));
        assertEquals("cannot listen for app web: port " + port + "/tcp of its network is taken", taken.message());
        var unknown = assertThrows(
                AestusException.class, () -> run(app(List.of(new Port(name("http"), "sctp", port, 1, true)))));
        assertEquals("cannot listen for app web: port http is neither tcp nor udp", unknown.message());
    }
}
