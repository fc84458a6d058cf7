package io.aestus.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips, with the reason, the tests of a tier that this host cannot run. Plain tests have no tag; {@code host} tests start
 * real containers and need root; {@code cluster} tests need a real API server's binaries.
 */
public final class TestTier implements ExecutionCondition {
    /** Where scripts/cluster-tools puts what it builds; the default is the one of that script. */
    public static Path clusterTools() {
        String given = System.getenv("AESTUS_TOOLS");
        if (given != null) {
            return Path.of(given);
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = cache != null ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("aestus/tools");
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Set<String> tags = context.getTags();
        return missing(tags)
                .map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("this host can run it"));
    }

    private static Optional<String> missing(Set<String> tags) {
        if (tags.contains("host") && !isRoot()) {
            return Optional.of("tier host: needs root");
        }
        if (tags.contains("cluster") && !Files.isExecutable(clusterTools().resolve("kube-apiserver"))) {
            return Optional.of("tier cluster: no kube-apiserver in " + clusterTools() + " (scripts/cluster-tools)");
        }
        return Optional.empty();
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
