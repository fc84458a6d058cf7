package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.appc.App;
import io.aestus.appc.Port;
import io.aestus.executor.ReadinessProbe;
import io.aestus.executor.ReadinessProbe.Check;
import io.aestus.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options of an app that say how it is asked whether it is ready. */
final class ReadinessOptions {
    private static final String EXEC = "--readiness-exec";
    private static final String HTTP = "--readiness-http";
    private static final String TCP = "--readiness-tcp";
    private static final String PERIOD = "--readiness-period";
    private static final String TIMEOUT = "--readiness-timeout";
    private static final String FAILURES = "--readiness-failures";

    private ReadinessOptions() {}

    static CommandSpec add(CommandSpec spec) {
        return spec.addOption(Options.value(
                        EXEC,
                        "COMMAND",
                        "ready when this ends with 0 in the app: words between spaces, or a JSON list of words"))
                .addOption(Options.value(
                        HTTP, "PORT[/PATH]", "ready when this answers with a status from 200 to 399 on its loopback"))
                .addOption(Options.value(
                        TCP, "PORT", "ready when this port, a number or a name, takes a connection on its loopback"))
                .addOption(Options.value(PERIOD, "DURATION", "between two tries (10s)"))
                .addOption(Options.value(TIMEOUT, "DURATION", "after which a try has failed (1s)"))
                .addOption(Options.value(FAILURES, "N", "how many in a row make it unready again (3)"));
    }

    /**
     * All that can be known before the image is there.
     *
     * @throws WrongUsage when something is misspelt
     */
    static void check(ParseResult options) {
        read(options, _ -> Optional.of(1));
    }

    /**
     * What they say.
     *
     * @param effective the app, whose ports may be named
     */
    static Optional<ReadinessProbe> read(ParseResult options, App effective) {
        return read(options, name -> effective.ports().stream()
                .filter(port -> port.name().value().equals(name))
                .findFirst()
                .map(Port::port));
    }

    private static Optional<ReadinessProbe> read(ParseResult options, Function<String, Optional<Integer>> ports) {
        List<String> ways = Stream.of(EXEC, HTTP, TCP)
                .filter(option -> Options.isSet(options, option))
                .toList();
        if (ways.size() > 1) {
            throw new WrongUsage("cannot probe an app in two ways: " + String.join(" and ", ways));
        }
        if (ways.isEmpty()) {
            Stream.of(PERIOD, TIMEOUT, FAILURES)
                    .filter(option -> Options.isSet(options, option))
                    .forEach(ReadinessOptions::refuse);
            return Optional.empty();
        }
        String value = Options.value(options, ways.getFirst()).orElseThrow();
        Check check =
                switch (ways.getFirst()) {
                    case EXEC -> new Check.Command(words(value));
                    case HTTP -> request(value, ports);
                    default -> new Check.Connection(port(TCP, value, ports));
                };
        return Optional.of(new ReadinessProbe(
                check,
                duration(options, PERIOD, ReadinessProbe.LONGEST_PERIOD).orElse(ReadinessProbe.USUAL_PERIOD),
                duration(options, TIMEOUT, ReadinessProbe.LONGEST_TIMEOUT).orElse(ReadinessProbe.USUAL_TIMEOUT),
                Options.number(options, FAILURES, 1, ReadinessProbe.HIGHEST_THRESHOLD)
                        .map(Math::toIntExact)
                        .orElse(ReadinessProbe.USUAL_THRESHOLD)));
    }

    private static void refuse(String option) {
        throw new WrongUsage("cannot read " + option + ": nothing says how the app is probed")
                .withRemedy(String.join(", ", EXEC, HTTP) + " or " + TCP);
    }

    private static List<String> words(String command) {
        List<String> words = command.stripLeading().startsWith("[")
                ? Options.understood(
                        command,
                        text -> JsonReader.read(text.getBytes(StandardCharsets.UTF_8), EXEC).elements().stream()
                                .map(word -> word.string())
                                .toList())
                : Stream.of(command.split("\\s+"))
                        .filter(word -> !word.isEmpty())
                        .toList();
        if (words.isEmpty()) {
            throw new WrongUsage("cannot read " + EXEC + ": it is empty");
        }
        return words;
    }

    private static Check request(String value, Function<String, Optional<Integer>> ports) {
        int slash = value.indexOf('/');
        String path = slash < 0 ? "/" : value.substring(slash);
        if (!ReadinessProbe.isPath(path)) {
            throw new WrongUsage("cannot read " + HTTP + ": " + Quoted.of(path) + " is no path of a request");
        }
        return new Check.Request(port(HTTP, slash < 0 ? value : value.substring(0, slash), ports), path);
    }

    private static int port(String option, String word, Function<String, Optional<Integer>> ports) {
        if (word.matches("\\d+")) {
            int number = word.length() > 5 ? 0 : Integer.parseInt(word);
            if (number < 1 || number > ReadinessProbe.HIGHEST_PORT) {
                throw new WrongUsage("cannot read " + option + ": " + Quoted.of(word) + " is no port from 1 to "
                        + ReadinessProbe.HIGHEST_PORT);
            }
            return number;
        }
        if (!word.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
            throw new WrongUsage(
                    "cannot read " + option + ": " + Quoted.of(word) + " is neither the number nor the name of a port");
        }
        return ports.apply(word)
                .orElseThrow(() ->
                        new WrongUsage("cannot read " + option + ": the app has no port named " + Quoted.of(word)));
    }

    private static Optional<Duration> duration(ParseResult options, String name, Duration longest) {
        Optional<Duration> duration = Options.duration(options, name);
        if (duration.filter(value -> !value.isPositive() || value.compareTo(longest) > 0)
                .isPresent()) {
            throw new WrongUsage("cannot read " + name + ": it is not from 1s to " + longest.toSeconds() + "s");
        }
        return duration;
    }
}
