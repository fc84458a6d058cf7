package io.aestus.cli;

import io.aestus.executor.PodStatus;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus app rm}: removes an app with all it wrote; one that runs is killed. */
final class AppRmCommand implements Command {
    @Override
    public CommandSpec spec() {
        return AppCommands.addChoice(Options.command(
                "rm", "Removes an app with all it wrote; one that runs is killed.", "aestus app rm --app web 5d0f"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        PodStatus pod = AppCommands.pod(arguments, session);
        session.executor().removeApp(pod.uuid(), AppCommands.app(pod, arguments));
        return ExitCode.DONE;
    }
}
