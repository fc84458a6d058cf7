package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.Json;
import io.aestus.json.JsonLimits;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an image says about itself: the file {@code manifest} of its archive. Whoever must show it as it was made (the
 * metadata service, an export) uses the file's own bytes; this is their meaning.
 *
 * @param name need not be unique; equals the name the image was discovered by
 * @param app how it is executed; an image without can only be a dependency, or be completed by a pod
 * @param dependencies images whose files lie under this one's, the first at the bottom
 * @param unknown fields that this version does not know; written back as they were
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/aci.md#image-manifest-schema">appc: Image Manifest</a>
 */
public record ImageManifest(
        AcVersion acVersion,
        AcIdentifier name,
        Labels labels,
        Optional<App> app,
        List<Dependency> dependencies,
        PathWhitelist pathWhitelist,
        Annotations annotations,
        JsonObject unknown) {
    private static final Set<String> KNOWN =
            Set.of("acKind", "acVersion", "name", "labels", "app", "dependencies", "pathWhitelist", "annotations");

    public ImageManifest {
        dependencies = List.copyOf(dependencies);
    }

    /** A manifest of the current version that names an image and says nothing else. */
    public static ImageManifest named(AcIdentifier name) {
        return new ImageManifest(
                AcVersion.CURRENT,
                name,
                Labels.NONE,
                Optional.empty(),
                List.of(),
                PathWhitelist.NONE,
                Annotations.NONE,
                JsonObject.EMPTY);
    }

    /**
     * Reads a manifest of at most 1 MiB and 64 levels.
     *
     * @throws AestusException {@link Problem#INVALID}, naming the field
     * @see JsonLimits#DEFAULT
     */
    public static ImageManifest read(byte[] json) {
        return read(JsonReader.read(json, "image manifest"));
    }

    /** Reads a manifest that stands within something else. */
    public static ImageManifest read(JsonView view) {
        AcKind.IMAGE_MANIFEST.requireIn(view);
        return new ImageManifest(
                AcVersion.readFrom(view),
                view.required("name").parsed(AcIdentifier::parse),
                view.optional("labels").map(Labels::read).orElse(Labels.NONE),
                view.optional("app").map(App::read),
                view.list("dependencies", Dependency::read),
                view.optional("pathWhitelist").map(PathWhitelist::read).orElse(PathWhitelist.NONE),
                view.optional("annotations").map(Annotations::read).orElse(Annotations.NONE),
                view.object().without(KNOWN));
    }

    /**
     * Where this manifest, though legal to read, leaves the letter of the specification: for warnings.
     *
     * @return as in {@code name: doubles a separator}
     */
    public List<String> deviations() {
        return Deviations.of(this);
    }

    /**
     * Returns this manifest if it may be written into a new image.
     *
     * @throws AestusException {@link Problem#INVALID} if there are {@link #deviations}
     */
    public ImageManifest requireStrict() {
        List<String> deviations = deviations();
        if (!deviations.isEmpty()) {
            throw new AestusException(Problem.INVALID, "cannot write image manifest: " + deviations.getFirst());
        }
        return this;
    }

    public ImageManifest withLabels(Labels value) {
        return new ImageManifest(acVersion, name, value, app, dependencies, pathWhitelist, annotations, unknown);
    }

    public ImageManifest withApp(App value) {
        return new ImageManifest(
                acVersion, name, labels, Optional.of(value), dependencies, pathWhitelist, annotations, unknown);
    }

    public ImageManifest withDependencies(List<Dependency> value) {
        return new ImageManifest(acVersion, name, labels, app, value, pathWhitelist, annotations, unknown);
    }

    public ImageManifest withPathWhitelist(PathWhitelist value) {
        return new ImageManifest(acVersion, name, labels, app, dependencies, value, annotations, unknown);
    }

    public ImageManifest withAnnotations(Annotations value) {
        return new ImageManifest(acVersion, name, labels, app, dependencies, pathWhitelist, value, unknown);
    }

    /** The fields in the specification's order, unknown ones behind them. */
    public JsonObject toJson() {
        return JsonObject.builder()
                .put("acKind", AcKind.IMAGE_MANIFEST.toString())
                .put("acVersion", acVersion.toString())
                .put("name", name.value())
                .putUnlessEmpty("labels", labels.toJson())
                .put("app", app.map(App::toJson))
                .putUnlessEmpty("dependencies", Json.array(dependencies, Dependency::toJson))
                .putUnlessEmpty("pathWhitelist", pathWhitelist.toJson())
                .putUnlessEmpty("annotations", annotations.toJson())
                .putMissing(unknown)
                .build();
    }

    /** The manifest as one line of JSON; equal manifests give equal bytes. */
    public byte[] toBytes() {
        return JsonWriter.compact(toJson());
    }
}
