package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterTest {
    private static boolean isWanted(Map<String, String> set, Map<String, String> environment) {
        return Cluster.isWanted(NodeSettings.read(set::get), environment);
    }

    @Test
    void a_cluster_is_looked_for_only_where_one_is_configured() {
        assertEquals(false, isWanted(Map.of(), Map.of("HOME", "/root")));
        assertEquals(true, isWanted(Map.of(), Map.of("KUBECONFIG", "/etc/kubeconfig")));
        assertEquals(true, isWanted(Map.of(), Map.of("KUBERNETES_SERVICE_HOST", "10.0.0.1")));
        assertEquals(true, isWanted(Map.of("aestus.kubernetes.kubeconfig", "/etc/kubeconfig"), Map.of()));
    }

    @Test
    void what_is_set_counts_before_what_is_found() {
        assertEquals(
                false, isWanted(Map.of("aestus.kubernetes.enabled", "false"), Map.of("KUBECONFIG", "/etc/kubeconfig")));
        assertEquals(true, isWanted(Map.of("aestus.kubernetes.enabled", "true"), Map.of()));
    }

    @Test
    void a_kubeconfig_that_is_not_there_is_named() {
        var refusal =
                assertThrows(AestusException.class, () -> Cluster.connect(Optional.of(Path.of("/nowhere/kubeconfig"))));
        assertEquals(Problem.NOT_FOUND, refusal.problem());
        assertEquals("cannot read /nowhere/kubeconfig: there is no such file", refusal.message());
    }
}
