package io.aestus.executor;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How an app is asked whether it is ready: again and again while it runs. It is from the first success on, until as many tries
 * in a row have failed as the threshold says. Immutable.
 *
 * @param check what is tried
 * @param period between the end of a try and the next one
 * @param timeout after which a try has failed
 * @param threshold failures in a row that count
 */
public record ReadinessProbe(Check check, Duration period, Duration timeout, int threshold) {
    /** Where nothing else is said. */
    public static final Duration USUAL_PERIOD = Duration.ofSeconds(10);

    public static final Duration USUAL_TIMEOUT = Duration.ofSeconds(1);
    public static final int USUAL_THRESHOLD = 3;

    public static final Duration LONGEST_PERIOD = Duration.ofHours(1);
    public static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);
    public static final int HIGHEST_THRESHOLD = 100;
    public static final int HIGHEST_PORT = 65_535;

    private static final Pattern PATH = Pattern.compile("/[!-~]{0,1023}");

    public ReadinessProbe {
        if (!period.isPositive() || !timeout.isPositive() || threshold < 1) {
            throw new IllegalArgumentException("a probe without end: " + period + ", " + timeout + ", " + threshold);
        }
    }

    /** With the usual times. */
    public static ReadinessProbe of(Check check) {
        return new ReadinessProbe(check, USUAL_PERIOD, USUAL_TIMEOUT, USUAL_THRESHOLD);
    }

    /** One try. */
    public sealed interface Check {
        /** A command in the app, confined as it is: exit code 0 is success. Its output is not read. */
        record Command(List<String> words) implements Check {
            public Command {
                words = List.copyOf(words);
                if (words.isEmpty()) {
                    throw new IllegalArgumentException("a command without words");
                }
            }
        }

        /** A connection over the pod's loopback: that it is taken is success. */
        record Connection(int port) implements Check {
            public Connection {
                requirePort(port);
            }
        }

        /** A request over the pod's loopback: a status from 200 to 399 is success. */
        record Request(int port, String path) implements Check {
            public Request {
                requirePort(port);
                if (!isPath(path)) {
                    throw new IllegalArgumentException("no path of a request: " + path);
                }
            }
        }
    }

    /** Whether this can be asked for: no character in it ends the line of a request. */
    public static boolean isPath(String path) {
        return PATH.matcher(path).matches();
    }

    private static void requirePort(int port) {
        if (port < 1 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException("no port: " + port);
        }
    }

    JsonObject toJson() {
        var json = JsonObject.builder();
        switch (check) {
            case Check.Command(List<String> words) -> json.put("exec", Json.strings(words));
            case Check.Connection(int port) -> json.put("port", port);
            case Check.Request(int port, String path) -> json.put("port", port).put("path", path);
        }
        return json.put("period", period.toNanos())
                .put("timeout", timeout.toNanos())
                .put("threshold", threshold)
                .build();
    }

    static ReadinessProbe read(JsonView view) {
        return new ReadinessProbe(
                check(view),
                view.required("period").nanoseconds(),
                view.required("timeout").nanoseconds(),
                view.required("threshold").wholeInt(1, Integer.MAX_VALUE));
    }

    private static Check check(JsonView view) {
        if (view.optional("port").isEmpty()) {
            return new Check.Command(view.strings("exec"));
        }
        int port = view.required("port").wholeInt(1, HIGHEST_PORT);
        return view.optional("path")
                .<Check>map(path -> new Check.Request(port, path.string()))
                .orElseGet(() -> new Check.Connection(port));
    }
}
