package io.aestus.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Writes {@code docs/cli/}, a page for each command, from what {@code --help} says. */
final class CommandReference {
    private static final String OVERVIEW = "README.md";

    private final CommandSpec root = GlobalOptions.root(GlobalOptions.Shown.IN_HELP);
    private final SortedMap<String, CommandSpec> commands = Commands.all();

    /** {@code args[0]}: the directory to write to, which is there. */
    public static void main(String[] args) throws IOException {
        for (Map.Entry<String, String> page : new CommandReference().pages().entrySet()) {
            Files.writeString(Path.of(args[0]).resolve(page.getKey()), page.getValue());
        }
    }

    /** All pages by the names of their files. */
    Map<String, String> pages() {
        var pages = new TreeMap<String, String>();
        pages.put(OVERVIEW, overview());
        commands.forEach((name, spec) -> pages.put(file(name), page(name, spec)));
        return pages;
    }

    private static String file(String command) {
        return command.replace(' ', '-') + ".md";
    }

    private String overview() {
        var page = new StringBuilder("# Every command\n\nMade from the commands themselves; `make docs` does it again."
                + " [The command line](../cli.md) is the page to read first.\n\n| command | |\n|---|---|\n");
        commands.forEach((name, spec) -> page.append("| [aestus ")
                .append(name)
                .append("](")
                .append(file(name))
                .append(") | ")
                .append(cell(description(spec).getFirst()))
                .append(" |\n"));
        page.append("\n## Options of every command\n\n");
        options(page, root);
        return page.toString();
    }

    private String page(String name, CommandSpec spec) {
        var page = new StringBuilder("# aestus " + name + "\n\n");
        page.append(String.join(" ", description(spec))).append("\n\n```\n");
        page.append(Help.synopsis(spec).substring("usage: ".length())).append("\n```\n");
        if (!spec.subcommands().isEmpty()) {
            page.append("\n| command | |\n|---|---|\n");
            spec.subcommands().forEach((sub, each) -> page.append("| [")
                    .append(sub)
                    .append("](")
                    .append(file(name + " " + sub))
                    .append(") | ")
                    .append(cell(description(each.getCommandSpec()).getFirst()))
                    .append(" |\n"));
        }
        if (!spec.positionalParameters().isEmpty()) {
            page.append("\n| argument | |\n|---|---|\n");
            for (PositionalParamSpec each : spec.positionalParameters()) {
                row(page, each.paramLabel(), each.description());
            }
        }
        if (spec.options().stream().anyMatch(CommandReference::isShown)) {
            page.append('\n');
            options(page, spec);
        }
        List<String> examples = List.of(spec.usageMessage().footer()).stream()
                .filter(line -> line.startsWith("  aestus"))
                .map(String::strip)
                .toList();
        if (!examples.isEmpty()) {
            page.append("\n```\n").append(String.join("\n", examples)).append("\n```\n");
        }
        return page.toString();
    }

    private static boolean isShown(OptionSpec option) {
        return !option.hidden() && !option.usageHelp();
    }

    private static void options(StringBuilder page, CommandSpec spec) {
        page.append("| option | |\n|---|---|\n");
        for (OptionSpec option : spec.options()) {
            if (isShown(option)) {
                String value = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
                row(page, String.join(", ", option.names()) + value, option.description());
            }
        }
    }

    private static void row(StringBuilder page, String term, String[] text) {
        page.append("| `")
                .append(term.replace("|", "\\|"))
                .append("` | ")
                .append(cell(String.join(" ", text)))
                .append(" |\n");
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("*", "\\*");
    }

    private static List<String> description(CommandSpec spec) {
        return List.of(spec.usageMessage().description()).stream()
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
