package io.aestus.agent;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** Starts and stops the {@link Node} with the application. */
@ApplicationScoped
public class NodeLifecycle {
    private static final Logger LOG = Logger.getLogger(NodeLifecycle.class);

    private final Config config;

    NodeLifecycle(Config config) {
        this.config = config;
    }

    void start(@Observes StartupEvent event) {
        var settings = NodeSettings.read(
                name -> config.getOptionalValue(name, String.class).orElse(null));
        LOG.infof("node %s keeps its pods in %s", settings.nodeName(), settings.dir());
    }

    void stop(@Observes ShutdownEvent event) {
        LOG.info("stopped; apps run on");
    }
}
