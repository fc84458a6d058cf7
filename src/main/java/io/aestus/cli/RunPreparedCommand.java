package io.aestus.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus run-prepared}: starts what {@code prepare} has written. */
final class RunPreparedCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command("run-prepared", "Starts a prepared pod.", "aestus run-prepared 5d0f")
                .addOption(Options.flag("--detach", "leave the pod running"))
                .addOption(RunOptions.mdsRegister())
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..1"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        var pod = session.pod(arguments);
        session.executor().start(pod);
        if (Options.isSet(arguments, "--detach")) {
            session.out().println(pod);
            return ExitCode.DONE;
        }
        return new Foreground(session).follow(pod);
    }
}
