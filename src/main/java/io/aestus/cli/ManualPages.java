package io.aestus.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes the manual, a page for {@code aestus} and one for each command, from what {@code --help} says: so neither can say
 * what the other does not. Pages are in the language of man(7).
 */
final class ManualPages {
    private final CommandSpec root = GlobalOptions.root(GlobalOptions.Shown.IN_HELP);

    /** Those that have a page. */
    private final SortedMap<String, CommandSpec> commands = Commands.all();

    ManualPages() {
        commands.values().removeIf(spec -> !spec.subcommands().isEmpty() && !hasOptions(spec));
    }

    /** {@code args[0]}: the directory to write to, which is there. */
    public static void main(String[] args) throws IOException {
        var pages = new ManualPages();
        Path directory = Path.of(args[0]);
        Files.writeString(directory.resolve("aestus.1"), pages.overview());
        for (String name : pages.commands.keySet()) {
            Files.writeString(directory.resolve(pageName(name) + ".1"), pages.page(name));
        }
    }

    /** Of the commands that have a page, by their whole names. */
    List<String> names() {
        return List.copyOf(commands.keySet());
    }

    private static String pageName(String command) {
        return "aestus-" + command.replace(' ', '-');
    }

    String overview() {
        var page = new Page("aestus", "discovers, fetches, verifies and runs App Containers");
        page.section("SYNOPSIS").text("aestus [OPTIONS] COMMAND [ARGUMENTS]");
        page.section("DESCRIPTION")
                .text("Finds the images that a pod names by App Container Discovery, fetches them and verifies their"
                        + " signatures while they arrive, and runs them isolated from the host and from each other. It"
                        + " needs no daemon; aestus agent looks after the same pods, for a cluster or the kubelet."
                        + " A unique beginning of a command's name stands for it.");
        page.section("COMMANDS");
        commands.forEach((name, spec) -> page.item("aestus " + name, String.join(" ", description(spec))));
        page.section("OPTIONS OF EVERY COMMAND");
        options(page, root);
        page.section("EXIT STATUS");
        page.item(String.valueOf(ExitCode.DONE), "done");
        page.item(String.valueOf(ExitCode.USAGE), "the command line was wrong");
        page.item(String.valueOf(ExitCode.FAILED), "Aestus could not do what was asked");
        page.item("any other", "the app's own, 128 + n for one that signal n ended");
        page.section("ENVIRONMENT");
        page.item("AESTUS_DIR", "what --dir says, where that is not given");
        page.item("AESTUS_JAVA, JAVA_HOME", "which Java runs it");
        page.item("HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "how images are reached");
        page.item("NO_COLOR", "do not colour a terminal");
        page.section("FILES");
        page.item(
                "/etc/aestus, /usr/lib/aestus",
                "configuration, credentials and trusted keys, the first before the other");
        page.item("/var/lib/aestus", "images and pods");
        page.section("SEE ALSO")
                .text(String.join(
                        ", ",
                        commands.keySet().stream()
                                .map(name -> pageName(name) + "(1)")
                                .toList()));
        return page.toString();
    }

    String page(String name) {
        CommandSpec spec = commands.get(name);
        if (spec == null) {
            throw new IllegalArgumentException("no command " + name);
        }
        List<String> description = description(spec);
        var page = new Page(pageName(name), summary(description.getFirst()));
        page.section("SYNOPSIS").text(Help.synopsis(spec).substring("usage: ".length()));
        page.section("DESCRIPTION").text(String.join(" ", description));
        if (!spec.positionalParameters().isEmpty()) {
            page.section("ARGUMENTS");
            for (PositionalParamSpec each : spec.positionalParameters()) {
                page.item(each.paramLabel(), String.join(" ", each.description()));
            }
        }
        if (hasOptions(spec)) {
            page.section("OPTIONS");
            options(page, spec);
        }
        List<String> examples = examples(spec);
        if (!examples.isEmpty()) {
            page.section("EXAMPLES").literally(examples);
        }
        page.section("SEE ALSO").text("aestus(1), for the options of every command and the exit status");
        return page.toString();
    }

    private static boolean hasOptions(CommandSpec spec) {
        return spec.options().stream().anyMatch(option -> !option.hidden() && !option.usageHelp());
    }

    private static void options(Page page, CommandSpec spec) {
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                String value = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
                page.item(String.join(", ", option.names()) + value, String.join(" ", option.description()));
            }
        }
    }

    private static List<String> description(CommandSpec spec) {
        return List.of(spec.usageMessage().description()).stream()
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /** A sentence as the line that apropos(1) lists. */
    private static String summary(String sentence) {
        String first = sentence.replaceFirst("[.:] .*|\\.$", "");
        return Character.toLowerCase(first.charAt(0)) + first.substring(1);
    }

    private static List<String> examples(CommandSpec spec) {
        return List.of(spec.usageMessage().footer()).stream()
                .filter(line -> line.startsWith("  "))
                .map(String::strip)
                .toList();
    }

    /** Text on its way to a page. */
    private static final class Page {
        private final List<String> lines = new ArrayList<>();

        Page(String name, String summary) {
            lines.add(".TH \"" + quoted(name).toUpperCase(Locale.ROOT) + "\" 1 \"\" \"Aestus " + quoted(Version.AESTUS)
                    + "\" \"Aestus\"");
            section("NAME");
            lines.add(quoted(name) + " \\- " + quoted(summary));
        }

        Page section(String title) {
            lines.add(".SH " + title);
            return this;
        }

        void text(String text) {
            lines.add(quoted(text));
        }

        void item(String term, String text) {
            lines.add(".TP");
            lines.add("\\fB" + quoted(term) + "\\fR");
            lines.add(quoted(text));
        }

        void literally(List<String> examples) {
            lines.add(".nf");
            examples.forEach(example -> lines.add(quoted(example)));
            lines.add(".fi");
        }

        /** So that nothing in it is taken for a request, and dashes stay what the user has to type. */
        private static String quoted(String text) {
            String escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...");
            return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
        }

        @Override
        public String toString() {
            return String.join("\n", lines) + "\n";
        }
    }
}
