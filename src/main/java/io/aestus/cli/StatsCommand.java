package io.aestus.cli;

import io.aestus.appc.PodUuid;
import io.aestus.executor.PodStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus stats}: what running apps have used so far. */
final class StatsCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command(
                        "stats",
                        "Prints once what running apps have used since they started; - is what this host does not count.",
                        "aestus stats",
                        "aestus stats --format=json shop")
                .addOption(Options.noLegend())
                .addOption(Options.uuidFile())
                .addPositional(Options.words("POD", "0..*", "only of these pods"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        var legend = Options.legend(arguments);
        List<Usages.Row> rows = new Usages(session.executor()).measure(pods(arguments, session));
        session.output().print(new Table<>(columns(), Usages.Row::json, legend), rows);
        return ExitCode.DONE;
    }

    /** Those that were named, else all. */
    static List<PodStatus> pods(ParseResult arguments, Session session) throws Exception {
        if (Options.words(arguments).isEmpty() && !Options.isSet(arguments, "--uuid-file")) {
            return session.executor().list();
        }
        var pods = new ArrayList<PodStatus>();
        for (PodUuid pod : session.pods(arguments)) {
            pods.add(session.executor().status(pod));
        }
        return pods;
    }

    private static List<Table.Column<Usages.Row>> columns() {
        return List.of(
                new Table.Column<>("UUID", row -> row.pod().uuid().abbreviated()),
                new Table.Column<>("NAME", row -> PodForms.name(row.pod())),
                new Table.Column<>("APP", row -> row.app().value()),
                new Table.Column<>("CPU TIME", row -> time(row.usage().cpuNanos())),
                new Table.Column<>("MEMORY", row -> bytes(row.usage().workingSetBytes())),
                new Table.Column<>("SWAP", row -> bytes(row.usage().swapBytes())),
                new Table.Column<>("PROCESSES", row -> number(row.usage().processes())),
                new Table.Column<>("READ", row -> bytes(row.usage().readBytes())),
                new Table.Column<>("WRITTEN", row -> bytes(row.usage().writtenBytes())));
    }

    private static String time(long nanos) {
        if (nanos < 0) {
            return "-";
        }
        long hundredths = nanos / 10_000_000;
        return nanos < 60_000_000_000L
                ? hundredths / 100 + "." + (hundredths % 100 < 10 ? "0" : "") + hundredths % 100 + "s"
                : Figures.duration(Duration.ofNanos(nanos));
    }

    static String bytes(long number) {
        return number < 0 ? "-" : Figures.bytes(number);
    }

    static String number(long number) {
        return number < 0 ? "-" : Long.toString(number);
    }
}
