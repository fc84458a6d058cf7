package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.streaming.StreamClient;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code kubectl} does with running pods, through the server of an unmodified kubelet. */
@Tag("cluster")
@Tag("host")
class KubeletStreamsTest {
    private static final byte[] NOTHING = {};

    @RegisterExtension
    private static final SharedKubelet KUBELET = new SharedKubelet(() -> KubeletNode.start("talk"), "stream-client");

    private static KubeletNode node() {
        return KUBELET.node();
    }

    private static StreamClient open(String kind, String container, String query, String... options)
            throws IOException {
        node().ready("talk");
        URI url = KubeletNode.stream(kind + "/default/talk-node-a/" + container + "?" + query);
        return StreamClient.command(node().entrance(), url, options);
    }

    private static String shell(String script) {
        return "command=sh&command=-c&command=" + URLEncoder.encode(script, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void a_command_gets_its_input_with_its_end_and_its_code_is_told(String transport) throws Exception {
        String query = shell("cat; echo oops >&2; exit 3") + "&input=1&output=1&error=1";
        try (var client = open("exec", "web", query, "-stdin", "-transport", transport)) {
            var outcome = client.run("hello".getBytes(StandardCharsets.UTF_8));
            assertEquals("hello", outcome.stdout(), outcome.stderr());
            assertEquals("oops\n", outcome.stderr());
            assertEquals(3, outcome.code());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void a_terminal_has_the_size_of_its_clients(String transport) throws Exception {
        String script = "until [ \"$(stty size 2>/dev/null)\" = '40 100' ]; do usleep 10000; done; stty size";
        String query = shell(script) + "&input=1&output=1&tty=1";
        try (var client = open("exec", "web", query, "-stdin", "-tty", "-resize", "100x40", "-transport", transport)) {
            assertEquals("40 100", client.stdout().readLine());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void a_container_is_talked_to_and_goes_on_when_its_client_has_gone(String transport) throws Exception {
        for (String word : List.of("first", "second")) {
            try (var client = open("attach", "echo", "input=1&output=1&error=1", "-stdin", "-transport", transport)) {
                client.stdin().write((word + transport + "\n").getBytes(StandardCharsets.UTF_8));
                client.stdin().flush();
                awaitLine(client.stdout(), "heard " + word + transport);
            }
        }
        ContainerStatus status = node().container("talk", "echo").orElseThrow();
        assertEquals(0, status.getRestartCount());
        assertTrue(status.getReady());
    }

    private static void awaitLine(BufferedReader lines, String wanted) throws IOException {
        for (String line = lines.readLine(); !wanted.equals(line); line = lines.readLine()) {
            if (line == null) {
                throw new AssertionError("the stream ends without " + wanted);
            }
        }
    }

    @Test
    void a_container_with_a_terminal_is_told_its_size() throws Exception {
        try (var client = open("attach", "terminal", "input=1&output=1&tty=1", "-stdin", "-tty", "-resize", "90x30")) {
            for (String size = ""; !size.equals("30 90"); ) { // it comes by a stream of its own
                client.stdin().write("go\n".getBytes(StandardCharsets.UTF_8));
                client.stdin().flush();
                do {
                    size = Objects.requireNonNull(client.stdout().readLine(), "the stream has ended");
                } while (size.equals("go"));
            }
        }
    }

    @Test
    void input_that_comes_once_ends_with_its_client() throws Exception {
        try (var client = open("attach", "once", "input=1&output=1&error=1", "-stdin")) {
            client.stdin().write("the only words\n".getBytes(StandardCharsets.UTF_8));
            client.stdin().close();
            awaitLine(client.stdout(), "the only words");
            awaitLine(client.stdout(), "all read");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"spdy", "websocket"})
    void ports_of_a_pod_are_reached(String transport) throws Exception {
        node().ready("talk");
        String port = transport.equals("websocket") ? "?port=8080" : ""; // which the kubelet wants to know before
        URI url = KubeletNode.stream("portForward/default/talk-node-a" + port);
        try (var client = StreamClient.forward(node().entrance(), url, transport, 8080)) {
            String page = "http://127.0.0.1:" + client.awaitPort() + "/index.html";
            assertEquals("page\n", node().fetch(page));
            assertEquals("page\n", node().fetch(page));
        }
    }

    @Test
    void logs_are_read_whole_in_part_and_of_the_attempt_before() throws Exception {
        node().ready("talk");
        assertEquals("one\ntwo\nthree\n", log("web", ""));
        assertEquals("three\n", log("web", "?tailLines=1"));
        assertEquals("one\n", log("web", "?limitBytes=4"));
        assertTrue(log("web", "?timestamps=true&tailLines=1").matches("\\d{4}-\\d\\d-\\d\\dT.*Z three\n"));
        try (var follower = follow("brief")) {
            assertEquals("attempt", follower.readLine());
            try (var client = open("exec", "brief", "command=touch&command=/state/go&output=1")) {
                assertEquals(0, client.run(NOTHING).code());
            }
            assertEquals("went", follower.readLine());
            assertNull(follower.readLine(), "it goes on after the end of its container");
        }
        node().await("the second attempt ends", () -> node().container("talk", "brief")
                .filter(app -> app.getLastState().getTerminated() != null)
                .filter(app -> app.getLastState().getTerminated().getExitCode() == 3));
        assertEquals("attempt\nwent\n", log("brief", "?previous=true"));
    }

    private static String log(String container, String query) {
        return node().ask("GET", "/containerLogs/default/talk-node-a/" + container + query);
    }

    private static BufferedReader follow(String container) throws IOException {
        var command = new ArrayList<>(node().entrance());
        command.addAll(List.of(
                "curl",
                "-sS",
                "-k",
                "-N",
                "https://127.0.0.1:10250/containerLogs/default/talk-node-a/" + container + "?follow=true"));
        return new ProcessBuilder(command).start().inputReader(StandardCharsets.UTF_8);
    }

    @Test
    void what_is_not_there_is_said_to_be_not_there() throws Exception {
        node().ready("talk");
        String answer = node().ask("GET", "/containerLogs/default/talk-node-a/nobody");
        assertTrue(answer.contains("not"), answer);
        try (var client = open("exec", "web", "command=/nonesuch&output=1&error=1")) {
            var outcome = client.run(NOTHING);
            assertTrue(outcome.code() != 0 && outcome.stderr().contains("nonesuch"), outcome.toString());
        }
        assertEquals(Optional.empty(), node().container("talk", "nobody"));
    }
}
