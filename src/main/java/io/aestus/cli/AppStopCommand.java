package io.aestus.cli;

import io.aestus.executor.PodStatus;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus app stop}: asks an app to end, and ends it when it does not; the pod goes on if it is one that stays. */
final class AppStopCommand implements Command {
    @Override
    public CommandSpec spec() {
        return StopCommand.addHow(AppCommands.addChoice(Options.command(
                "stop",
                "Stops an app: it gets its stop signal, and what is left of it after the time is killed.",
                "aestus app stop --app web 5d0f",
                "aestus app stop --app web --time 30s --signal SIGINT 5d0f")));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        PodStatus pod = AppCommands.pod(arguments, session);
        session.executor().stopApp(pod.uuid(), AppCommands.app(pod, arguments), StopCommand.how(arguments, session));
        return ExitCode.DONE;
    }
}
