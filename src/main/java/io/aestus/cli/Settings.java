package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * What an administrator has set for commands and agent alike: {@code aestus.properties} in the configuration directories
 * and, above them, the environment. Immutable.
 */
final class Settings {
    private static final String RESOURCE = "/io/aestus/agent-settings.properties";

    /**
     * A setting that there is.
     *
     * @param otherwise its value where nobody sets it
     */
    record Known(String name, String otherwise, String meaning) {}

    /** @param from the file or variable that says so */
    record Setting(String value, String from) {}

    private final Map<String, Setting> ofFiles;
    private final Map<String, String> environment;

    private Settings(Map<String, Setting> ofFiles, Map<String, String> environment) {
        this.ofFiles = ofFiles;
        this.environment = environment;
    }

    /** Reads the files of {@code configDirs}, which rise in priority and need not exist. */
    static Settings read(List<Path> configDirs, Map<String, String> environment) {
        var all = new LinkedHashMap<String, Setting>();
        for (Path dir : configDirs) {
            Path file = dir.resolve("aestus.properties");
            if (Files.exists(file)) {
                read(file)
                        .forEach((name, value) -> all.put(
                                name.toString(), new Setting(value.toString().strip(), file.toString())));
            }
        }
        return new Settings(all, environment);
    }

    private static Properties read(Path file) {
        var properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new AestusException(Problem.INVALID, "cannot read " + file + ": " + e.getMessage(), e);
        }
        return properties;
    }

    /** What was set, if it was: {@code aestus.ca.file} in a file, {@code AESTUS_CA_FILE} in the environment. */
    Optional<Setting> find(String name) {
        String variable = name.replace('.', '_').toUpperCase(Locale.ROOT);
        String value = environment.get(variable);
        return value == null ? Optional.ofNullable(ofFiles.get(name)) : Optional.of(new Setting(value, variable));
    }

    /** All settings that there are, in the order of their table. */
    static List<Known> known() {
        var known = new ArrayList<Known>();
        try (InputStream in = Settings.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("missing resource " + RESOURCE);
            }
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                int equals = line.indexOf('=');
                int bar = line.indexOf('|');
                if (!line.startsWith("#") && equals > 0 && bar > equals) {
                    known.add(new Known(
                            line.substring(0, equals).strip(),
                            line.substring(equals + 1, bar).strip(),
                            line.substring(bar + 1).strip()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return known;
    }
}
