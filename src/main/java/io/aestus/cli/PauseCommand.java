package io.aestus.cli;

import io.aestus.appc.PodUuid;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus pause}: all processes of a pod stand still, until it is resumed or stopped. */
final class PauseCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command(
                        "pause",
                        "Has all processes of pods stand still until they are resumed or stopped. Nothing can be"
                                + " started in a paused pod.",
                        "aestus pause 5d0f",
                        "aestus resume 5d0f")
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..*"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        for (PodUuid pod : session.pods(arguments)) {
            session.executor().pause(pod);
            session.out().println("\"" + pod + "\"");
        }
        return ExitCode.DONE;
    }
}
