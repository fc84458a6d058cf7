package io.aestus.appc;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.json.MalformedException;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * How a program is executed: by an image's manifest, or by a pod's, which then counts alone.
 *
 * @param exec the program and its arguments; nothing in them is evaluated. Empty in an image that a pod completes
 * @param user a name, a number, or the path of a file whose owner it is
 * @param group as {@code user}
 * @param supplementaryGids 0 to 2^32 − 2
 * @param userAnnotations free text of users; never changes what is done
 * @param userLabels as {@code userAnnotations}
 * @param unknown fields that this version does not know; written back as they were
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/aci.md#image-manifest-schema">appc: Image Manifest</a>
 */
public record App(
        List<String> exec,
        String user,
        String group,
        List<Long> supplementaryGids,
        List<EventHandler> eventHandlers,
        AbsolutePath workingDirectory,
        Environment environment,
        Isolators isolators,
        List<MountPoint> mountPoints,
        List<Port> ports,
        Map<String, String> userAnnotations,
        Map<String, String> userLabels,
        JsonObject unknown) {
    /**
     * A group that is no name: the one that the image's {@code passwd} gives the user, with those that its {@code group} lists the
     * user in. Images that were made for Docker and name no group mean it.
     */
    public static final String GROUP_OF_USER = "~";

    static final long HIGHEST_ID = 0xFFFF_FFFEL; // 2^32 - 1 means "no change" to chown and setuid

    private static final Set<String> KNOWN = Set.of(
            "exec",
            "user",
            "group",
            "supplementaryGIDs",
            "supplementaryGids",
            "eventHandlers",
            "workingDirectory",
            "environment",
            "isolators",
            "mountPoints",
            "ports",
            "userAnnotations",
            "userLabels");

    public App {
        exec = List.copyOf(exec);
        supplementaryGids = List.copyOf(supplementaryGids);
        eventHandlers = List.copyOf(eventHandlers);
        mountPoints = List.copyOf(mountPoints);
        ports = List.copyOf(ports);
        userAnnotations = copyInOrder(userAnnotations);
        userLabels = copyInOrder(userLabels);
    }

    static Map<String, String> copyInOrder(Map<String, String> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** An app that runs {@code exec} as root in {@code /}, with nothing else said. */
    public static AppBuilder running(List<String> exec) {
        return new AppBuilder().exec(exec);
    }

    /** A builder that starts from this app. */
    public AppBuilder toBuilder() {
        return new AppBuilder(this);
    }

    public static App read(JsonView view) {
        return new App(
                view.optional("exec").map(App::readExec).orElse(List.of()),
                view.required("user").parsed(App::parseOwner),
                view.required("group").parsed(App::parseOwner),
                readGids(view),
                unique(view, "eventHandlers", "name", EventHandler::read, EventHandler::event),
                view.optional("workingDirectory")
                        .map(path -> path.parsed(AbsolutePath::parse))
                        .orElse(AbsolutePath.ROOT),
                view.optional("environment").map(Environment::read).orElse(Environment.NONE),
                view.optional("isolators").map(Isolators::read).orElse(Isolators.NONE),
                unique(view, "mountPoints", "name", MountPoint::read, MountPoint::name),
                unique(view, "ports", "name", Port::read, Port::name),
                view.stringMap("userAnnotations"),
                view.stringMap("userLabels"),
                view.object().without(KNOWN));
    }

    /** Reads program and arguments; an empty list is legal here, an empty program is not. */
    static List<String> readExec(JsonView view) {
        List<String> exec = view.elements().stream().map(JsonView::string).toList();
        if (!exec.isEmpty() && exec.getFirst().isEmpty()) {
            throw view.elements().getFirst().failure("must be absolute or the name of a program in PATH, not empty");
        }
        return exec;
    }

    /** A user or group: digits in range, an absolute path, or a name. */
    static String parseOwner(String text) {
        if (text.isEmpty()) {
            throw new MalformedException("user or group", text, "must not be empty");
        }
        if (text.startsWith("/")) {
            return AbsolutePath.parse(text).value();
        }
        char first = text.charAt(0);
        if (first == '-' || first == '+' || text.indexOf(':') >= 0 || text.indexOf('\n') >= 0) {
            throw new MalformedException("user or group", text, "must be a name, a number or an absolute path");
        }
        if (text.chars().allMatch(c -> c >= '0' && c <= '9')
                && (text.length() > 10 || Long.parseLong(text) > HIGHEST_ID)) {
            throw new MalformedException("user or group", text, "must not be above " + HIGHEST_ID);
        }
        return text;
    }

    private static List<Long> readGids(JsonView view) {
        // The specification's text and its sample differ in the last two letters.
        Optional<JsonView> alias = view.optional("supplementaryGids");
        if (alias.isPresent() && view.optional("supplementaryGIDs").isPresent()) {
            throw alias.get().failure("must not stand beside supplementaryGIDs");
        }
        return view.list(
                alias.isPresent() ? "supplementaryGids" : "supplementaryGIDs", gid -> gid.whole(0, HIGHEST_ID));
    }

    /** Reads a list whose elements have a unique field. */
    static <T> List<T> unique(
            JsonView view, String list, String field, Function<JsonView, T> form, Function<T, Object> key) {
        var seen = new HashSet<>();
        return view.list(list, element -> {
            T value = form.apply(element);
            if (!seen.add(key.apply(value))) {
                throw element.required(field).failure("must be unique, but '" + key.apply(value) + "' is there twice");
            }
            return value;
        });
    }

    /** The handler of an event, if there is one. */
    public Optional<EventHandler> handler(EventHandler.Event event) {
        return eventHandlers.stream().filter(each -> each.event() == event).findFirst();
    }

    public JsonObject toJson() {
        var json = JsonObject.builder()
                .put("exec", Json.strings(exec))
                .put("user", user)
                .put("group", group)
                .putUnlessEmpty("supplementaryGIDs", Json.array(supplementaryGids, Json::of))
                .putUnlessEmpty("eventHandlers", Json.array(eventHandlers, EventHandler::toJson));
        if (!workingDirectory.equals(AbsolutePath.ROOT)) {
            json.put("workingDirectory", workingDirectory.value());
        }
        return json.putUnlessEmpty("environment", environment.toJson())
                .putUnlessEmpty("mountPoints", Json.array(mountPoints, MountPoint::toJson))
                .putUnlessEmpty("ports", Json.array(ports, Port::toJson))
                .putUnlessEmpty("isolators", isolators.toJson())
                .putUnlessEmpty("userAnnotations", Json.stringMap(userAnnotations))
                .putUnlessEmpty("userLabels", Json.stringMap(userLabels))
                .putMissing(unknown)
                .build();
    }
}
