package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.executor.ExitMemory;
import io.aestus.network.NetworkSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The options that every command takes, before or after its name.
 *
 * @param dir the data directory
 * @param configDirs the directories of configuration and trusted keys, lowest priority first
 * @param insecure what the user has asked not to check, in rkt's words
 * @param caFile certificate authorities for HTTPS instead of the system's
 * @param networkPlugins where the programs of network plugins are
 * @param metadata whether apps are offered the metadata service
 * @param exits who remembers how apps ended while nobody looked after them
 * @param stage1 what isolates pods that do not say
 * @param format how lists and objects are printed
 * @param debug whether errors show the chain of their causes
 * @param color whether a terminal may be coloured
 * @param trustsKeysFromHttps whether keys that discovery finds over https are trusted without asking
 */
record GlobalOptions(
        Path dir,
        List<Path> configDirs,
        Set<String> insecure,
        Optional<Path> caFile,
        List<Path> networkPlugins,
        boolean metadata,
        ExitMemory exits,
        Optional<String> stage1,
        Format format,
        boolean debug,
        boolean color,
        boolean trustsKeysFromHttps) {
    private static final Path DEFAULT_DIR = Path.of("/var/lib/aestus");
    private static final List<Path> SYSTEM_CONFIG = List.of(Path.of("/usr/lib/aestus"), Path.of("/etc/aestus"));

    private static final Set<String> FETCH = Set.of("image", "tls", "http", "pubkey", "private");
    private static final Set<String> RUN = Set.of("capabilities", "paths", "seccomp");

    /** How results are printed. */
    enum Format {
        TEXT,
        JSON,
        JSON_PRETTY,
        YAML;

        /** The word for it on the command line. */
        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private static Format parse(@Nullable String word) {
            if (word == null) {
                return TEXT;
            }
            for (Format format : values()) {
                if (format.word().equals(word)) {
                    return format;
                }
            }
            throw new WrongUsage("cannot print as " + Quoted.of(word) + ": expected text, json, json-pretty or yaml");
        }
    }

    GlobalOptions {
        configDirs = List.copyOf(configDirs);
        insecure = Set.copyOf(insecure);
        networkPlugins = List.copyOf(networkPlugins);
    }

    /** Whether help shows the options that every command takes: it does so once, in the overview. */
    enum Shown {
        IN_HELP,
        HIDDEN
    }

    /** The specification of {@code aestus} with these options, inherited by all sub-commands. */
    static CommandSpec root(Shown shown) {
        CommandSpec root = CommandSpec.create().name("aestus");
        root.usageMessage()
                .description("Discovers, fetches, verifies and runs App Containers.")
                .synopsisSubcommandLabel("COMMAND");
        root.parser().allowSubcommandsAsOptionParameters(true); // --insecure-options=image
        root.addOption(option(
                shown,
                "--dir",
                "DIR",
                "where images and pods are kept (default /var/lib/aestus, ~/.local/share/aestus without root)"));
        root.addOption(option(
                shown,
                "--config-dir",
                "DIR",
                "configuration of the highest priority, besides /etc/aestus and ~/.config/aestus without root"));
        root.addOption(option(
                shown, "--system-config", "DIR", "configuration of the lowest priority, instead of /usr/lib/aestus"));
        root.addOption(
                option(
                        shown,
                        "--insecure-options",
                        "WORDS",
                        "what not to check: none, image, tls, http, pubkey, private, capabilities, paths, seccomp, all-fetch, all-run, all"));
        root.addOption(
                option(shown, "--ca-file", "FILE", "certificate authorities for HTTPS, instead of the system's"));
        root.addOption(option(shown, "--format", "FORMAT", "text, json, json-pretty or yaml"));
        root.addOption(option(
                shown, "--log-level", "LEVEL", "what is told on the way: error, warn (the default), info or debug"));
        root.addOption(flag(shown, "--no-color", "do not colour a terminal"));
        root.addOption(
                flag(shown, "--trust-keys-from-https", "trust keys that discovery finds over https, without asking"));
        root.addOption(flag(shown, "--debug", "show the causes of an error"));
        root.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .scopeType(ScopeType.INHERIT)
                .description("explain this command")
                .build());
        return root;
    }

    private static OptionSpec option(Shown shown, String name, String label, String description) {
        return OptionSpec.builder(name)
                .type(String.class)
                .paramLabel(label)
                .scopeType(ScopeType.INHERIT)
                .hidden(shown == Shown.HIDDEN)
                .description(description)
                .build();
    }

    private static OptionSpec flag(Shown shown, String name, String description) {
        return OptionSpec.builder(name)
                .type(boolean.class)
                .arity("0")
                .scopeType(ScopeType.INHERIT)
                .hidden(shown == Shown.HIDDEN)
                .description(description)
                .build();
    }

    /** Where the command's name stands among {@code args}, or −1: the first word that is no option or option's value. */
    static int indexOfCommand(List<String> args) {
        Set<String> withValue = Set.of(
                "--dir",
                "--config-dir",
                "--system-config",
                "--insecure-options",
                "--ca-file",
                "--format",
                "--log-level");
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (!arg.startsWith("-")) {
                return i;
            }
            if (withValue.contains(arg)) {
                i++;
            }
        }
        return -1;
    }

    /**
     * What was asked, wherever it was said; the environment ({@code AESTUS_DIR}) and {@code aestus.properties} give what
     * was not.
     *
     * @throws AestusException {@link Problem#INVALID} for an unknown format or word
     */
    static GlobalOptions read(ParseResult parsed, Map<String, String> environment) {
        String level = value(parsed, "--log-level");
        CommandLog.prepare(level == null ? "warn" : level, isSet(parsed, "--debug"));
        Optional<OrdinaryUser> user = OrdinaryUser.current(environment);
        var configDirs = new ArrayList<>(SYSTEM_CONFIG);
        Optional.ofNullable(value(parsed, "--system-config"))
                .ifPresent(dir -> configDirs.set(0, Path.of(dir).toAbsolutePath()));
        user.map(OrdinaryUser::config).ifPresent(configDirs::add);
        Optional.ofNullable(value(parsed, "--config-dir"))
                .map(dir -> Path.of(dir).toAbsolutePath())
                .ifPresent(configDirs::add);
        Settings settings = Settings.read(configDirs, environment);
        return new GlobalOptions(
                value(parsed, "--dir", settings, "aestus.dir")
                        .map(Path::of)
                        .or(() -> user.map(OrdinaryUser::data))
                        .orElse(DEFAULT_DIR)
                        .toAbsolutePath(),
                configDirs,
                insecure(parsed, settings),
                value(parsed, "--ca-file", settings, "aestus.ca.file")
                        .filter(file -> !file.isEmpty())
                        .map(Path::of),
                settings.find("aestus.network.plugins")
                        .map(setting -> directories(setting.value()))
                        .orElse(NetworkSettings.USUAL_PLUGINS),
                isOn(settings, "aestus.metadata.enabled"),
                settings.find("aestus.exits")
                        .map(setting -> ExitMemory.parse(setting.value()))
                        .orElseGet(ExitMemory::ofHost),
                settings.find("aestus.stage1").map(Settings.Setting::value),
                Format.parse(value(parsed, "--format")),
                isSet(parsed, "--debug"),
                !isSet(parsed, "--no-color") && allowsColor(environment),
                isSet(parsed, "--trust-keys-from-https"));
    }

    /** Whether the user's environment has nothing against colours. */
    static boolean allowsColor(Map<String, String> environment) {
        return environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }

    /** What is on unless it is set otherwise. */
    private static boolean isOn(Settings settings, String name) {
        String value = settings.find(name).map(Settings.Setting::value).orElse("true");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new AestusException(
                        Problem.INVALID,
                        "cannot read setting " + name + ": " + Quoted.of(value) + " is neither true nor false");
        };
    }

    private static List<Path> directories(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(Path::of)
                .toList();
    }

    private static boolean isSet(ParseResult parsed, String name) {
        OptionSpec option = parsed.commandSpec().findOption(name);
        return option != null && Boolean.TRUE.equals(option.<@Nullable Boolean>getValue());
    }

    /** What an option says, or else the setting of that name. */
    private static Optional<String> value(ParseResult parsed, String option, Settings settings, String name) {
        return Optional.ofNullable(value(parsed, option))
                .or(() -> settings.find(name).map(Settings.Setting::value));
    }

    private static Set<String> insecure(ParseResult parsed, Settings settings) {
        String words = value(parsed, "--insecure-options");
        return words != null
                ? Options.understood(words, GlobalOptions::insecure)
                : settings.find("aestus.insecure.options")
                        .map(setting -> insecure(setting.value()))
                        .orElse(Set.of());
    }

    private static Set<String> insecure(String words) {
        var chosen = new TreeSet<String>();
        for (String word : words.split(",", -1)) {
            switch (word) {
                case "none", "" -> {}
                case "image", "tls", "http", "pubkey", "private", "capabilities", "paths", "seccomp" ->
                    chosen.add(word);
                case "ondisk" -> {} // rkt's word for a check that Aestus makes only on demand
                case "all-fetch" -> chosen.addAll(FETCH);
                case "all-run" -> chosen.addAll(RUN);
                case "all" -> {
                    chosen.addAll(FETCH);
                    chosen.addAll(RUN);
                }
                default ->
                    throw new AestusException(
                            Problem.INVALID,
                            "cannot read --insecure-options: unknown word " + Quoted.of(word)
                                    + ", expected none, image, tls, http, pubkey, private, capabilities, paths, seccomp,"
                                    + " all-fetch, all-run or all");
            }
        }
        return chosen;
    }

    private static @Nullable String value(ParseResult parsed, String name) {
        OptionSpec option = parsed.commandSpec().findOption(name);
        return option == null ? null : option.<String>getValue();
    }
}
