package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.ExposedPort;
import io.aestus.appc.PodManifest;
import io.aestus.appc.Port;
import io.aestus.appc.RuntimeApp;
import io.aestus.network.Connections;
import io.aestus.network.PortMapping;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ports that a pod manifest exposes on the host, as networks map them. */
final class ExposedPorts {
    private ExposedPorts() {}

    /**
     * Finds the ports by their names in the apps of the pod.
     *
     * @throws AestusException {@link Problem#INVALID} when no app has such a port, or several have; {@link
     *     Problem#UNSUPPORTED} for protocols that no network maps
     */
    static List<PortMapping> of(PodManifest pod, ImageTrees images) throws IOException {
        var mappings = new ArrayList<PortMapping>();
        for (ExposedPort exposed : pod.ports()) {
            Port port = exposed.podPort().isPresent() ? exposed.podPort().get() : named(exposed.name(), pod, images);
            for (int i = 0; i < port.count(); i++) {
                mappings.add(mapping(exposed, port, i));
            }
            if (mappings.size() > Connections.MOST_PORTS) {
                throw new AestusException(
                        Problem.EXHAUSTED,
                        "cannot map the ports of the pod: there are more than " + Connections.MOST_PORTS);
            }
        }
        return mappings;
    }

    private static PortMapping mapping(ExposedPort exposed, Port port, int offset) {
        var protocol = PortMapping.protocol(port.protocol())
                .orElseThrow(() -> new AestusException(
                        Problem.UNSUPPORTED,
                        "cannot map port " + exposed.name() + ": its protocol is neither tcp nor udp nor sctp"));
        return new PortMapping(exposed.hostIp(), exposed.hostPort() + offset, port.port() + offset, protocol);
    }

    private static Port named(AcName name, PodManifest pod, ImageTrees images) throws IOException {
        var found = new ArrayList<Port>();
        for (RuntimeApp app : pod.apps()) {
            Optional<App> own = app.app().isPresent()
                    ? app.app()
                    : images.manifest(app.image().id().orElseThrow()).app();
            own.map(App::ports).orElse(List.of()).stream()
                    .filter(port -> port.name().equals(name))
                    .forEach(found::add);
        }
        if (found.size() != 1) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot map port " + name + ": "
                            + (found.isEmpty() ? "no app of the pod has" : "several apps of the pod have")
                            + " one of that name");
        }
        return found.getFirst();
    }
}
