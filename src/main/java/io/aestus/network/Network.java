package io.aestus.network;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonString;
import io.aestus.json.JsonView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A network as its administrator configured it: plugins that each attach a pod in turn.
 *
 * @param name its own, by which pods ask for it
 * @param source the file that says so, or {@code built in}
 * @param versions the versions of the specification that it may be used with, none of which we need to speak
 * @param plugins in the order of ADD; at least one
 * @param isCheckable whether CHECK may be asked
 * @param isCollectable whether GC may be asked: not where others, too, attach to it
 */
public record Network(
        String name,
        String source,
        List<String> versions,
        List<Plugin> plugins,
        boolean isCheckable,
        boolean isCollectable) {
    static final String BUILT_IN = "built in";

    private static final int MOST_PLUGINS = 32;

    public Network {
        versions = List.copyOf(versions);
        plugins = List.copyOf(plugins);
    }

    /** The words of its plugins' types, in order. */
    public List<String> types() {
        return plugins.stream().map(Plugin::type).toList();
    }

    /** Whether it is known to be the same for a pod of any name. */
    boolean isNameBlind() {
        return plugins.stream().allMatch(Plugin::isNameBlind);
    }

    boolean isBuiltIn() {
        return source.equals(BUILT_IN);
    }

    /** Whether one of its plugins takes what {@code capability} names. */
    boolean takes(String capability) {
        return plugins.stream().anyMatch(plugin -> plugin.takes(capability));
    }

    /** The same without the plugins that take it. */
    Network without(String capability) {
        var others =
                plugins.stream().filter(plugin -> !plugin.takes(capability)).toList();
        return new Network(name, source, versions, others, isCheckable, isCollectable);
    }

    /** A list of plugins: {@code *.conflist}. */
    static Network ofList(JsonView file, String source) {
        return ofList(file, source, List.of());
    }

    /** A list of plugins, and those that others have added. */
    static Network ofList(JsonView file, String source, List<Plugin> added) {
        Optional<JsonView> inlined = file.optional("plugins");
        var plugins = new ArrayList<Plugin>();
        inlined.ifPresent(list -> list.elements().stream().map(Plugin::read).forEach(plugins::add));
        plugins.addAll(added);
        if (plugins.isEmpty() || plugins.size() > MOST_PLUGINS) {
            throw inlined.orElse(file).failure("must have 1 to " + MOST_PLUGINS + " plugins");
        }
        return new Network(
                file.required("name").parsed(NetworkName::require),
                source,
                versions(file),
                plugins,
                !isSet(file, "disableCheck"),
                !isSet(file, "disableGC"));
    }

    /** A plugin by itself: {@code *.conf}. */
    static Network ofPlugin(JsonView file, String source) {
        return new Network(
                file.required("name").parsed(NetworkName::require),
                source,
                versions(file),
                List.of(Plugin.read(file)),
                !isSet(file, "disableCheck"),
                !isSet(file, "disableGC"));
    }

    /** {@code cniVersions}, and {@code cniVersion}, which is in every file since 0.2. */
    private static List<String> versions(JsonView file) {
        return Stream.concat(
                        file.optional("cniVersion").map(JsonView::string).stream(),
                        file.strings("cniVersions").stream())
                .distinct()
                .toList();
    }

    /** Some write the words {@code "true"} and {@code "false"}, and libcni takes them. */
    static boolean isSet(JsonView file, String name) {
        return file.optional(name)
                .map(field ->
                        field.value() instanceof JsonString(String text) ? text.equalsIgnoreCase("true") : field.bool())
                .orElse(false);
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("name", name)
                .put("source", source)
                .put("cniVersions", Json.strings(versions))
                .put("plugins", Json.array(plugins, Plugin::configuration))
                .putIfTrue("disableCheck", !isCheckable)
                .putIfTrue("disableGC", !isCollectable)
                .build();
    }

    /** As {@link #toJson} wrote it. */
    static Network read(JsonView json) {
        return ofList(json, json.required("source").string());
    }
}
