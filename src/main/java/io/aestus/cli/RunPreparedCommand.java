package io.aestus.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus run-prepared}: starts what {@code prepare} has written. */
final class RunPreparedCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command("run-prepared", "Starts a prepared pod.", "aestus run-prepared 5d0f")
                .addOption(Options.flag("--detach", "leave the pod running"))
                .addOption(Options.value("--uuid-file", "FILE", "read the UUID from a file"))
                .addPositional(Options.words("UUID", "0..1", "the pod, or a unique beginning"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        var pod = session.pods(arguments).getFirst();
        session.executor().start(pod);
        if (Options.isSet(arguments, "--detach")) {
            session.out().println(pod);
            return ExitCode.DONE;
        }
        return new Foreground(session).follow(pod);
    }
}
