package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.App;
import io.aestus.appc.Port;
import io.aestus.operator.v1alpha1.Probe;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One try of a probe, ready to be made. */
sealed interface Check {
    int HIGHEST_PORT = 65_535;

    /** A command in the app: exit code 0 is success. */
    record Command(List<String> words) implements Check {
        public Command {
            words = List.copyOf(words);
        }
    }

    /** A connection over the pod's loopback: that it is taken is success. */
    record Connection(int port) implements Check {}

    /** A request over the pod's loopback: a status from 200 to 399 is success. */
    record Request(int port, String path) implements Check {}

    /**
     * What a probe of an app does.
     *
     * @throws AestusException {@link Problem#INVALID} when the app has no port of that name
     */
    static Check of(Probe probe, App app) {
        if (probe.httpGet() != null) {
            String path = probe.httpGet().path();
            return new Request(port(probe.httpGet().port(), app), path == null ? "/" : path);
        }
        return probe.tcpSocket() != null
                ? new Connection(port(probe.tcpSocket().port(), app))
                : new Command(probe.exec());
    }

    private static int port(IntOrString port, App app) {
        Optional<Integer> number = number(port);
        if (number.isPresent()) {
            return number.get();
        }
        return app.ports().stream()
                .filter(each -> each.name().value().equals(port.getStrVal()))
                .findFirst()
                .map(Port::port)
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID, "the app has no port " + Quoted.of(String.valueOf(port.getStrVal()))));
    }

    /** A port that is given as a number, be it as text. */
    static Optional<Integer> number(@Nullable IntOrString port) {
        if (port == null) {
            return Optional.empty();
        }
        String text = port.getStrVal();
        return text != null && text.matches("[0-9]{1,5}")
                ? Optional.of(Integer.parseInt(text))
                : Optional.ofNullable(port.getIntVal());
    }
}
