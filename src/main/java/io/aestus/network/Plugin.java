package io.aestus.network;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonString;
import io.aestus.json.JsonView;
import io.aestus.json.MalformedException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One plugin of a network, with its configuration.
 *
 * @param type the file name of its program
 * @param capabilities what it wants to be told of each pod
 * @param configuration all that its administrator wrote
 */
public record Plugin(String type, Set<String> capabilities, JsonObject configuration) {
    private static final Pattern FILE_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.+-]{0,62}");

    /** Of the CNI project and flannel: none of them heeds what a pod is called. */
    private static final Set<String> NAME_BLIND = Set.of(
            "bandwidth",
            "bridge",
            "firewall",
            "flannel",
            "host-local",
            "ipvlan",
            "loopback",
            "macvlan",
            "portmap",
            "ptp",
            "sbr",
            "tuning");

    public Plugin {
        capabilities = Set.copyOf(capabilities);
    }

    static Plugin read(JsonView json) {
        String type = json.required("type").parsed(Plugin::requireFileName);
        var capabilities = new LinkedHashSet<String>();
        json.optional("capabilities").ifPresent(all -> all.fields().forEach((name, wanted) -> {
            if (wanted.bool()) {
                capabilities.add(name);
            }
        }));
        return new Plugin(type, capabilities, json.object());
    }

    /** It is looked for in the directories of plugins, and nowhere else. */
    private static String requireFileName(String text) {
        if (!FILE_NAME.matcher(text).matches()) {
            throw new MalformedException("plugin type", text, "must be a plain file name");
        }
        return text;
    }

    /** The plugin that it asks for addresses in its turn, with the same configuration, if it says so. */
    Optional<String> delegate() {
        return typeIn("ipam").filter(name -> FILE_NAME.matcher(name).matches());
    }

    private Optional<String> typeIn(String part) {
        return configuration
                .get(part)
                .flatMap(value -> value instanceof JsonObject fields ? fields.get("type") : Optional.empty())
                .flatMap(type -> type instanceof JsonString(String text) ? Optional.of(text) : Optional.empty());
    }

    /** Whether it is known to do the same for a pod of any name, as are those that it asks in turn. */
    boolean isNameBlind() {
        return Stream.of(Optional.of(type), typeIn("ipam"), typeIn("delegate"))
                .flatMap(Optional::stream)
                .allMatch(NAME_BLIND::contains);
    }

    boolean takes(String capability) {
        return capabilities.contains(capability);
    }
}
