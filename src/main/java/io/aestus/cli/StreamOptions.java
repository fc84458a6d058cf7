package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.executor.AppOptions;
import io.aestus.executor.AppOptions.Stdin;
import io.aestus.executor.AppOptions.Terminal;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Which streams an app has, in rkt's words: {@code --stdin}, {@code --stdout} and {@code --stderr} after an image. */
final class StreamOptions {
    private static final String STDIN = "--stdin";
    private static final List<String> OUTPUTS = List.of("--stdout", "--stderr");

    private StreamOptions() {}

    static CommandSpec add(CommandSpec spec) {
        return spec.addOption(Options.value(STDIN, "WHAT", "null (default), stream, or tty: what attach writes to"))
                .addOption(Options.value("--stdout", "WHERE", "log or stream: both can be had; or tty"))
                .addOption(Options.value("--stderr", "WHERE", "as --stdout"));
    }

    /** A terminal for one stream is one for all. */
    static AppOptions read(ParseResult options, AppOptions otherwise) {
        String stdin = word(options, STDIN, "null", List.of("null", "stream", "tty"));
        boolean isTerminal = stdin.equals("tty");
        for (String option : OUTPUTS) {
            isTerminal |= word(options, option, "log", List.of("log", "stream", "tty"))
                    .equals("tty");
        }
        if (isTerminal) {
            return otherwise.withTerminal(Terminal.TTY).withStdin(Stdin.OPEN);
        }
        return stdin.equals("stream") ? otherwise.withStdin(Stdin.OPEN) : otherwise;
    }

    private static String word(ParseResult options, String option, String otherwise, List<String> known) {
        String word = Options.value(options, option).orElse(otherwise);
        if (!known.contains(word)) {
            throw new WrongUsage(
                    "cannot read " + option + ": " + Quoted.of(word) + " is none of " + String.join(", ", known));
        }
        return word;
    }
}
