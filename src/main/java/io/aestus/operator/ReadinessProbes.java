package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.App;
import io.aestus.appc.Port;
import io.aestus.executor.ReadinessProbe;
import io.aestus.executor.ReadinessProbe.Check;
import io.aestus.operator.v1alpha1.AppSpec;
import io.aestus.operator.v1alpha1.Probe;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an app of an AppPod says of its readiness, as the executor has it. */
final class ReadinessProbes {
    private ReadinessProbes() {}

    /**
     * All that can be known of it before its image is there.
     *
     * @throws AestusException {@link Problem#INVALID}
     */
    static void check(AppSpec app) {
        Probe probe = app.readinessProbe();
        if (probe == null) {
            return;
        }
        int ways = (probe.exec().isEmpty() ? 0 : 1)
                + (probe.httpGet() == null ? 0 : 1)
                + (probe.tcpSocket() == null ? 0 : 1);
        if (ways != 1) {
            throw invalid(app, "it is not exactly one of exec, httpGet and tcpSocket");
        }
        if (probe.httpGet() != null) {
            checkPort(app, probe.httpGet().port());
            String path = probe.httpGet().path();
            if (path != null && !ReadinessProbe.isPath(path)) {
                throw invalid(app, Quoted.of(path) + " is no path of a request");
            }
        }
        if (probe.tcpSocket() != null) {
            checkPort(app, probe.tcpSocket().port());
        }
        if (probe.period().compareTo(Duration.ofSeconds(1)) < 0 || probe.threshold() < 1) {
            throw invalid(app, "its period and threshold are at least 1");
        }
        if (!probe.timeout().isPositive() || probe.timeout().compareTo(ReadinessProbe.LONGEST_TIMEOUT) > 0) {
            throw invalid(app, "its timeout is from 1 to 60 seconds");
        }
    }

    /** A name may be that of a port of the image, which is not known yet. */
    private static void checkPort(AppSpec app, @Nullable IntOrString port) {
        var number = number(port);
        boolean isName = port != null && port.getStrVal() != null && number.isEmpty();
        if (!isName
                && number.filter(value -> value >= 1 && value <= ReadinessProbe.HIGHEST_PORT)
                        .isEmpty()) {
            throw invalid(app, "its port is neither a name nor a number from 1 to 65535");
        }
    }

    /**
     * How an app is asked; empty if it is not.
     *
     * @param effective the app with what its image says where its spec says nothing: its ports may be the image's
     * @throws AestusException {@link Problem#INVALID} when it has no port of that name
     */
    static Optional<ReadinessProbe> of(AppSpec app, App effective) {
        return Optional.ofNullable(app.readinessProbe())
                .map(probe -> new ReadinessProbe(
                        check(probe, app, effective), probe.period(), probe.timeout(), probe.threshold()));
    }

    private static Check check(Probe probe, AppSpec app, App effective) {
        if (probe.httpGet() != null) {
            String path = probe.httpGet().path();
            return new Check.Request(port(probe.httpGet().port(), app, effective), path == null ? "/" : path);
        }
        return probe.tcpSocket() != null
                ? new Check.Connection(port(probe.tcpSocket().port(), app, effective))
                : new Check.Command(probe.exec());
    }

    private static int port(IntOrString port, AppSpec app, App effective) {
        return number(port)
                .or(() -> named(String.valueOf(port.getStrVal()), effective))
                .orElseThrow(() -> invalid(app, "the app has no port " + Quoted.of(String.valueOf(port.getStrVal()))));
    }

    private static Optional<Integer> named(String name, App effective) {
        return effective.ports().stream()
                .filter(each -> each.name().value().equals(name))
                .findFirst()
                .map(Port::port);
    }

    /** A port that is given as a number, be it as text. */
    private static Optional<Integer> number(@Nullable IntOrString port) {
        if (port == null) {
            return Optional.empty();
        }
        String text = port.getStrVal();
        return text != null && text.matches("[0-9]{1,5}")
                ? Optional.of(Integer.parseInt(text))
                : Optional.ofNullable(port.getIntVal());
    }

    private static AestusException invalid(AppSpec app, String reason) {
        return new AestusException(Problem.INVALID, "cannot probe app " + Quoted.of(app.name()) + ": " + reason);
    }
}
