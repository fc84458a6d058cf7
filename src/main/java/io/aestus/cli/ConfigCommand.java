package io.aestus.cli;

import io.aestus.fetch.Credentials;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus config}: every setting with where it came from, and credentials without their secrets. */
final class ConfigCommand implements Command {
    /** Settings that an option of every command overrides. */
    private static final Map<String, String> OPTIONS = Map.of(
            "aestus.dir", "--dir",
            "aestus.config.dir", "--config-dir",
            "aestus.ca.file", "--ca-file",
            "aestus.insecure.options", "--insecure-options",
            "aestus.log.level", "--log-level");

    private static final List<String> PROXIES = List.of("https_proxy", "http_proxy", "no_proxy");

    private record Row(String kind, String name, String value, String from) {
        JsonObject json() {
            return JsonObject.builder()
                    .put("kind", kind)
                    .put("name", name)
                    .put("value", value)
                    .put("from", from)
                    .build();
        }
    }

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "config",
                        "Prints every setting with where it came from: an option, the environment, a file, or the default.",
                        "aestus config",
                        "aestus --config-dir ./test config --format=json")
                .addOption(Options.noLegend());
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        var rows = new ArrayList<Row>();
        GlobalOptions options = session.options();
        for (Path dir : options.configDirs()) {
            rows.add(new Row(
                    "directory",
                    dir.toString(),
                    Files.isDirectory(dir) ? "read" : "absent",
                    "priority " + (rows.size() + 1)));
        }
        Settings settings = Settings.read(options.configDirs(), session.environment());
        Optional<OrdinaryUser> user = OrdinaryUser.current(session.environment());
        Settings.known().forEach(known -> rows.add(setting(known, settings, arguments, user)));
        addProxies(rows, session.environment());
        addCredentials(rows, options.configDirs(), session.environment());
        var columns = List.of(
                new Table.Column<Row>("KIND", Row::kind),
                new Table.Column<Row>("NAME", Row::name),
                new Table.Column<Row>("VALUE", Row::value),
                new Table.Column<Row>("FROM", Row::from));
        var legend = Options.legend(arguments);
        session.output().print(new Table<>(columns, Row::json, legend), rows);
        return ExitCode.DONE;
    }

    private static Row setting(
            Settings.Known known, Settings settings, ParseResult arguments, Optional<OrdinaryUser> user) {
        String option = OPTIONS.get(known.name());
        if (option != null) {
            OptionSpec spec = arguments.commandSpec().findOption(option);
            if (spec != null && spec.getValue() instanceof String value) {
                return new Row("setting", known.name(), value, option);
            }
        }
        return settings.find(known.name())
                .map(set -> new Row("setting", known.name(), set.value(), set.from()))
                .orElseGet(() -> new Row("setting", known.name(), usual(known, user), "default"));
    }

    private static String usual(Settings.Known known, Optional<OrdinaryUser> user) {
        return known.name().equals("aestus.dir") && user.isPresent()
                ? user.get().data().toString()
                : known.otherwise();
    }

    private static void addProxies(List<Row> rows, Map<String, String> environment) {
        for (String name : PROXIES) {
            for (String variable : List.of(name, name.toUpperCase(Locale.ROOT))) {
                String value = environment.get(variable);
                if (value != null) {
                    rows.add(new Row("proxy", name, value.replaceFirst("//.*@", "//…@"), variable));
                    break; // small letters win
                }
            }
        }
    }

    private static void addCredentials(List<Row> rows, List<Path> configDirs, Map<String, String> environment)
            throws IOException {
        Credentials.read(configDirs, environment); // complains as fetching would
        var byHost = new LinkedHashMap<String, Row>();
        for (Path dir : configDirs) {
            for (Path file : Credentials.files(dir)) {
                JsonView json = JsonReader.read(Files.readAllBytes(file), file.toString());
                if (json.optional("rktKind")
                        .filter(kind -> kind.string().equals("auth"))
                        .isPresent()) {
                    for (String host : json.strings("domains")) {
                        String type = json.required("type").string();
                        byHost.put(host, new Row("credentials", host, type, file.toString()));
                    }
                }
            }
        }
        rows.addAll(byHost.values());
    }
}
