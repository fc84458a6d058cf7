package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An app of a pod.
 *
 * @param name unique in the pod; need not be the image's
 * @param app replaces the image's as a whole
 * @param annotations count before the image's
 * @param unknown fields that this version does not know; written back as they were
 */
public record RuntimeApp(
        AcName name,
        RuntimeImage image,
        Optional<App> app,
        boolean readOnlyRootFs,
        List<Mount> mounts,
        Annotations annotations,
        JsonObject unknown) {
    private static final Set<String> KNOWN = Set.of("name", "image", "app", "readOnlyRootFS", "mounts", "annotations");

    public RuntimeApp {
        mounts = List.copyOf(mounts);
    }

    /** An app that runs as its image says. */
    public static RuntimeApp of(AcName name, RuntimeImage image) {
        return new RuntimeApp(name, image, Optional.empty(), false, List.of(), Annotations.NONE, JsonObject.EMPTY);
    }

    public static RuntimeApp read(JsonView view) {
        return new RuntimeApp(
                view.required("name").parsed(AcName::parse),
                RuntimeImage.read(view.required("image")),
                view.optional("app").map(App::read),
                view.isTrue("readOnlyRootFS"),
                view.list("mounts", Mount::read),
                view.optional("annotations").map(Annotations::read).orElse(Annotations.NONE),
                view.object().without(KNOWN));
    }

    public RuntimeApp withImage(RuntimeImage value) {
        return new RuntimeApp(name, value, app, readOnlyRootFs, mounts, annotations, unknown);
    }

    public RuntimeApp withApp(App value) {
        return new RuntimeApp(name, image, Optional.of(value), readOnlyRootFs, mounts, annotations, unknown);
    }

    public RuntimeApp withMounts(List<Mount> value) {
        return new RuntimeApp(name, image, app, readOnlyRootFs, value, annotations, unknown);
    }

    public RuntimeApp withAnnotations(Annotations value) {
        return new RuntimeApp(name, image, app, readOnlyRootFs, mounts, value, unknown);
    }

    public RuntimeApp withReadOnlyRootFs(boolean value) {
        return new RuntimeApp(name, image, app, value, mounts, annotations, unknown);
    }

    /**
     * How it is executed: as the pod says, else as its image says.
     *
     * @throws AestusException {@link Problem#INVALID} if neither says anything, or if there is no program
     */
    public App effective(ImageManifest manifest) {
        App effective = app.or(manifest::app)
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID,
                        "cannot run " + name + ": neither the pod nor image " + manifest.name() + " says how"));
        if (effective.exec().isEmpty()) {
            throw new AestusException(Problem.INVALID, "cannot run " + name + ": app.exec is empty");
        }
        return effective;
    }

    public JsonObject toJson() {
        return JsonObject.builder()
                .put("name", name.value())
                .put("image", image.toJson())
                .put("app", app.map(App::toJson))
                .putIfTrue("readOnlyRootFS", readOnlyRootFs)
                .putUnlessEmpty("mounts", Json.array(mounts, Mount::toJson))
                .putUnlessEmpty("annotations", annotations.toJson())
                .putMissing(unknown)
                .build();
    }
}
