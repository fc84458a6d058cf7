package io.aestus.agent;

import io.aestus.AestusException;
import io.aestus.linux.HostKernel;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.stream.Collectors;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Whether this node can run pods: {@code /health/ready} with a reason for each no. {@code /health/live} says that the
 * process answers; a node that is not ready would not become so by being started again.
 */
@ApplicationScoped
public class NodeHealth {
    /** With less an image is hardly unpacked. */
    private static final long ENOUGH_BYTES = 256L << 20;

    private static final String NOT_STARTED = "the node is not started";

    private final NodeLifecycle lifecycle;

    NodeHealth(NodeLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /** What the kernel of this host lacks; it does not change while we run. */
    @Produces
    @Readiness
    @ApplicationScoped
    HealthCheck kernel() {
        HealthCheckResponse answer = probeKernel();
        return () -> answer;
    }

    private static HealthCheckResponse probeKernel() {
        var answer = HealthCheckResponse.named("kernel");
        try {
            HostKernel kernel = HostKernel.probe();
            String missing = kernel.missing()
                    .map(feature -> feature.name() + ": " + feature.consequence())
                    .collect(Collectors.joining("; "));
            answer.withData("release", kernel.release());
            if (!missing.isEmpty()) {
                answer.withData("missing", missing);
            }
            return answer.status(kernel.canRunPods()).build();
        } catch (IOException e) {
            return answer.down()
                    .withData("error", String.valueOf(e.getMessage()))
                    .build();
        }
    }

    /** Room for images and pods. */
    @Produces
    @Readiness
    @ApplicationScoped
    HealthCheck disk() {
        return () -> {
            var answer = HealthCheckResponse.named("disk");
            var node = lifecycle.node();
            if (node.isEmpty()) {
                return answer.down().withData("error", NOT_STARTED).build();
            }
            try {
                FileStore store = Files.getFileStore(node.get().settings().dir());
                long free = store.getUsableSpace();
                return answer.withData("freeBytes", free)
                        .status(free >= ENOUGH_BYTES)
                        .build();
            } catch (IOException e) {
                return answer.down()
                        .withData("error", String.valueOf(e.getMessage()))
                        .build();
            }
        };
    }

    /** Whether the executor answers, and whether all AppPods of this node are known. */
    @Produces
    @Readiness
    @ApplicationScoped
    HealthCheck pods() {
        return () -> {
            var answer = HealthCheckResponse.named("pods");
            var node = lifecycle.node();
            if (node.isEmpty()) {
                return answer.down().withData("error", NOT_STARTED).build();
            }
            try {
                answer.withData("pods", node.get().executor().list().size());
            } catch (AestusException e) {
                return answer.down().withData("error", e.message()).build();
            }
            if (!node.get().knowsItsPods()) {
                answer.withData("waiting", "not all AppPods of this node are known yet");
            }
            return answer.status(node.get().isStarted() && node.get().knowsItsPods())
                    .build();
        };
    }
}
