package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus help [COMMAND]}. */
final class HelpCommand implements Command {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("help");
        spec.usageMessage().description("Explains a command, or lists all of them.");
        spec.addPositional(PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .type(String.class)
                .paramLabel("COMMAND")
                .description("the command to explain")
                .build());
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        String name = arguments.matchedPositionalValue(0, "");
        CommandSpec root = GlobalOptions.root(GlobalOptions.Shown.HIDDEN);
        if (name.isEmpty()) {
            Help.overview(session.out());
            return ExitCode.DONE;
        }
        Commands.Entry entry = Commands.TOP
                .find(name)
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND, "cannot explain " + Quoted.of(name) + ": there is no such command"));
        var command = new CommandLine(entry.load().spec());
        root.addSubcommand(entry.name(), command);
        Help.of(command.getCommandSpec(), session.out());
        return ExitCode.DONE;
    }
}
