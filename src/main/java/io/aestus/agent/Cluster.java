package io.aestus.agent;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The way to the API server, if this node has one. The client costs 40 MB: it is only made when it is wanted. */
final class Cluster {
    /** A status that cannot be written now is written later; nothing may wait long for an API server. */
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

    private Cluster() {}

    /** Whether AppPods are to be watched: as set, or if a cluster is configured. */
    static boolean isWanted(NodeSettings settings, Map<String, String> environment) {
        return switch (settings.kubernetes()) {
            case ALWAYS -> true;
            case NEVER -> false;
            case AUTO ->
                settings.kubeconfig().isPresent()
                        || environment.containsKey("KUBECONFIG")
                        || environment.containsKey("KUBERNETES_SERVICE_HOST");
        };
    }

    /** A client of {@code kubeconfig}, or of what environment and service account say. Connects when first used. */
    static KubernetesClient connect(Optional<Path> kubeconfig) {
        if (kubeconfig.isPresent() && !Files.isReadable(kubeconfig.get())) {
            throw new AestusException(Problem.NOT_FOUND, "cannot read " + kubeconfig.get() + ": there is no such file");
        }
        Config found = kubeconfig
                .map(file -> Config.fromKubeconfig(file.toFile()))
                .orElseGet(() -> Config.autoConfigure(null));
        Config config = new ConfigBuilder(found)
                .withRequestTimeout((int) REQUEST_LIMIT.toMillis())
                .withConnectionTimeout((int) CONNECT_LIMIT.toMillis())
                .withRequestRetryBackoffLimit(1)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
