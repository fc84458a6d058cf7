package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus help [COMMAND …]}. */
final class HelpCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command(
                        "help",
                        "Explains a command, or lists all of them.",
                        "aestus help run",
                        "aestus help image build")
                .addPositional(Options.words("COMMAND", "0..*", "the command to explain"));
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        List<String> words = Options.words(arguments);
        if (words.isEmpty()) {
            Help.overview(session.out());
            return ExitCode.DONE;
        }
        CommandSpec spec = GlobalOptions.root(GlobalOptions.Shown.HIDDEN);
        Commands known = Commands.TOP;
        for (String word : words) {
            Commands.Entry entry = known.find(word)
                    .orElseThrow(() -> new AestusException(
                            Problem.NOT_FOUND, "cannot explain " + Quoted.of(word) + ": there is no such command"));
            Command command = entry.load();
            CommandSpec found = command.spec();
            spec.addSubcommand(entry.name(), new CommandLine(found));
            spec = found;
            known = command instanceof CommandGroup group ? group.below() : new Commands(List.of());
        }
        Help.of(spec, session.out());
        return ExitCode.DONE;
    }
}
