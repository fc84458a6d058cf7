package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
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
        List<String> groups = List.of("app", "image", "network", "repo", "system");
        assertEquals(
                List.of("help"), // stands in its first sentence as --help
                names(root(), "")
                        .filter(name -> !groups.contains(name))
                        .filter(name -> !text.contains("aestus " + name))
                        .toList());
    }

    @Test
    void every_command_has_a_manual_page_with_its_options() {
        var pages = new ManualPages();
        List<String> groups = List.of("app", "image", "network", "repo", "system");
        assertEquals(
                names(root(), "")
                        .filter(name -> !groups.contains(name))
                        .sorted()
                        .toList(),
                pages.names());
        String page = pages.page("stop").replace("\\-", "-");
        assertTrue(page.contains("\\fB--time=DURATION\\fR\n"), page);
        assertTrue(page.contains("aestus stop --time 30s"), page);
        assertTrue(pages.overview().replace("\\-", "-").contains("\\fBaestus image build\\fR\n"), pages::overview);
    }

    /** Run with {@code -Daestus.golden=rewrite}, or {@code make docs}, to write them anew. */
    @Test
    void the_pages_of_all_commands_say_what_the_commands_say() throws IOException {
        Path directory = Path.of("docs/cli");
        var pages = new CommandReference().pages();
        if (System.getProperty("aestus.golden", "").equals("rewrite")) {
            CommandReference.main(
                    new String[] {Files.createDirectories(directory).toString()});
        }
        var there = new TreeMap<String, String>();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                there.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        assertEquals(pages, there, "docs/cli is old: make docs");
    }

    @Test
    void the_manual_is_good_roff() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/groff")), "no groff");
        var pages = new ManualPages();
        var all = new ArrayList<String>(List.of(pages.overview()));
        pages.names().forEach(name -> all.add(pages.page(name)));
        Process groff = new ProcessBuilder("groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z")
                .redirectErrorStream(true)
                .start();
        try (var in = groff.outputWriter(StandardCharsets.UTF_8)) {
            in.write(String.join("", all));
        }
        assertEquals("", new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(0, groff.waitFor());
    }

    @Test
    void the_version_is_that_of_the_build() throws IOException {
        assertTrue(Files.readString(Path.of("pom.xml")).contains("\n  <version>" + Version.AESTUS + "</version>\n"));
    }

    @Test
    void no_example_is_broken_into_two_lines() {
        var tooLong = new ArrayList<String>();
        specs(root()).forEach(spec -> Stream.of(spec.usageMessage().footer())
                .filter(line -> line.startsWith("  aestus ") && line.length() > 79)
                .forEach(tooLong::add));
        assertEquals(List.of(), tooLong);
    }

    private static Stream<CommandSpec> specs(CommandSpec spec) {
        return Stream.concat(
                Stream.of(spec), spec.subcommands().values().stream().flatMap(below -> specs(below.getCommandSpec())));
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
