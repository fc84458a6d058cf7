package io.aestus.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/** The table of all settings that the command line's help prints too: {@code io/aestus/agent-settings.properties}. */
final class SettingsTable {
    private static final String RESOURCE = "/io/aestus/agent-settings.properties";
    private static final Map<String, String> DEFAULTS = read();

    private SettingsTable() {}

    /** All names. */
    static Set<String> names() {
        return DEFAULTS.keySet();
    }

    /** The default of a setting of the table, empty where there is none. */
    static String defaultOf(String name) {
        String value = DEFAULTS.get(name);
        if (value == null) {
            throw new IllegalArgumentException("not in the table of settings: " + name);
        }
        return value;
    }

    private static Map<String, String> read() {
        var table = new Properties();
        try (InputStream in = SettingsTable.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("missing resource " + RESOURCE);
            }
            table.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var defaults = new TreeMap<String, String>();
        for (String name : table.stringPropertyNames()) {
            defaults.put(name, table.getProperty(name).split("\\|", 2)[0].strip());
        }
        return Map.copyOf(defaults);
    }
}
