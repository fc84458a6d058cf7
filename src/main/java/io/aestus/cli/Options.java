package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Quoted;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** Describes options and reads their values: one way for all commands. */
final class Options {
    private static final Pattern DURATION = Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,8})m)?(?:(\\d{1,9})s)?");

    private Options() {}

    /** A command with its description and examples, for {@code --help}. */
    static CommandSpec command(String name, String description, String... examples) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(description, "").abbreviateSynopsis(true);
        if (examples.length > 0) {
            var footer = new String[examples.length + 2];
            footer[0] = "";
            footer[1] = "Examples:";
            for (int i = 0; i < examples.length; i++) {
                footer[i + 2] = "  " + examples[i];
            }
            spec.usageMessage().footer(footer);
        }
        return spec;
    }

    /** An option with a value. */
    static OptionSpec value(String name, String label, String description) {
        return OptionSpec.builder(name)
                .type(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    /** An option that may be given with or without a value: without, its value is empty. */
    static OptionSpec optionalValue(String name, String label, String description) {
        return OptionSpec.builder(name)
                .type(String.class)
                .arity("0..1")
                .fallbackValue("")
                .paramLabel(label)
                .description(description)
                .build();
    }

    /** An option with a value that may be given many times. */
    static OptionSpec values(String name, String label, String description) {
        return OptionSpec.builder(name)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    /** An option without a value. */
    static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name)
                .type(boolean.class)
                .arity("0")
                .description(description)
                .build();
    }

    /** Whether a table is printed without its headers; see {@link #legend}. */
    static OptionSpec noLegend() {
        return flag("--no-legend", "leave the headers out");
    }

    /** A file with the UUID of a pod, as {@code --uuid-file-save} writes it. */
    static OptionSpec uuidFile() {
        return value("--uuid-file", "FILE", "read the UUID from a file");
    }

    /** The pods, or the pod, that a command is about. */
    static PositionalParamSpec pods(String arity) {
        return words("POD", arity, "a pod's name or UUID, or a unique beginning of that");
    }

    /** Words without a dash; {@code arity} as picocli has it, such as {@code 1..*}. */
    static PositionalParamSpec words(String label, String arity, String description) {
        return PositionalParamSpec.builder()
                .index("0..*")
                .arity(arity)
                .required(!arity.startsWith("0"))
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    static boolean isSet(ParseResult arguments, String name) {
        return arguments.hasMatchedOption(name);
    }

    static Table.Legend legend(ParseResult arguments) {
        return isSet(arguments, "--no-legend") ? Table.Legend.HIDDEN : Table.Legend.SHOWN;
    }

    static Optional<String> value(ParseResult arguments, String name) {
        return Optional.ofNullable(arguments.<@Nullable String>matchedOptionValue(name, null));
    }

    static List<String> values(ParseResult arguments, String name) {
        return arguments.matchedOptionValue(name, List.of());
    }

    static List<String> words(ParseResult arguments) {
        return arguments.matchedPositionalValue(0, List.of());
    }

    /** A duration such as {@code 1m30s}, the value of {@code name}. */
    static Optional<Duration> duration(ParseResult arguments, String name) {
        return value(arguments, name).map(text -> duration(name, text));
    }

    /** @throws WrongUsage unless {@code text} is a duration; a bare number is seconds */
    static Duration duration(String name, String text) {
        if (text.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        var parts = DURATION.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            throw new WrongUsage("cannot read " + name + ": " + Quoted.of(text) + " is not a duration such as 1m30s");
        }
        return Duration.ofHours(part(parts.group(1)))
                .plusMinutes(part(parts.group(2)))
                .plusSeconds(part(parts.group(3)));
    }

    /** A whole number from {@code least} to {@code most}, the value of {@code name}. */
    static Optional<Long> number(ParseResult arguments, String name, long least, long most) {
        return value(arguments, name).map(text -> {
            if (!text.matches("-?\\d{1,18}") || Long.parseLong(text) < least || Long.parseLong(text) > most) {
                throw new WrongUsage("cannot read " + name + ": " + Quoted.of(text) + " is no whole number from "
                        + least + " to " + most);
            }
            return Long.parseLong(text);
        });
    }

    /** What {@code parser} makes of an option's value; a value that it does not understand is wrong usage. */
    static <T> Optional<T> parsed(ParseResult arguments, String name, Function<String, T> parser) {
        return value(arguments, name).map(text -> understood(text, parser));
    }

    /** What {@code parser} makes of a user's word. */
    static <T> T understood(String word, Function<String, T> parser) {
        try {
            return parser.apply(word);
        } catch (AestusException e) {
            throw new WrongUsage(e.message());
        }
    }

    private static long part(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
