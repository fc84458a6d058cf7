package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An unmodified kubelet runs pods here. What it says of them counts. */
@Tag("cluster")
@Tag("host")
class KubeletClusterTest {
    @RegisterExtension
    private static final SharedKubelet KUBELET = new SharedKubelet(
            () -> KubeletNode.start("whole", "crash", "greedy", "stuck", "told", "noisy", "polite", "mapped", "close"));

    private static KubeletNode node() {
        return KUBELET.node();
    }

    @Test
    void a_pod_with_all_kinds_of_containers_volumes_and_probes_is_ready() throws IOException {
        var pod = node().ready("whole");
        assertEquals("Running", pod.getStatus().getPhase());
        String address = pod.getStatus().getPodIP();
        assertTrue(address.startsWith("172.16.28."), address);
        var prepared =
                KubeletNode.container(pod, "prepare").orElseThrow().getState().getTerminated();
        assertEquals("Completed 0", prepared.getReason() + " " + prepared.getExitCode());
        for (String name : List.of("sidecar", "web", "reader")) {
            ContainerStatus status = KubeletNode.container(pod, name).orElseThrow();
            assertEquals(
                    List.of(true, true, 0), List.of(status.getReady(), status.getStarted(), status.getRestartCount()));
            assertTrue(status.getContainerID().startsWith("aestus://"), status.getContainerID());
            assertTrue(status.getImageID().startsWith("example.com/busybox@sha512:"), status.getImageID());
            assertEquals("example.com/busybox:1", status.getImage());
        }
        List<String> report = Files.readAllLines(node().shared().resolve("report"));
        assertEquals(
                List.of(
                        "1000",
                        "1001 2000 3000",
                        "whole-node-a",
                        "a part",
                        "up",
                        "nameserver 192.0.2.54",
                        "search example.com"),
                report.subList(0, 7));
        assertTrue(report.containsAll(List.of(address + " 16777216", "app=\"whole\"")), report.toString());
        assertTrue(report.stream().anyMatch(line -> line.matches("tmpfs +1024 .* /memory")), report.toString());
        assertTrue(report.stream().anyMatch(line -> line.matches("192.0.2.7\\s+other.example.com")), report.toString());
        assertEquals("started\n", inside("whole", "web", "cat%20/memory/started"));
        assertEquals("prepared\n", node().fetch("http://" + Enclosure.ADDRESS + ":18080/index.html"));
    }

    @Test
    void users_of_a_pod_that_asks_for_it_are_nobody_on_the_host_but_own_their_volumes() {
        node().ready("mapped");
        String users = inside("mapped", "app", "cat%20/data/users");
        assertTrue(users.matches(" +0 +\\d{5,} +65536\n"), users);
        assertEquals("0:2000\n", inside("mapped", "app", "stat%20-c%20%25u:%25g%20/data/users"));
    }

    @Test
    void a_pod_may_be_as_close_to_its_host_as_it_asks() throws IOException {
        node().await("the pod runs", () -> node().container("close", "app").filter(ContainerStatus::getStarted));
        Path mounted = Files.createDirectory(node().shared().resolve("mounted"));
        node().run("mount", "-t", "tmpfs", "tmpfs", mounted.toString()).orFail();
        node().run("touch", mounted.resolve("file").toString()).orFail();
        node().ready("close");
        node().await("a gRPC probe", () -> node().get("/metrics/probes")
                .lines()
                .filter(line -> line.startsWith("prober_probe_total{")
                        && line.contains("pod=\"close-node-a\"")
                        && line.contains("probe_type=\"Liveness\"")
                        && line.contains("result=\"successful\""))
                .findFirst());
        for (String kind : List.of("net", "pid", "ipc", "user")) {
            assertEquals(
                    node().run("readlink", "/proc/1/ns/" + kind).orFail().output(),
                    inside("close", "app", "readlink%20/proc/self/ns/" + kind));
        }
        String status = inside("close", "app", "cat%20/proc/self/status");
        assertTrue(status.contains("Groups:\t0 3000 \n") || status.contains("Groups:\t3000 \n"), status);
    }

    /** What a command prints that the kubelet is asked to run. */
    private static String inside(String pod, String container, String command) {
        return node().ask("POST", "/run/default/" + pod + "-node-a/" + container + "?cmd=" + command);
    }

    @Test
    void what_crashes_is_started_again_later_and_later() {
        ContainerStatus status = node().await("a pause before the next attempt", () -> node().container("crash", "app")
                .filter(app -> app.getRestartCount() >= 2)
                .filter(app -> app.getState().getWaiting() != null));
        assertEquals("CrashLoopBackOff", status.getState().getWaiting().getReason());
        var last = status.getLastState().getTerminated();
        assertEquals("Error 3 last words\n", last.getReason() + " " + last.getExitCode() + " " + last.getMessage());
    }

    @Test
    void what_needs_more_memory_than_it_may_is_killed_for_that() {
        var ended = ended("greedy", "app").getState().getTerminated();
        assertEquals("OOMKilled 137", ended.getReason() + " " + ended.getExitCode());
        node().await("the pod has failed", () -> node().pod("greedy")
                .filter(pod -> pod.getStatus().getPhase().equals("Failed")));
    }

