package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.Directory;
import io.aestus.linux.NoticeSocket;
import io.aestus.testing.BuiltProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pods that tell when they are ready, on the command line. */
@Tag("host")
@Timeout(120)
class PodReadinessTest extends InABox {
    @BeforeEach
    void prepare() throws Exception {
        BuiltProgram.tell(Files.createDirectories(dir.resolve("tools")));
    }

    private List<String> run(String script, String... options) {
        var line = new ArrayList<>(List.of("run", "--volume", "tools,kind=host,source=" + dir.resolve("tools")));
        line.addAll(List.of(options));
        line.addAll(List.of(
                box.image,
                "--name=box",
                "--annotation=appc.io/executor/supports-systemd-notify=true",
                "--mount=volume=tools,target=/tools",
                "--",
                "-c",
                script));
        return line;
    }

    @Test
    void status_shows_what_an_app_tells_and_waits_until_it_is_ready() {
        String pod = box.apart(run(
                "/tools/tell --wait 'STATUS=warming up'; until [ -e /go ]; do sleep 0.02; done; exec /tools/tell --stay READY=1",
                "--detach"));
        assertTrue(box.run("status", "--wait-ready=3s", pod)
                .fails(254)
                .startsWith("aestus: cannot wait until pod " + pod + " is ready: it is not after 3s"));
        box.await("app-box-status='warming up'", "status", pod);
        box.run("exec", pod, "touch", "/go").ok();
        String status = box.run("status", "--wait-ready=60s", pod).ok();
        assertTrue(status.contains("\nready=true\n") && status.contains("\napp-box-ready=true\n"), status);
        assertTrue(box.run("status", "--format=json", pod).ok().contains("\"ready\":true"));
        assertTrue(box.run("events", pod).ok().contains("  app-ready  " + pod + "  box\n"));
        box.run("stop", "--force", pod).ok();
        assertTrue(box.run("status", "--wait-ready", pod).fails(254).contains("is ready: it is exited"));
    }

    @Test
    void run_tells_whoever_started_it_when_its_pod_is_ready() throws Exception {
        try (Directory place = Directory.open(dir);
                var socket = NoticeSocket.open(place, "starter")) {
            box.shell.with("NOTIFY_SOCKET", dir.resolve("starter").toString());
            var running = CompletableFuture.supplyAsync(
                    () -> box.run(run("exec /tools/tell --stay READY=1").toArray(String[]::new)));
            assertTrue(hear(socket).startsWith("READY=1\nSTATUS=pod "));
            box.close();
            assertEquals(137, running.get(60, TimeUnit.SECONDS).code());
        }
    }

    @Test
    void a_pod_that_runs_from_a_manifest_starts_its_app_when_somebody_connects() throws Exception {
        BuiltProgram.serve(dir.resolve("tools"));
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String id = box.run("fetch", "--full", dir.resolve("box.aci").toString())
                .ok()
                .strip();
        Path manifest = Files.writeString(dir.resolve("pod.json"), """
                {"acKind": "PodManifest", "acVersion": "0.8.11",
                 "apps": [{"name": "web", "image": {"id": "%s"},
                   "app": {"exec": ["/tools/serve"], "user": "0", "group": "0",
                     "mountPoints": [{"name": "tools", "path": "/tools"}],
                     "ports": [{"name": "http", "protocol": "tcp", "port": %d, "socketActivated": true}]}}],
                 "volumes": [{"name": "tools", "kind": "host", "source": "%s"}]}
                """.formatted(id, port, dir.resolve("tools")));
        String pod = box.run("prepare", "--net=host", "--pod-manifest", manifest.toString())
                .ok()
                .strip();
        var running = CompletableFuture.supplyAsync(() -> box.run("run-prepared", pod));
        box.await("app-web-awaits=connection", "status", pod);
        try (var connection = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertEquals(
                    "http user 0 answer 1\n",
                    new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        box.run("stop", "--force", pod).ok();
        assertEquals("serving 1\n", running.get(60, TimeUnit.SECONDS).out());
    }

    private static String hear(NoticeSocket socket) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < deadline) {
            try (var notice = socket.receive().orElse(null)) {
                if (notice != null) {
                    return notice.text();
                }
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        throw new AssertionError("nothing was told");
    }
}
