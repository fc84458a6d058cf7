package io.aestus.agent;

import io.aestus.Quoted;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the command line says to the agent. The options that every command takes stand for settings; {@code --set} gives any.
 *
 * @param settings by their names, as in aestus.properties
 * @param configDir an additional directory with an aestus.properties of higher priority
 */
record AgentArguments(Map<String, String> settings, Optional<Path> configDir) {
    private static final Map<String, String> OPTIONS = Map.of(
            "--dir", "aestus.dir",
            "--manifests", "aestus.manifests.dir",
            "--ca-file", "aestus.ca.file",
            "--insecure-options", "aestus.insecure.options",
            "--log-level", "aestus.log.level",
            "--node-name", "aestus.node.name");

    AgentArguments {
        settings = Map.copyOf(settings);
    }

    /** @throws IllegalArgumentException with a message for the user when {@code words} cannot be read */
    static AgentArguments parse(List<String> words) {
        var settings = new HashMap<String, String>();
        Optional<Path> configDir = Optional.empty();
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String word = rest.next();
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String name = equals < 0 ? word : word.substring(0, equals);
            if (name.equals("agent") || name.equals("--no-color") || name.equals("--debug")) {
                continue;
            }
            if (!OPTIONS.containsKey(name) && !name.equals("--set") && !name.equals("--config-dir")) {
                throw new IllegalArgumentException(
                        "cannot start the agent: unknown argument " + Quoted.of(word) + " (aestus agent --help)");
            }
            if (equals < 0 && !rest.hasNext()) {
                throw new IllegalArgumentException("cannot start the agent: " + name + " needs a value");
            }
            String value = equals < 0 ? rest.next() : word.substring(equals + 1);
            if (name.equals("--set")) {
                set(settings, value);
            } else if (name.equals("--config-dir")) {
                configDir = Optional.of(Path.of(value).toAbsolutePath());
                settings.put("aestus.config.dir", value);
            } else {
                settings.put(OPTIONS.getOrDefault(name, name), value);
            }
        }
        return new AgentArguments(settings, configDir);
    }

    private static void set(Map<String, String> settings, String pair) {
        int equals = pair.indexOf('=');
        if (equals <= 0) {
            throw new IllegalArgumentException("cannot start the agent: --set takes KEY=VALUE, not " + Quoted.of(pair));
        }
        String key = pair.substring(0, equals);
        if (!SettingsTable.names().contains(key)) {
            throw new IllegalArgumentException("cannot start the agent: there is no setting " + Quoted.of(key)
                    + " (aestus agent --help lists them)");
        }
        settings.put(key, pair.substring(equals + 1));
    }
}
