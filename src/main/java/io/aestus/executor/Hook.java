package io.aestus.executor;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A program that the host's administrator has run at some moment of an app's life; it reads the state of the app as JSON.
 *
 * @param path of the program, absolute
 * @param arguments the first of which is its name; empty for the path alone
 * @param environment all that it finds there, {@code NAME=value}
 * @param limit after which it has failed; empty for a minute
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/main/config.md#posix-platform-hooks">OCI runtime specification:
 *     hooks</a>
 */
public record Hook(
        Moment moment, Path path, List<String> arguments, List<String> environment, Optional<Duration> limit) {
    private static final Duration USUAL_LIMIT = Duration.ofMinutes(1);

    /** The longest limit that a hook may have. */
    public static final Duration LONGEST_LIMIT = Duration.ofHours(1);

    /** When a hook runs, and where. */
    public enum Moment {
        /** When what the app will see has been put together, on the host. The older name of the next one, and before it. */
        PRESTART("prestart"),
        /** Then, on the host. */
        CREATE_RUNTIME("createRuntime"),
        /** Then, in the namespaces of the app, which has yet to make its root the root. */
        CREATE_CONTAINER("createContainer"),
        /** As what the app is, right before its program. */
        START_CONTAINER("startContainer"),
        /** When the app's program runs, on the host. */
        POSTSTART("poststart"),
        /** After its end, on the host. */
        POSTSTOP("poststop");

        private final String word;

        Moment(String word) {
            this.word = word;
        }

        /** By what the specification calls them. */
        public static Map<String, Moment> words() {
            return Arrays.stream(values()).collect(Collectors.toMap(Moment::toString, Function.identity()));
        }

        @Override
        public String toString() {
            return word;
        }
    }

    public Hook {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("no absolute path: " + path);
        }
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
    }

    /** Its arguments, of which there is one at least. */
    List<String> command() {
        return arguments.isEmpty() ? List.of(path.toString()) : arguments;
    }

    /** How long it may take. */
    Duration patience() {
        return limit.orElse(USUAL_LIMIT);
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("hookName", moment.word)
                .put("path", path.toString())
                .putUnlessEmpty("args", Json.strings(arguments))
                .putUnlessEmpty("env", Json.strings(environment))
                .put("timeout", limit.map(Duration::toSeconds))
                .build();
    }

    /** Reads what {@link #toJson} writes, which is also what files of the Container Device Interface have. */
    public static Hook read(JsonView json) {
        JsonView path = json.required("path");
        if (!path.string().startsWith("/")) {
            throw path.failure("must be an absolute path");
        }
        return new Hook(
                json.required("hookName").oneOf(Moment.words()),
                path.parsed(Path::of),
                json.strings("args"),
                json.list("env", Hook::variable),
                json.optional("timeout").map(limit -> Duration.ofSeconds(limit.whole(1, LONGEST_LIMIT.toSeconds()))));
    }

    private static String variable(JsonView view) {
        if (view.string().indexOf('=') < 1) {
            throw view.failure("must be NAME=value");
        }
        return view.string();
    }
}
