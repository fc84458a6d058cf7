package io.aestus.cli;

import io.aestus.Quoted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * A command with commands below it. Only the one that is named is built; where none is, the group's own command runs.
 * Where that one takes words, a sub-command must be named in full, since all else is meant for it.
 */
final class CommandGroup implements Command {
    /** Columns for the names in a list of commands. */
    private static final int NAMES = 14;

    private final Command own;
    private final Commands below;
    private @Nullable CommandSpec spec;
    private @Nullable Command chosen;

    /** @param own what the group does by itself; its description and options are the group's */
    CommandGroup(Command own, Commands below) {
        this.own = own;
        this.below = below;
    }

    /** A group that does nothing by itself but explain what it has. */
    static CommandGroup of(String name, String description, Commands below) {
        return new CommandGroup(new Nothing(name, description), below);
    }

    Commands below() {
        return below;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec made = own.spec();
        var lines = new ArrayList<>(List.of("", "Commands:"));
        for (Commands.Entry entry : below.entries()) {
            String name = entry.name();
            lines.add("  " + name + " ".repeat(Math.max(1, NAMES - name.length())) + entry.description());
        }
        lines.addAll(Arrays.asList(made.usageMessage().footer()));
        made.usageMessage().footer(lines.toArray(String[]::new));
        spec = made;
        return made;
    }

    @Override
    public CommandSpec wholeSpec() {
        CommandSpec whole = spec();
        for (Commands.Entry entry : below.entries()) {
            whole.addSubcommand(entry.name(), new CommandLine(entry.load().wholeSpec()));
        }
        return whole;
    }

    @Override
    public List<String> prepare(List<String> words) {
        CommandSpec group = Objects.requireNonNull(spec, "spec() comes first");
        int first = GlobalOptions.indexOfCommand(words) + 1;
        int at = GlobalOptions.indexOfCommand(words.subList(first, words.size()));
        if (at < 0) {
            return own.prepare(words);
        }
        String word = words.get(first + at);
        boolean takesWords = !group.positionalParameters().isEmpty();
        var entry = below.find(word).filter(found -> !takesWords || found.name().equals(word));
        if (entry.isEmpty()) {
            if (takesWords) {
                return own.prepare(words);
            }
            throw unknown(group, word);
        }
        Command command = entry.get().load();
        group.addSubcommand(entry.get().name(), new CommandLine(command.spec()));
        chosen = command;
        var whole = new ArrayList<>(words);
        whole.set(first + at, entry.get().name());
        return command.prepare(whole);
    }

    private ParameterException unknown(CommandSpec group, String word) {
        String near =
                below.nearest(word).map(name -> ", did you mean " + name + "?").orElse("");
        return new ParameterException(
                group.commandLine(), "unknown command " + Quoted.of(word) + " of " + group.name() + near);
    }

    @Override
    public Power power() {
        return (chosen == null ? own : chosen).power();
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        return (chosen == null ? own : chosen).run(arguments, session);
    }

    private record Nothing(String name, String description) implements Command {
        @Override
        public CommandSpec spec() {
            CommandSpec spec = Options.command(name, description);
            spec.usageMessage().customSynopsis("aestus " + name + " COMMAND [ARGUMENTS]");
            return spec;
        }

        @Override
        public Power power() {
            return Power.NONE;
        }

        @Override
        public int run(ParseResult arguments, Session session) {
            Help.of(arguments.commandSpec(), session.err());
            return ExitCode.USAGE;
        }
    }
}
