package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;

/** What is written about the command line is true: commands and options exist, and all are written about. */
class DocumentsTest {
    private static final Pattern OPTION = Pattern.compile("--?[a-z][a-z-]*");

    private static CommandSpec root() {
        CommandSpec root = GlobalOptions.root(GlobalOptions.Shown.IN_HELP);
        Commands.TOP
                .entries()
                .forEach(entry -> root.addSubcommand(
                        entry.name(), new picocli.CommandLine(entry.load().wholeSpec())));
        return root;
    }

    /** Each command with its whole name, groups included. */
    private static Stream<String> names(CommandSpec spec, String prefix) {
        return spec.subcommands().entrySet().stream()
                .flatMap(each -> Stream.concat(
                        Stream.of(prefix + each.getKey()),
                        names(each.getValue().getCommandSpec(), prefix + each.getKey() + " ")));
    }

    private static List<String> examples(Path file) throws IOException {
        boolean inside = false;
        var lines = new ArrayList<String>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("```")) {
                inside = !inside;
            } else if (inside && (line.startsWith("aestus ") || line.startsWith("bin/aestus "))) {
                lines.add(line.replaceFirst(" #.*", "").strip());
            }
        }
        return lines;
    }

    /** What is wrong with one command line, if anything; an app's own arguments are not looked at. */
    private static List<String> mistakes(String line, CommandSpec root) {
        var wrong = new ArrayList<String>();
        CommandSpec spec = root;
        boolean isNamed = false;
        for (String word : line.replaceFirst(" -- .*?( --- |$)", " ").split(" +", -1)) {
            String option = word.replaceFirst("=.*", "");
            if (OPTION.matcher(option).matches()) {
                if (spec.findOption(option) == null) {
                    wrong.add(line + ": " + spec.qualifiedName() + " has no " + option);
                }
            } else if (spec.subcommands().containsKey(word)) {
                spec = spec.subcommands().get(word).getCommandSpec();
                isNamed = true;
            } else if (spec == root && isNamed) {
                break;
            }
        }
        if (!isNamed) {
            wrong.add(line + ": names no command");
        }
        return wrong;
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/cli.md", "README.md"})
    void every_command_line_names_commands_and_options_that_there_are(String file) throws IOException {
        List<String> lines = examples(Path.of(file));
        assertTrue(lines.size() > 3, "examples in " + file);
        CommandSpec root = root();
        assertEquals(
                List.of(),
                lines.stream().flatMap(line -> mistakes(line, root).stream()).toList());
    }

    @Test
    void the_reference_has_an_example_of_every_command() throws IOException {
        String text = Files.readString(Path.of("docs/cli.md"));
        List<String> groups = List.of("image", "repo");
        assertEquals(
                List.of("help"), // stands in its first sentence as --help
                names(root(), "")
                        .filter(name -> !groups.contains(name))
                        .filter(name -> !text.contains("aestus " + name))
                        .toList());
    }

    @Test
    void the_manual_page_explains_every_command_and_no_other() throws IOException {
        String page = Files.readString(Path.of("src/dist/aestus.1")).replace("\\-", "-");
        List<String> explained = Pattern.compile("(?m)^\\.B aestus (.+)$")
                .matcher(page)
                .results()
                .map(match -> match.group(1))
                .sorted()
                .toList();
        List<String> groups = List.of("image", "repo");
        assertEquals(
                names(root(), "")
                        .filter(name -> !groups.contains(name))
                        .sorted()
                        .toList(),
                explained);
    }

    @Test
    void the_manual_page_names_no_option_that_there_is_not() throws IOException {
        String page = Files.readString(Path.of("src/dist/aestus.1")).replace("\\-", "-");
        String commands = page.substring(page.indexOf(".SH COMMANDS"), page.indexOf(".SH EXIT STATUS"));
        CommandSpec root = root();
        var wrong = new ArrayList<String>();
        for (String part : commands.split("(?m)^\\.TP$", -1)) {
            Matcher name = Pattern.compile("(?m)^\\.B aestus (.+)$").matcher(part);
            if (name.find()) {
                wrong.addAll(mistakes("aestus " + name.group(1) + options(part), root));
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static String options(String part) {
        var options = new StringBuilder();
        Pattern.compile("\\\\fB(--?[a-z][a-z-]*)")
                .matcher(part)
                .results()
                .filter(match -> !match.group(1).equals("--"))
                .filter(match -> !match.group(1).equals("--help"))
                .forEach(match -> options.append(' ').append(match.group(1)));
        return options.toString();
    }

    @Test
    void the_version_is_that_of_the_build() throws IOException {
        assertTrue(Files.readString(Path.of("pom.xml")).contains("\n  <version>" + Version.AESTUS + "</version>\n"));
    }

    @Test
    void every_command_explains_itself_with_a_description() {
        names(root(), "").forEach(name -> {
            String[] words = Stream.concat(Stream.of("help"), Stream.of(name.split(" ", -1)))
                    .toArray(String[]::new);
            String help = new Shell(Path.of("/nowhere")).run(words).ok();
            assertTrue(help.startsWith("Usage: aestus " + name), help);
        });
    }
}
