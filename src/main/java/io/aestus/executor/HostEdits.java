package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.ArrayList;
import java.util.List;

/**
 * What the host's administrator has done to an app because it has some device, beyond what the app asks for itself. It comes from files
 * of the host, never from an image.
 *
 * @param id what the app is called towards hooks; unique on this host
 */
public record HostEdits(String id, List<Hook> hooks) {
    /** Nothing. */
    public static final HostEdits NONE = new HostEdits("", List.of());

    public HostEdits {
        hooks = List.copyOf(hooks);
    }

    /** Whether nothing is done. */
    public boolean isEmpty() {
        return hooks.isEmpty();
    }

    /** The same for an app that is called {@code newId}. */
    public HostEdits of(String newId) {
        return new HostEdits(newId, hooks);
    }

    /** Both. */
    public HostEdits and(HostEdits other) {
        var all = new ArrayList<>(hooks);
        all.addAll(other.hooks);
        return new HostEdits(id, all);
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
                    "cannot start app " + place.name() + " with what comes with its devices: isolation " + isolation
                            + " runs no hooks");
        }
    }

    JsonObject toJson() {
        return isEmpty()
                ? JsonObject.EMPTY
                : JsonObject.builder()
                        .put("id", id)
                        .putUnlessEmpty("hooks", Json.array(hooks, Hook::toJson))
                        .build();
    }

    static HostEdits read(JsonView json) {
        return new HostEdits(json.required("id").string(), json.list("hooks", Hook::read));
    }
}
