package io.aestus.agent;

import io.aestus.AestusException;
import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Starts and stops the {@link Node} with the application. */
@ApplicationScoped
public class NodeLifecycle {
    private static final Logger LOG = Logger.getLogger(NodeLifecycle.class);
    private static final int FAILED = 254;

    private final Config config;
    private volatile @Nullable Node node;

    NodeLifecycle(Config config) {
        this.config = config;
    }

    void start(@Observes StartupEvent event, NodeMetrics metrics) {
        try {
            var settings = NodeSettings.read(
                    name -> config.getOptionalValue(name, String.class).orElse(null));
            if (settings.logsJson()) {
                for (var handler : InitialConfigurator.DELAYED_HANDLER.getHandlers()) {
                    handler.setFormatter(new JsonLogFormatter());
                }
            }
            Node opened = Node.open(settings, config.getValue("quarkus.application.version", String.class));
            node = opened;
            metrics.watch(opened);
            opened.start();
            LOG.infof("node %s keeps its pods in %s", settings.nodeName(), settings.dir());
        } catch (AestusException e) {
            LOG.error(
                    e.message() + e.remedy().map(remedy -> " (" + remedy + ")").orElse(""));
            LOG.debug("because", e);
            Quarkus.asyncExit(FAILED);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        node().ifPresent(running -> {
            running.close();
            LOG.info("stopped; apps run on");
        });
        node = null;
    }

    /** Empty before the start and after the stop. */
    Optional<Node> node() {
        return Optional.ofNullable(node);
    }
}
