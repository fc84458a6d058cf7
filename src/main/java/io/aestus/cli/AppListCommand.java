package io.aestus.cli;

import io.aestus.executor.AppStatus;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus app list}: the apps of a pod. */
final class AppListCommand implements Command {
    private static final List<Table.Column<AppStatus>> COLUMNS = List.of(
            new Table.Column<>("NAME", app -> app.name().toString()),
            new Table.Column<>("STATE", app -> PodForms.word(app.state())),
            new Table.Column<>("IMAGE NAME", PodForms::imageName));

    @Override
    public CommandSpec spec() {
        return AppCommands.addPod(Options.command(
                        "list",
                        "Lists the apps of a pod.",
                        "aestus app list 5d0f",
                        "aestus app list --format=json 5d0f"))
                .addOption(Options.noLegend());
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        var legend = Options.legend(arguments);
        var apps = AppCommands.pod(arguments, session).apps();
        session.output().print(new Table<>(COLUMNS, PodForms::json, legend), apps);
        return ExitCode.DONE;
    }
}
