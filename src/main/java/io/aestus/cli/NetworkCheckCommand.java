package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.appc.PodUuid;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus network check}. */
final class NetworkCheckCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command(
                        "check",
                        "Asks the plugins of pods' networks whether interfaces, addresses and rules are as they made"
                                + " them. Prints nothing if they are.",
                        "aestus network check 5d0f")
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..*"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        var report = session.errors();
        int code = ExitCode.DONE;
        for (PodUuid pod : session.pods(arguments)) {
            try {
                session.networks().check(pod.toString());
            } catch (AestusException e) {
                code = report.failure(e); // the others are asked all the same
            }
        }
        return code;
    }
}
