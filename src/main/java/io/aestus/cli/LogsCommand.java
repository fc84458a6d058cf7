package io.aestus.cli;

import io.aestus.appc.AcName;
import io.aestus.executor.AppLog;
import io.aestus.executor.LogLine;
import io.aestus.executor.LogQuery;
import io.aestus.executor.PodStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus logs}: what an app has written. */
final class LogsCommand implements Command {
    private static final Duration TURN = Duration.ofMillis(500);

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "logs",
                        "Prints what an app has written: its output to standard output, its errors to standard error.",
                        "aestus logs 5d0f",
                        "aestus logs -f --tail 20 --app web 5d0f")
                .addOption(picocli.CommandLine.Model.OptionSpec.builder("-f", "--follow")
                        .type(boolean.class)
                        .arity("0")
                        .description("go on until the app ends")
                        .build())
                .addOption(Options.value("--app", "NAME", "which app, if the pod has several"))
                .addOption(Options.value("--tail", "N", "only the last N lines"))
                .addOption(Options.value("--since", "DURATION", "only lines from so long ago, such as 10m"))
                .addOption(Options.flag("--timestamps", "begin each line with its time"))
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..1"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        PodStatus pod = session.executor().status(session.pod(arguments));
        AcName app = PodForms.theApp(pod, Options.value(arguments, "--app"));
        LogQuery query = LogQuery.all();
        Optional<Long> tail = Options.number(arguments, "--tail", 0, Integer.MAX_VALUE);
        if (tail.isPresent()) {
            query = query.last(tail.get());
        }
        Optional<Duration> since = Options.duration(arguments, "--since");
        if (since.isPresent()) {
            query = query.since(Instant.now().minus(since.get()));
        }
        if (Options.isSet(arguments, "--follow")) {
            query = query.following();
        }
        boolean timestamps = Options.isSet(arguments, "--timestamps");
        try (AppLog.Reader reader = session.executor().log(pod.uuid(), app).read(query)) {
            while (!reader.atEnd()) {
                Optional<LogLine> line = reader.next(TURN);
                if (line.isPresent()) {
                    print(line.get(), timestamps, session);
                } else {
                    session.out().flush();
                }
            }
        }
        return ExitCode.DONE;
    }

    private static void print(LogLine line, boolean timestamps, Session session) {
        PrintStream to =
                switch (line.stream()) {
                    case STDOUT -> session.out();
                    case STDERR -> session.err();
                };
        if (timestamps) {
            to.print(line.at() + " ");
        }
        to.write(line.text(), 0, line.text().length);
        if (!line.isPartial()) {
            to.write('\n');
        }
    }
}
