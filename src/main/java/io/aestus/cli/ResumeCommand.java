package io.aestus.cli;

import io.aestus.appc.PodUuid;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus resume}: the processes of a paused pod go on. */
final class ResumeCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command("resume", "Has the processes of paused pods go on.", "aestus resume 5d0f")
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..*"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        for (PodUuid pod : session.pods(arguments)) {
            session.executor().resume(pod);
            session.out().println("\"" + pod + "\"");
        }
        return ExitCode.DONE;
    }
}
