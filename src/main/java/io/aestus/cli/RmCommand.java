package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.appc.PodUuid;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus rm}: removes pods that do not run, with all they wrote. */
final class RmCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command("rm", "Removes pods that do not run.", "aestus rm 5d0f 7c11")
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..*"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        int code = ExitCode.DONE;
        var report = session.errors();
        for (PodUuid pod : session.pods(arguments)) {
            try {
                session.executor().remove(pod);
                session.out().println("\"" + pod + "\"");
            } catch (AestusException e) {
                code = report.failure(e); // the others are removed all the same
            }
        }
        return code;
    }
}
