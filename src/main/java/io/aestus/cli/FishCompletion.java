package io.aestus.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A completion script for fish: a line for each command and option, offered where the words before it are its command's. */
final class FishCompletion {
    private final StringBuilder script = new StringBuilder("""
            # Completion of aestus for fish.
            function __aestus_words
                set -l words (commandline -opc)
                set -e words[1]
                string match -v -- '-*' $words
            end
            function __aestus_at # the first words are exactly these
                set -l words (__aestus_words)
                for i in (seq (count $argv))
                    test "$words[$i]" = "$argv[$i]"; or return 1
                end
            end
            function __aestus_only # and none follows them
                test (count (__aestus_words)) -eq (count $argv); and __aestus_at $argv
            end
            """);

    private FishCompletion() {}

    static String of(CommandSpec root) {
        var completion = new FishCompletion();
        completion.add(root, List.of());
        return completion.script.toString();
    }

    private void add(CommandSpec spec, List<String> path) {
        String at = String.join(" ", path);
        for (CommandLine line : spec.subcommands().values()) {
            CommandSpec below = line.getCommandSpec();
            script.append("complete -c aestus -f -n '__aestus_only ")
                    .append(at)
                    .append("' -a ")
                    .append(below.name());
            describe(below.usageMessage().description());
            var deeper = new ArrayList<>(path);
            deeper.add(below.name());
            add(below, deeper);
        }
        for (OptionSpec option : spec.options()) {
            if (!path.isEmpty() && option.inherited()) {
                continue; // offered everywhere by the line of the root
            }
            script.append("complete -c aestus -n '__aestus_at ").append(at).append('\'');
            for (String name : option.names()) {
                script.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
            }
            script.append(option.arity().max() > 0 ? " -r" : "");
            describe(option.description());
        }
    }

    private void describe(String[] text) {
        String line = text.length == 0 ? "" : text[0].replace("\\", "\\\\").replace("'", "\\'");
        script.append(line.isEmpty() ? "" : " -d '" + line + "'").append('\n');
    }
}
