package io.aestus.cli;

import io.aestus.appc.PodUuid;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodEvent;
import io.aestus.executor.PodEvents;
import io.aestus.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus events}: what happened to pods, whichever process looks after them. */
final class EventsCommand implements Command {
    private static final Duration TURN = Duration.ofMillis(500);

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "events",
                        "Prints what happened to pods, whichever process looks after them, the oldest event first. With"
                                + " --format=json each event is an object on a line of its own.",
                        "aestus events --since 10m",
                        "aestus events --follow --format=json shop")
                .addOption(OptionSpec.builder("-f", "--follow")
                        .type(boolean.class)
                        .arity("0")
                        .description("go on with events as they happen; without --since only with those")
                        .build())
                .addOption(Options.value(
                        "--since", "TIME", "only from so long ago, such as 10m, or from an RFC 3339 time"))
                .addOption(Options.uuidFile())
                .addPositional(Options.words("POD", "0..*", "only of these pods"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        boolean isFollowing = Options.isSet(arguments, "--follow");
        Instant since = Options.value(arguments, "--since")
                .map(EventsCommand::since)
                .orElse(isFollowing ? Instant.now() : Instant.MIN);
        List<PodUuid> wanted = wanted(arguments, session);
        try (PodEvents events = PodEvents.open(session.options().dir(), since)) {
            while (!session.out().checkError()) { // nobody reads any more
                Optional<PodEvent> event = events.next(isFollowing ? TURN : Duration.ZERO);
                if (event.isEmpty() && !isFollowing) {
                    break;
                }
                if (event.isPresent() && isWanted(event.get(), wanted)) {
                    session.output().print(() -> json(event.get()), to -> to.println(line(event.get())));
                }
            }
        }
        return ExitCode.DONE;
    }

    private static List<PodUuid> wanted(ParseResult arguments, Session session) throws IOException {
        boolean isAll = Options.words(arguments).isEmpty() && !Options.isSet(arguments, "--uuid-file");
        return isAll ? List.of() : session.pods(arguments);
    }

    private static boolean isWanted(PodEvent event, List<PodUuid> wanted) {
        return wanted.isEmpty() || (event instanceof PodEvent.OfPod ofPod && wanted.contains(ofPod.pod()));
    }

    private static Instant since(String text) {
        try {
            return text.indexOf('T') > 0 ? Instant.parse(text) : Instant.now().minus(Options.duration("--since", text));
        } catch (DateTimeParseException e) {
            throw new WrongUsage("cannot read --since: it is no time such as 2026-01-31T12:00:00Z");
        }
    }

    private static Optional<String> app(PodEvent event) {
        return switch (event) {
            case PodEvent.AppCreated created -> Optional.of(created.app().value());
            case PodEvent.AppStarted started -> Optional.of(started.app().value());
            case PodEvent.AppReady ready -> Optional.of(ready.app().value());
            case PodEvent.AppUnready unready -> Optional.of(unready.app().value());
            case PodEvent.AppExited exited -> Optional.of(exited.app().value());
            case PodEvent.AppRemoved removed -> Optional.of(removed.app().value());
            case PodEvent.LogStalled stalled -> Optional.of(stalled.app().value());
            case PodEvent.PodPrepared _,
                    PodEvent.PodStarted _,
                    PodEvent.PodExited _,
                    PodEvent.PodRemoved _,
                    PodEvent.Missed _ -> Optional.empty();
        };
    }

    private static String line(PodEvent event) {
        var line = new StringBuilder(event.at() + "  " + event.word());
        if (event instanceof PodEvent.OfPod ofPod) {
            line.append("  ").append(ofPod.pod());
        }
        app(event).ifPresent(app -> line.append("  ").append(app));
        if (event instanceof PodEvent.AppExited exited) {
            line.append("  ").append(ending(exited.status()));
        } else if (event instanceof PodEvent.LogStalled stalled) {
            line.append("  ").append(stalled.why());
        }
        return line.toString();
    }

    private static String ending(ExitStatus status) {
        return status.message().isEmpty() ? "code " + status.code() : status.message();
    }

    private static JsonObject json(PodEvent event) {
        var json = JsonObject.builder().put("at", event.at()).put("event", event.word());
        if (event instanceof PodEvent.OfPod ofPod) {
            json.put("pod", ofPod.pod().toString());
        }
        json.put("app", app(event));
        if (event instanceof PodEvent.AppExited exited) {
            json.put("exit_code", exited.status().code())
                    .put("reason", exited.status().reason().word())
                    .put("message", exited.status().message());
        } else if (event instanceof PodEvent.LogStalled stalled) {
            json.put("message", stalled.why());
        }
        return json.build();
    }
}
