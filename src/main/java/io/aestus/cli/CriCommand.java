package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus cri --help}. What asks the agent is another program, with gRPC in it, which the launcher starts. */
final class CriCommand implements Command {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command("cri", "Asks the node agent over its CRI socket; prints JSON.")
                .addOption(Options.value("--socket", "PATH", "where it listens, unless where it does by itself"));
        spec.usageMessage()
                .footer(
                        "",
                        "Commands:",
                        "  version                    who answers",
                        "  status                     whether pods can run",
                        "  pods                       sandboxes",
                        "  ps                         containers",
                        "  inspect CONTAINER          when a container started and ended, and how",
                        "  images                     images",
                        "  pull IMAGE                 fetch an image, as a pod names it",
                        "  exec CONTAINER COMMAND …   run a command in a container",
                        "",
                        "Examples:",
                        "  aestus cri status",
                        "  aestus cri --socket /run/aestus/cri.sock ps");
        return spec;
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        throw new AestusException(Problem.UNSUPPORTED, "cannot ask the agent: this program only explains it")
                .withRemedy("bin/aestus cri, with the command's whole name");
    }
}
