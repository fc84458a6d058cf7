package io.aestus.cli;

import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/** The texts of {@code --help}. */
final class Help {
    private Help() {}

    /** All commands with a line each, and the options that all of them take. */
    static void overview(PrintStream to) {
        to.println("Usage: aestus [OPTIONS] COMMAND [ARGUMENTS]");
        to.println();
        to.println("Discovers, fetches, verifies and runs App Containers.");
        to.println();
        to.println("Commands:");
        for (Commands.Entry entry : Commands.TOP.entries()) {
            to.printf("  %-14s %s%n", entry.name(), entry.description());
        }
        to.println();
        to.println("Options of every command:");
        to.print(new CommandLine(GlobalOptions.root(GlobalOptions.Shown.IN_HELP))
                .getHelp()
                .optionList());
        to.println();
        to.println("Examples:");
        to.println("  aestus trust --prefix example.com/shop https://example.com/keys.asc");
        to.println("  aestus run example.com/shop/web:2.1.0 --memory 128Mi -- --verbose");
        to.println("  aestus list --format=json");
        to.println();
        to.println("A unique beginning of a command's name stands for it. aestus COMMAND --help explains one.");
    }

    /** One command's whole explanation. */
    static void of(CommandSpec spec, PrintStream to) {
        spec.commandLine().usage(to, Ansi.OFF);
        to.println();
        to.println("aestus --help lists the options that every command takes.");
    }

    /** The one line of usage that matters. */
    static String synopsis(CommandSpec spec) {
        String[] custom = spec.usageMessage().customSynopsis();
        String text =
                custom.length > 0 ? custom[0] : spec.commandLine().getHelp().abbreviatedSynopsis();
        return "usage: " + text.strip();
    }
}
