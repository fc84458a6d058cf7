package io.aestus.agent;

import io.aestus.AestusException;
import io.aestus.executor.AppState;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodEvent;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/** What Prometheus can ask about the pods of this node. Pods are counted once for all gauges of a scrape. */
@ApplicationScoped
public class NodeMetrics {
    private static final Logger LOG = Logger.getLogger(NodeMetrics.class);
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    private final MeterRegistry registry;
    private List<PodStatus> pods = List.of();
    private long readAt = System.nanoTime() - 2 * FRESH_NANOS;

    NodeMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Registers everything. */
    void watch(Node node) {
        pods(node, "prepared", state -> state instanceof PodState.Prepared || state instanceof PodState.Starting);
        pods(node, "running", PodState.Running.class::isInstance);
        pods(node, "exited", state -> state instanceof PodState.Exited || state instanceof PodState.Aborted);
        apps(node, "created", AppState.Created.class::isInstance);
        apps(node, "running", AppState.Running.class::isInstance);
        apps(node, "exited", AppState.Exited.class::isInstance);
        for (ExitStatus.Reason reason : ExitStatus.Reason.values()) {
            exits(reason);
        }
        node.executor().events(this::count);
    }

    private void pods(Node node, String name, Predicate<PodState> isMeant) {
        Gauge.builder("aestus.pods", () -> read(node).stream()
                        .filter(pod -> isMeant.test(pod.state()))
                        .count())
                .description("Pods of this node by state")
                .tag("state", name)
                .register(registry);
    }

    private void apps(Node node, String name, Predicate<AppState> isMeant) {
        Gauge.builder("aestus.apps", () -> read(node).stream()
                        .flatMap(pod -> pod.apps().stream())
                        .filter(app -> isMeant.test(app.state()))
                        .count())
                .description("Apps of this node by state")
                .tag("state", name)
                .register(registry);
    }

    private Counter exits(ExitStatus.Reason reason) {
        return Counter.builder("aestus.app.exits")
                .description("Apps that ended, by why, since the agent started")
                .tag("reason", reason.word().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    private void count(PodEvent event) {
        if (event instanceof PodEvent.AppExited exited) {
            exits(exited.status().reason()).increment();
        }
    }

    private synchronized List<PodStatus> read(Node node) {
        if (System.nanoTime() - readAt > FRESH_NANOS) {
            try {
                pods = node.executor().list();
            } catch (AestusException e) {
                LOG.debug("cannot count pods", e);
            }
            readAt = System.nanoTime();
        }
        return pods;
    }
}
