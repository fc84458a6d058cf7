package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An unmodified kubelet runs pods here on a host of systemd's, with a real one that makes the cgroups of both. */
@Tag("cluster")
@Tag("host")
class KubeletSystemdTest {
    private static final String TREE = "/sys/fs/cgroup/";
    private static final String BURSTABLE = TREE + "kubepods.slice/kubepods-burstable.slice/";

    @RegisterExtension
    private static final SharedKubelet KUBELET = new SharedKubelet(() -> KubeletNode.startWithSystemd("polite"));

    private static KubeletNode node() {
        return KUBELET.node();
    }

    private static String said(String... command) {
        return node().run(command).orFail().output().strip();
    }

    @Test
    void a_pod_is_where_the_kubelet_wants_it_and_leaves_nothing() throws IOException {
        Pod pod = node().ready("polite"); // which a command in it has told
        String slice = "kubepods-burstable-pod" + pod.getMetadata().getUid() + ".slice";
        String sandbox = node().crictl("pods", "-q").orFail().output().strip();
        String scope = "aestus-" + sandbox + ".scope";
        assertEquals(
                Set.of("CPUWeight=2", "CPUQuotaPerSecUSec=500ms", "MemoryMax=67108864"),
                properties(slice, "CPUWeight", "CPUQuotaPerSecUSec", "MemoryMax"));
        assertEquals(
                Set.of("Slice=" + slice, "Delegate=yes", "ActiveState=active"),
                properties(scope, "Slice", "Delegate", "ActiveState"));
        String app = BURSTABLE + slice + "/" + scope + "/app-0";
        assertTrue(said("cat", app + "/cgroup.events").contains("populated 1"), "the app is elsewhere");
        for (String cgroup : List.of(BURSTABLE + slice, app)) {
            assertLimit("0", cgroup + "/hugetlb.2MB.max");
            assertLimit("67108864", cgroup + "/memory.max");
            assertLimit("50000 100000", cgroup + "/cpu.max");
        }

        node().remove("polite");
        node().await("what systemd made for the pod is gone", () -> Optional.of(
                        said("systemctl", "list-units", "--all", "--plain", "--no-legend", slice, scope))
                .filter(String::isBlank));
        assertNotEquals(0, node().run("test", "-e", BURSTABLE + slice).code(), "its cgroup is still there");
        assertEquals(
                List.of("before the end", "asked to end"),
                Files.readAllLines(node().shared().resolve("polite")));
        assertEquals(
                "", node().crictl("pods", "-q", "--state", "ready").orFail().output());
        assertTrue(node().pod("polite").isEmpty());
    }

    private static Set<String> properties(String unit, String... names) {
        return Set.copyOf(said("systemctl", "show", "--property=" + String.join(",", names), unit)
                .lines()
                .toList());
    }

    /** A controller that version 1 holds on this machine is in no tree of version 2, and can limit nothing there. */
    private static void assertLimit(String wanted, String file) {
        String controller = file.replaceFirst(".*/([a-z]+)\\..*", "$1");
        if (List.of(said("cat", TREE + "cgroup.controllers").split(" ", -1)).contains(controller)) {
            assertEquals(wanted, said("cat", file), file);
        }
    }
}
