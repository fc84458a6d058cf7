package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.cri.streaming.StreamClient;
import io.aestus.cri.v1.AttachRequest;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ExecRequest;
import io.aestus.cri.v1.PortForwardRequest;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.executor.StopOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** exec, attach and port-forward from Kubernetes' own client library into real containers. */
@Tag("host")
class StreamsHostTest extends RealNode {
    private static final byte[] NOTHING = {};

    private ExecRequest.Builder command(String id, String... command) {
        return ExecRequest.newBuilder()
                .setContainerId(id)
                .addAllCmd(List.of(command))
                .setStdout(true);
    }

    private URI url(ExecRequest.Builder request) {
        return URI.create(client.runtime.exec(request.build()).getUrl());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void a_command_runs_in_the_container(String transport) throws Exception {
        String id = started(sandbox("web"), "app", "exec sleep 1000");
        URI url = url(command(id, "/bin/sh", "-c", "hostname; cat; echo oops >&2; exit 3")
                .setStdin(true)
                .setStderr(true));
        try (var client = StreamClient.command(url, "-stdin", "-transport", transport)) {
            var outcome = client.run(bytes("hello"));
            assertEquals("web\nhello", outcome.stdout());
            assertEquals("oops\n", outcome.stderr());
            assertEquals(3, outcome.code());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void a_terminal_is_one_and_has_its_clients_size(String transport) throws Exception {
        String id = started(sandbox("web"), "app", "exec sleep 1000");
        // The size comes by itself, before or behind the input; without one busybox prints nothing.
        String script = "read go; until [ -n \"$(stty size 2>/dev/null)\" ]; do sleep 0.01; done; stty size";
        URI url = url(command(id, "/bin/sh", "-c", script).setStdin(true).setTty(true));
        try (var client = StreamClient.command(url, "-stdin", "-tty", "-resize", "100x40", "-transport", transport)) {
            String said = client.run(bytes("go\n")).stdout();
            assertTrue(said.endsWith("40 100\r\n"), said);
        }
    }

    @Test
    void much_goes_through_unchanged() throws Exception {
        String id = started(sandbox("web"), "app", "exec sleep 1000");
        byte[] data = new byte[8 << 20];
        new Random(1).nextBytes(data);
        try (var client = StreamClient.command(url(command(id, "/bin/cat").setStdin(true)), "-stdin", "-no-stderr")) {
            assertArrayEquals(data, client.run(data).bytes());
        }
    }

    @Test
    void a_command_that_is_not_there_says_so() throws Exception {
        String id = started(sandbox("web"), "app", "exec sleep 1000");
        try (var client = StreamClient.command(url(command(id, "/bin/no-such")), "-no-stderr")) {
            var outcome = client.run(NOTHING);
            assertEquals(255, outcome.code());
            assertTrue(outcome.stderr().contains("/bin/no-such"), outcome.stderr());
        }
    }

    @Test
    void a_command_ends_with_its_client() throws Exception {
        String id = started(sandbox("web"), "app", "exec sleep 1000");
        URI url = url(
                command(id, "/bin/sh", "-c", "touch /tmp/up; sleep 500; echo").setStdin(true));
        try (var _ = StreamClient.command(url, "-stdin", "-no-stderr")) {
            await("the command", () -> exec(id, 5, "/bin/cat", "/tmp/up").getExitCode() == 0);
        }
        await("its end", () -> !exec(id, 5, "/bin/sh", "-c", "cat /proc/*/cmdline")
                .getStdout()
                .toStringUtf8()
                .contains("sleep\000500"));
    }

    @Test
    void a_hundred_commands_run_side_by_side() throws Exception {
        String id = started(sandbox("web"), "app", "exec sleep 1000");
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> said = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                String text = "session " + i + "\n";
                said.add(callers.submit(() -> {
                    try (var client =
                            StreamClient.command(url(command(id, "/bin/cat").setStdin(true)), "-stdin", "-no-stderr")) {
                        return client.run(bytes(text)).stdout();
                    }
                }));
            }
            for (int i = 0; i < 100; i++) {
                assertEquals("session " + i + "\n", said.get(i).get());
            }
        }
        assertEquals(ContainerState.CONTAINER_RUNNING, status(id).getState());
    }

    @Test
    void an_attachment_sees_output_and_writes_input_that_ends_once() throws Exception {
        String id = create(
                sandbox("web"), "app", "while read line; do echo got $line; done; echo bye", config -> config.setStdin(
                                true)
                        .setStdinOnce(true));
        startContainer(id);
        URI url = attach(id);
        try (var client = StreamClient.command(url, "-stdin")) {
            assertEquals("got 1\ngot 2\nbye\n", client.run(bytes("1\n2\n")).stdout());
        }
        assertEquals(0, exited(id).getExitCode());
    }

    private URI attach(String id) {
        return URI.create(client.runtime
                .attach(AttachRequest.newBuilder()
                        .setContainerId(id)
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(true)
                        .build())
                .getUrl());
    }

    @Test
    void an_attachment_that_goes_leaves_the_container_running() throws Exception {
        String id = create(
                sandbox("web"), "app", "while read line; do echo got $line; done", config -> config.setStdin(true));
        startContainer(id);
        try (var client = StreamClient.command(attach(id), "-stdin")) {
            client.stdin().write(bytes("1\n"));
            client.stdin().flush();
            await("output", () -> log("app").contains("got 1"));
        }
        try (var client = StreamClient.command(attach(id), "-stdin")) {
            client.stdin().write(bytes("2\n"));
            client.stdin().flush();
            await("more output", () -> log("app").contains("got 2"));
        }
        assertEquals(ContainerState.CONTAINER_RUNNING, status(id).getState());
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void a_port_is_reached_from_outside(String transport) throws Exception {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        String sandbox = sandbox("web");
        started(sandbox, "app", "while true; do nc -l -p " + free + " -e /bin/cat; done");
        URI url = URI.create(client.runtime
                .portForward(PortForwardRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .addPort(free)
                        .build())
                .getUrl());
        try (var client = StreamClient.forward(url, transport, free)) {
            int port = client.awaitPort();
            await("an answer", () -> roundTrip(port, "hello").equals("hello"));
        }
    }

    @Test
    void a_port_is_reached_inside_a_network_that_nothing_else_leads_into() throws Exception {
        var app = App.running(List.of("/bin/nc", "-ll", "-p", "8080", "-e", "/bin/hostname"))
                .build();
        var name = AcName.parse("app");
        PodUuid pod = executor.run(PodSpec.of(PodManifest.of(
                        RuntimeApp.of(name, RuntimeImage.of(image)).withApp(app)))
                .withOptions(PodOptions.DEFAULT
                        .withNetwork(PodOptions.NetworkMode.NONE)
                        .withHostname("inside")));
        try {
            await("an answer", () -> said(pod).equals("inside\n"));
            var refused = assertThrows(AestusException.class, () -> executor.connect(pod, 8081, Duration.ofSeconds(5)));
            assertEquals("cannot connect to port 8081 of the pod: Connection refused", refused.getMessage());
        } finally {
            executor.stop(pod, StopOptions.NOW);
            executor.remove(pod);
        }
    }

    private String said(PodUuid pod) {
        try (var socket = executor.connect(pod, 8080, Duration.ofSeconds(5))) {
            var answer = new ByteArrayOutputStream();
            Channels.newInputStream(socket).transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        } catch (AestusException | IOException e) {
            return "";
        }
    }

    private static String roundTrip(int port, String text) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(bytes(text));
            socket.shutdownOutput();
            var answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void what_does_not_run_has_no_streams() throws Exception {
        String sandbox = sandbox("web");
        String id = create(sandbox, "app", "true", config -> {});
        assertEquals(Status.Code.FAILED_PRECONDITION, code(() -> url(command(id, "/bin/true"))));
        assertEquals(Status.Code.FAILED_PRECONDITION, code(() -> attach(id)));
        assertEquals(Status.Code.NOT_FOUND, code(() -> url(command("0".repeat(48), "/bin/true"))));
        String running = started(sandbox, "runs", "exec sleep 1000");
        assertEquals(Status.Code.INVALID_ARGUMENT, code(() -> url(command(running))));
        assertEquals(
                Status.Code.INVALID_ARGUMENT,
                code(() -> url(command(running, "/bin/true").setTty(true).setStderr(true))));
        assertFalse(url(command(running, "/bin/true")).getPath().isEmpty());
    }

    private static Status.Code code(Executable call) {
        return assertThrows(StatusRuntimeException.class, call).getStatus().getCode();
    }
}
