package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a pod's exposed ports and its apps' ports say together. */
public final class Ports {
    private Ports() {}

    /**
     * All ports that the pod exposes on the host.
     *
     * @param exposed the pod's
     * @param apps how each app is executed, see {@link RuntimeApp#effective}
     * @throws AestusException {@link Problem#INVALID} if a name belongs to no app or to two, if a range leaves 65535, or
     *     if two ports meet on the host
     */
    public static List<ResolvedPort> resolve(List<ExposedPort> exposed, Map<AcName, App> apps) {
        var resolved = new ArrayList<ResolvedPort>();
        for (ExposedPort each : exposed) {
            ResolvedPort port = each.podPort()
                    .map(own -> new ResolvedPort(Optional.empty(), own, each.hostPort(), each.hostIp()))
                    .orElseGet(() -> find(each, apps));
            if (port.lastHostPort() > Port.HIGHEST) {
                throw refused(each, port.port().count() + " ports from " + each.hostPort() + " on leave 65535");
            }
            resolved.stream().filter(port::overlaps).findFirst().ifPresent(other -> {
                throw refused(
                        each,
                        "host port " + port.hostPort() + " is taken by "
                                + other.port().name());
            });
            resolved.add(port);
        }
        return List.copyOf(resolved);
    }

    private static ResolvedPort find(ExposedPort exposed, Map<AcName, App> apps) {
        var found = new ArrayList<ResolvedPort>();
        apps.forEach((name, app) -> app.ports().stream()
                .filter(port -> port.name().equals(exposed.name()))
                .map(port -> new ResolvedPort(Optional.of(name), port, exposed.hostPort(), exposed.hostIp()))
                .forEach(found::add));
        if (found.isEmpty()) {
            throw refused(exposed, "no app has a port of that name");
        }
        if (found.size() > 1) {
            throw refused(exposed, "more than one app has a port of that name");
        }
        return found.getFirst();
    }

    private static AestusException refused(ExposedPort port, String reason) {
        return new AestusException(Problem.INVALID, "cannot expose port " + port.name() + ": " + reason);
    }
}
