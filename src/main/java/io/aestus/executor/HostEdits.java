package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the host's administrator has done to an app because it has some device, beyond what the app asks for itself. It comes from files
 * of the host, never from an image.
 *
 * @param id what the app is called towards hooks; unique on this host
 * @param interfaces that it has while it runs
 * @param cacheShare what it has of the host's caches
 */
public record HostEdits(String id, List<Hook> hooks, List<MovedInterface> interfaces, Optional<CacheShare> cacheShare) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{0,128}"); // before what is made by it

    /** Nothing. */
    public static final HostEdits NONE = new HostEdits("", List.of(), List.of(), Optional.empty());

    public HostEdits {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("no ID: " + id);
        }
        hooks = List.copyOf(hooks);
        interfaces = List.copyOf(interfaces);
    }

    /** Whether nothing is done. */
    public boolean isEmpty() {
        return hooks.isEmpty() && interfaces.isEmpty() && cacheShare.isEmpty();
    }

    /** The same for an app that is called {@code newId}. */
    public HostEdits of(String newId) {
        return new HostEdits(newId, hooks, interfaces, cacheShare);
    }

    /** Both; of caches what the other one says. */
    public HostEdits and(HostEdits other) {
        return new HostEdits(
                id,
                joined(hooks, other.hooks),
                joined(interfaces, other.interfaces),
                other.cacheShare.or(() -> cacheShare));
    }

    private static <T> List<T> joined(List<T> some, List<T> others) {
        return Stream.concat(some.stream(), others.stream()).toList();
    }

    /** Hooks of one moment, in their order. */
    List<Hook> hooks(Hook.Moment moment) {
        return hooks.stream().filter(hook -> hook.moment() == moment).toList();
    }

    /** @throws AestusException {@link Problem#UNSUPPORTED} if an app has any */
    static void requireNone(AppPlace place, String isolation) {
        if (!place.options().edits().isEmpty()) {
            throw new AestusException(
                    Problem.UNSUPPORTED,
                    "cannot start app " + place.name()
                            + " with the hooks, interfaces or shares of caches that come with its devices: isolation "
                            + isolation + " has none");
        }
    }

    JsonObject toJson() {
        return isEmpty()
                ? JsonObject.EMPTY
                : JsonObject.builder()
                        .put("id", id)
                        .putUnlessEmpty("hooks", Json.array(hooks, Hook::toJson))
                        .putUnlessEmpty("netDevices", Json.array(interfaces, MovedInterface::toJson))
                        .put("intelRdt", cacheShare.map(CacheShare::toJson))
                        .build();
    }

    static HostEdits read(JsonView json) {
        return new HostEdits(
                json.required("id").string(),
                json.list("hooks", Hook::read),
                json.list("netDevices", MovedInterface::read),
                json.optional("intelRdt").map(CacheShare::read));
    }
}
