package io.aestus.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client and its program, against an agent that answers by script. */
class AestusClientTest {
    @TempDir
    Path directory;

    private ScriptedAgent agent;
    private Path socket;

    @BeforeEach
    void serve() throws Exception {
        socket = directory.resolve("cri.sock");
        agent = new ScriptedAgent(socket);
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
    }

    private record Said(int code, String out, String err) {}

    private Said cri(String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = CriProgram.run(
                List.of(args),
                Map.of("AESTUS_CRI_SOCKET", socket.toString()),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void answers_come_as_records() {
        try (var node = AestusClient.connect(socket)) {
            assertEquals(new RuntimeVersion("aestus", "0.1.0", "v1"), node.version());
            assertEquals(
                    List.of(
                            new NodeStatus.Condition("RuntimeReady", true, "", ""),
                            new NodeStatus.Condition("NetworkReady", false, "NetworkPluginNotReady", "none yet")),
                    node.status().conditions());
            assertEquals(false, node.status().isReady());

            Sandbox sandbox = node.sandboxes().getFirst();
            assertEquals("default/web READY", sandbox.namespace() + "/" + sandbox.name() + " " + sandbox.state());
            assertEquals(Map.of("tier", "front"), sandbox.labels());
            assertEquals("2026-01-01T00:00:00.000000123Z", sandbox.createdAt().toString());

            Container container = node.containers(sandbox).getFirst();
            assertEquals("app EXITED", container.name() + " " + container.state());
            assertEquals(
                    List.of(),
                    node.containers(new Sandbox(
                            "other", "", "", "", 0, Sandbox.State.READY, sandbox.createdAt(), Map.of(), Map.of())));
            ContainerReport.End end = node.container(container.id()).end().orElseThrow();
            assertEquals("137 OOMKilled", end.code() + " " + end.reason());

            assertEquals(
                    List.of("example.com/web:1.2"), node.images().getFirst().names());
            assertEquals("sha512-abc", node.pull("example.com/web:1.2"));
            assertEquals(new ExecResult(3, "grüß /bin/true\n", "oops\n"), node.exec(container, "/bin/true"));
        }
    }

    @Test
    void a_call_ends_when_the_agent_does_not() {
        try (var node = AestusClient.connect(socket).within(Duration.ofMillis(200))) {
            var late = assertThrows(AestusException.class, () -> node.pull("example.com/never"));
            assertEquals(Problem.UNAVAILABLE, late.problem());
            assertEquals("cannot pull example.com/never: there was no answer in time", late.message());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NOT_FOUND           | cannot find example.com/x: nobody has it | NOT_FOUND   | cannot find example.com/x: nobody has it
            UNKNOWN             | SignatureValidationFailed: cannot trust it | UNTRUSTED | cannot trust it
            UNKNOWN             | RegistryUnavailable: cannot reach it     | UNAVAILABLE | cannot reach it
            RESOURCE_EXHAUSTED  | full                                     | EXHAUSTED   | cannot pull x: full
            UNIMPLEMENTED       | not yet                                  | UNSUPPORTED | cannot pull x: not yet
            PERMISSION_DENIED   | no                                       | DENIED      | cannot pull x: no
            FAILED_PRECONDITION | busy                                     | CONFLICT    | cannot pull x: busy
            INTERNAL            | internal error                           | UNAVAILABLE | cannot pull x: internal error
            """)
    void refusals_keep_the_agents_words(Status.Code code, String said, Problem problem, String message) {
        var refusal = Refusals.of(
                "cannot pull x", new StatusRuntimeException(code.toStatus().withDescription(said)));
        assertEquals(problem + " " + message, refusal.problem() + " " + refusal.message());
    }

    @Test
    void nobody_there_is_said_with_a_remedy() throws Exception {
        agent.close();
        Said said = cri("--socket", directory.resolve("none.sock").toString(), "ps");
        assertEquals(254, said.code());
        assertTrue(said.err().contains("there is no such socket\nstart it with aestus agent"), said.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "status", "pods", "ps", "images", "inspect c1", "pull example.com/web:1.2"})
    void every_answer_is_one_json_value(String words) {
        Said said = cri(words.split(" ", -1));
        assertEquals(new Said(0, said.out(), ""), said);
        assertTrue(Set.of('{', '[').contains(said.out().charAt(0)), said.out());
    }

    @Test
    void a_pull_takes_as_long_as_it_takes() {
        assertEquals(0, cri("pull", "example.com/web:1.2").code());
        assertTrue(agent.pullPatience() > 1800, agent.pullPatience() + " s");
    }

    @Test
    void a_command_in_a_container_gives_its_output_and_its_code() {
        assertEquals(new Said(3, "grüß /bin/true --debug\n", "oops\n"), cri("exec", "c1", "/bin/true", "--debug"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "ps all", "inspect", "exec c1", "--nonsense ps", "--socket"})
    void wrong_usage_is_refused_before_anything_is_asked(String words) {
        Said said = cri(words.split(" ", -1));
        assertEquals(2, said.code(), said.toString());
        assertEquals(0, agent.calls());
    }

    @Test
    void the_socket_is_where_the_agent_of_the_same_directory_listens() {
        assertEquals(Path.of("/run/aestus/cri.sock"), arguments("cri").socket());
        assertEquals(
                Path.of("/d/run/cri.sock"),
                arguments("--dir=/d", "--ca-file", "x", "cri", "ps").socket());
        assertEquals(
                Path.of("/s"), arguments("--dir", "/d", "cri", "--socket", "/s").socket());
        assertEquals(List.of("version"), arguments("cri").words());
    }

    private static CriArguments arguments(String... words) {
        return CriArguments.parse(List.of(words), Map.of());
    }
}
