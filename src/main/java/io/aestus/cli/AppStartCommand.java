package io.aestus.cli;

import io.aestus.executor.PodStatus;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus app start}: starts an app that was added, or has ended. */
final class AppStartCommand implements Command {
    @Override
    public CommandSpec spec() {
        return AppCommands.addChoice(Options.command(
                "start",
                "Starts an app that was added to a pod, or that has ended.",
                "aestus app start --app web 5d0f"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        PodStatus pod = AppCommands.pod(arguments, session);
        session.executor().startApp(pod.uuid(), AppCommands.app(pod, arguments));
        return ExitCode.DONE;
    }
}