    private static ContainerStatus ended(String pod, String container) {
        return node().await("container " + container + " of " + pod + " ends", () -> node().container(pod, container)
                .filter(status -> status.getState().getTerminated() != null));
    }

    @Test
    void what_does_not_show_that_it_lives_is_killed_and_started_again() {
        ContainerStatus status = node().await("a restart", () -> node().container("stuck", "app")
                .filter(app -> app.getRestartCount() >= 1)
                .filter(app -> app.getLastState().getTerminated() != null));
        var last = status.getLastState().getTerminated();
        assertEquals("Error 137", last.getReason() + " " + last.getExitCode());
        assertTrue(
                node().get("/metrics/probes")
                        .lines()
                        .anyMatch(line -> line.startsWith("prober_probe_total{")
                                && line.contains("pod=\"stuck-node-a\"")
                                && line.contains("result=\"failed\"")),
                "no failed probe is counted");
    }

    @Test
    void last_words_come_from_a_file_or_from_the_log() {
        assertEquals(
                "told in a file",
                ended("told", "file").getState().getTerminated().getMessage());
        var failed = ended("told", "log").getState().getTerminated();
        assertEquals("4 last words\n", failed.getExitCode() + " " + failed.getMessage());
    }

    @Test
    void a_log_that_grows_is_put_aside_and_nothing_of_it_is_lost() throws IOException {
        Path current = node().await("a log that was put aside", () -> {
            try (Stream<Path> files = Files.walk(node().logs())) {
                return files.filter(file -> file.toString().contains("noisy")
                                && file.getFileName().toString().matches("0\\.log\\.\\d{8}-\\d{6}"))
                        .findFirst();
            }
        });
        assertTrue(Files.size(current) >= 20 << 10, current + " was put aside early");
        List<String> aside = Files.readAllLines(current);
        long last = number(aside.getLast());
        Optional<Long> next = Files.readAllLines(current.resolveSibling("0.log")).stream()
                .findFirst()
                .map(KubeletClusterTest::number);
        assertTrue(next.isEmpty() || next.get() >= last + 1, "after line " + last + " comes " + next);
    }

    private static long number(String line) {
        return Long.parseLong(line.split(" ", -1)[3]);
    }

    @Test
    void a_pod_that_is_taken_away_ends_in_good_order() throws IOException {
        node().ready("polite");
        node().remove("polite");
        node().await("its sandbox ends", () -> KubeletNode.succeeds(
                        node().crictl("pods", "-q", "--name", "polite-node-a", "--state", "ready"))
                .filter(String::isBlank));
        assertEquals(
                List.of("before the end", "asked to end"),
                Files.readAllLines(node().shared().resolve("polite")));
        assertTrue(node().pod("polite").isEmpty());
    }

    @Test
    void what_pods_use_is_measured() {
        node().ready("whole");
        var whole = node().await("figures of the pod and each of its containers", () -> summary("whole-node-a")
                .filter(pod -> pod.get("containers").size() == 3)
                .filter(pod -> pod.at("/memory/workingSetBytes").asLong() > 0));
        for (JsonNode container : whole.get("containers")) {
            assertTrue(container.at("/memory/workingSetBytes").asLong() > 0, container.toString());
            assertTrue(container.at("/cpu/usageCoreNanoSeconds").asLong() > 0, container.toString());
        }
        assertTrue(
                node().get("/metrics/resource").contains("container_memory_working_set_bytes{container=\"web\","),
                "no figures for Prometheus");
    }

    private static Optional<JsonNode> summary(String pod) throws IOException {
        String summary = node().get("/stats/summary");
        JsonNode pods =
                new ObjectMapper().readTree(summary.isEmpty() ? "{}" : summary).path("pods");
        for (JsonNode each : pods) {
            if (each.at("/podRef/name").asText().equals(pod)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** Of containers that are to go on: how often each was started, and where to find it. */
    private static Map<String, String> lives() {
        return node().ready("whole").getStatus().getContainerStatuses().stream()
                .collect(Collectors.toMap(
                        ContainerStatus::getName,
                        status -> status.getContainerID() + " " + status.getRestartCount() + " "
                                + status.getState().getRunning().getStartedAt()));
    }

    @Test
    void a_kubelet_that_is_started_again_finds_its_pods_and_removes_images_that_none_of_them_has() throws Exception {
        Map<String, String> before = lives();
        node().addImage("example.com/unused");
        assertTrue(node().crictl("images").orFail().output().contains("example.com/unused"));
        node().stopKubelet();
        node().startKubelet(KubeletNode.Collection.AT_ONCE);
        assertEquals(before, lives());
        node().await("the image is gone", () -> Optional.of(
                        node().crictl("images").orFail().output())
                .filter(images -> !images.contains("example.com/unused")));
        assertTrue(node().crictl("images").orFail().output().contains("example.com/busybox"));
        assertEquals(before, lives());
    }

    @Test
    void an_agent_that_is_killed_and_started_again_finds_its_pods_and_the_kubelet_notices_nothing() throws Exception {
        Map<String, String> before = lives();
        node().killAgent();
        node().startAgent();
        assertEquals(before, lives());
        node().await("a command that the kubelet is asked to run", () -> Optional.of(
                        inside("whole", "web", "cat%20/memory/sidecar"))
                .filter("up\n"::equals));
        assertEquals(before, lives());
    }
}
