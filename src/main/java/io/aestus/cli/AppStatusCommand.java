package io.aestus.cli;

import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import java.io.PrintStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus app status}: one app, in lines that a script can read. */
final class AppStatusCommand implements Command {
    @Override
    public CommandSpec spec() {
        return AppCommands.addChoice(Options.command(
                "status",
                "Shows an app of a pod, and how it ended.",
                "aestus app status --app web 5d0f",
                "aestus app status --app web --format=json 5d0f"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        AppStatus app = AppCommands.status(arguments, session);
        session.output().print(PodForms.json(app), to -> print(app, to));
        return ExitCode.DONE;
    }

    private static void print(AppStatus app, PrintStream to) {
        to.println("name=" + app.name());
        to.println("state=" + PodForms.word(app.state()));
        to.println("image_id=" + app.image());
        to.println("created_at=" + app.created());
        PodForms.started(app.state()).ifPresent(at -> to.println("started_at=" + at));
        if (app.state() instanceof AppState.Running) {
            to.println("ready=" + app.isReady());
        }
        if (app.state() instanceof AppState.Exited exited) {
            to.println("finished_at=" + exited.at());
            to.println("exit_code=" + exited.status().code());
            String message = exited.status().message();
            if (!message.isEmpty()) {
                to.println("reason=" + message);
            }
            app.due().ifPresent(at -> to.println("next_start=" + at));
        }
    }
}
