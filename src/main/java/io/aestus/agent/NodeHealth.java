package io.aestus.agent;

import io.aestus.AestusException;
import io.aestus.linux.HostKernel;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Collectors;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Whether this node can run pods: {@code /health/ready} with a reason for each no. {@code /health/live} says that the
 * process answers; a node that is not ready would not become so by being started again.
 */
@ApplicationScoped
public class NodeHealth {
    /** With less an image is hardly unpacked. */
    private static final long ENOUGH_BYTES = 256L << 20;

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
            return down(answer, String.valueOf(e.getMessage()));
        }
    }

    private static HealthCheckResponse down(HealthCheckResponseBuilder answer, String error) {
        return answer.down().withData("error", error).build();
    }

    /** Room for images and pods. */
    @Produces
    @Readiness
    @ApplicationScoped
    HealthCheck disk() {
        return check("disk", (node, answer) -> {
            long free = Files.getFileStore(node.settings().dir()).getUsableSpace();
            return answer.withData("freeBytes", free).status(free >= ENOUGH_BYTES);
        });
    }

    /** Whether the executor answers, and whether all AppPods of this node are known. */
    @Produces
    @Readiness
    @ApplicationScoped
    HealthCheck pods() {
        return check("pods", (node, answer) -> {
            answer.withData("pods", node.executor().list().size());
            if (!node.knowsItsPods()) {
                answer.withData("waiting", "not all AppPods of this node are known yet");
            }
            return answer.status(node.isStarted() && node.knowsItsPods());
        });
    }

    /** What there is to say of a node. */
    private interface Finding {
        HealthCheckResponseBuilder of(Node node, HealthCheckResponseBuilder answer) throws IOException;
    }

    private HealthCheck check(String name, Finding finding) {
        return () -> {
            var answer = HealthCheckResponse.named(name);
            var node = lifecycle.node();
            if (node.isEmpty()) {
                return down(answer, "the node is not started");
            }
            try {
                return finding.of(node.get(), answer).build();
            } catch (IOException | AestusException e) {
                return down(answer, String.valueOf(e.getMessage()));
            }
        };
    }
}
