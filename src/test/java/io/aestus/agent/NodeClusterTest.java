package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.executor.AppState;
import io.aestus.operator.ControlPlane;
import io.aestus.operator.ControlPlaneExtension;
import io.aestus.operator.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** All of it: kubectl, a real API server, the chart's rights, the node, and real processes. */
@Tag("cluster")
@Tag("host")
@ExtendWith(ControlPlaneExtension.class)
class NodeClusterTest {
    @TempDir
    Path temporary;

    @BeforeAll
    static void install(ControlPlane plane) throws IOException, InterruptedException {
        plane.install();
    }

    @AfterAll
    static void uninstall(ControlPlane plane) throws IOException, InterruptedException {
        plane.uninstall();
    }

    @Test
    void a_pod_applied_with_kubectl_runs_here_and_ends_when_it_is_deleted(ControlPlane plane)
            throws IOException, InterruptedException {
        var settings = NodeSettings.read(Map.of(
                "aestus.dir", temporary.resolve("node").toString(),
                "aestus.kubernetes.enabled", "true",
                "aestus.kubernetes.kubeconfig", plane.agentKubeconfig().toString(),
                "aestus.cri.enabled", "false",
                "aestus.insecure.options", "image",
                "aestus.node.name", "node-real")::get);
        BusyboxImage.importInto(settings, temporary);
        Path manifest = temporary.resolve("hello.yaml");
        Files.writeString(
                manifest,
                Files.readString(Path.of("examples/hello.yaml"))
                        .replace("spec:\n", "spec:\n  nodeName: node-real\n  terminationGracePeriodSeconds: 1\n"));
        try (var node = Node.open(settings, "test")) {
            node.start();
            plane.kubectl("apply", "-f", manifest.toString()).orFail();
            try {
                plane.kubectl("wait", "--for=condition=Ready", "apppod/hello", "--timeout=40s")
                        .orFail();
                assertEquals(
                        List.of("hello", "1/1", "Running", "0", "node-real"),
                        columns(plane.kubectl("get", "apppod", "hello", "--no-headers")
                                        .orFail())
                                .subList(0, 5));
                var app = node.executor().list().getFirst().apps().getFirst();
                long pid = ((AppState.Running) app.state()).pid();
                assertTrue(ProcessHandle.of(pid).isPresent());
                plane.kubectl("delete", "apppod", "hello", "--timeout=40s").orFail();
                assertEquals(List.of(), node.executor().list());
                assertTrue(ProcessHandle.of(pid).isEmpty(), "the app runs without its pod");
            } finally {
                plane.kubectl("delete", "apppod", "hello", "--ignore-not-found", "--timeout=40s")
                        .orFail();
            }
        }
    }

    private static List<String> columns(Tool.Outcome outcome) {
        return List.of(outcome.output().strip().split(" +", -1));
    }
}
