package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Apps that share namespaces, volumes and a life. As a template it names its images; {@linkplain #isReified reified}, each
 * app has the ID of one, and it can run. A pod without apps is legal: they come later.
 *
 * @param userAnnotations free text of users; never changes what is done
 * @param userLabels as {@code userAnnotations}
 * @param unknown fields that this version does not know; written back as they were
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/pods.md#pod-manifest-schema">appc: Pod Manifest</a>
 */
public record PodManifest(
        AcVersion acVersion,
        List<RuntimeApp> apps,
        List<Volume> volumes,
        Isolators isolators,
        Annotations annotations,
        List<ExposedPort> ports,
        Map<String, String> userAnnotations,
        Map<String, String> userLabels,
        JsonObject unknown) {
    private static final Set<String> KNOWN = Set.of(
            "acKind",
            "acVersion",
            "apps",
            "volumes",
            "isolators",
            "annotations",
            "ports",
            "userAnnotations",
            "userLabels");

    /** @throws AestusException {@link Problem#INVALID} if two apps or two volumes have one name */
    public PodManifest {
        apps = List.copyOf(apps);
        volumes = List.copyOf(volumes);
        ports = List.copyOf(ports);
        userAnnotations = App.copyInOrder(userAnnotations);
        userLabels = App.copyInOrder(userLabels);
        requireUnique("app", apps.stream().map(RuntimeApp::name).toList());
        requireUnique("volume", volumes.stream().map(Volume::name).toList());
    }

    private static void requireUnique(String what, List<AcName> names) {
        if (Set.copyOf(names).size() < names.size()) {
            throw new AestusException(
                    Problem.INVALID, "cannot make a pod: two of its " + what + "s have one name, of " + names);
        }
    }

    /** A pod of these apps with nothing else said. */
    public static PodManifest of(RuntimeApp... apps) {
        return new PodManifest(
                AcVersion.CURRENT,
                List.of(apps),
                List.of(),
                Isolators.NONE,
                Annotations.NONE,
                List.of(),
                Map.of(),
                Map.of(),
                JsonObject.EMPTY);
    }

    /**
     * Reads a manifest of at most 1 MiB and 64 levels, template or reified.
     *
     * @throws AestusException {@link Problem#INVALID}, naming the field
     */
    public static PodManifest read(byte[] json) {
        return read(JsonReader.read(json, "pod manifest"));
    }

    /** Reads a manifest that stands within something else. */
    public static PodManifest read(JsonView view) {
        AcKind.POD_MANIFEST.requireIn(view);
        AcVersion version = AcVersion.readFrom(view);
        view.required("apps");
        return new PodManifest(
                version,
                App.unique(view, "apps", "name", RuntimeApp::read, RuntimeApp::name),
                App.unique(view, "volumes", "name", Volume::read, Volume::name),
                view.optional("isolators").map(Isolators::read).orElse(Isolators.NONE),
                view.optional("annotations").map(Annotations::read).orElse(Annotations.NONE),
                view.list("ports", ExposedPort::read),
                view.stringMap("userAnnotations"),
                view.stringMap("userLabels"),
                view.object().without(KNOWN));
    }

    public PodManifest withApps(List<RuntimeApp> value) {
        return new PodManifest(
                acVersion, value, volumes, isolators, annotations, ports, userAnnotations, userLabels, unknown);
    }

    public PodManifest withVolumes(List<Volume> value) {
        return new PodManifest(
                acVersion, apps, value, isolators, annotations, ports, userAnnotations, userLabels, unknown);
    }

    public PodManifest withIsolators(Isolators value) {
        return new PodManifest(
                acVersion, apps, volumes, value, annotations, ports, userAnnotations, userLabels, unknown);
    }

    public PodManifest withAnnotations(Annotations value) {
        return new PodManifest(acVersion, apps, volumes, isolators, value, ports, userAnnotations, userLabels, unknown);
    }

    public PodManifest withPorts(List<ExposedPort> value) {
        return new PodManifest(
                acVersion, apps, volumes, isolators, annotations, value, userAnnotations, userLabels, unknown);
    }

    public PodManifest withUserAnnotations(Map<String, String> value) {
        return new PodManifest(acVersion, apps, volumes, isolators, annotations, ports, value, userLabels, unknown);
    }

    public PodManifest withUserLabels(Map<String, String> value) {
        return new PodManifest(
                acVersion, apps, volumes, isolators, annotations, ports, userAnnotations, value, unknown);
    }

    public Optional<RuntimeApp> app(AcName name) {
        return apps.stream().filter(app -> app.name().equals(name)).findFirst();
    }

    /** True if every app has the ID of its image. */
    public boolean isReified() {
        return apps.stream().allMatch(app -> app.image().id().isPresent());
    }

    /**
     * Returns this manifest if it {@linkplain #isReified is reified}.
     *
     * @throws AestusException {@link Problem#INVALID} naming the apps without an image ID, if there are any
     */
    public PodManifest requireReified() {
        if (!isReified()) {
            String missing = apps.stream()
                    .filter(app -> app.image().id().isEmpty())
                    .map(app -> app.name().value())
                    .collect(Collectors.joining(", "));
            throw new AestusException(Problem.INVALID, "cannot run pod: no image ID yet for " + missing);
        }
        return this;
    }

    /** The fields in the specification's order, unknown ones behind them. */
    public JsonObject toJson() {
        return JsonObject.builder()
                .put("acVersion", acVersion.toString())
                .put("acKind", AcKind.POD_MANIFEST.toString())
                .put("apps", Json.array(apps, RuntimeApp::toJson))
                .putUnlessEmpty("volumes", Json.array(volumes, Volume::toJson))
                .putUnlessEmpty("isolators", isolators.toJson())
                .putUnlessEmpty("annotations", annotations.toJson())
                .putUnlessEmpty("ports", Json.array(ports, ExposedPort::toJson))
                .putUnlessEmpty("userAnnotations", Json.stringMap(userAnnotations))
                .putUnlessEmpty("userLabels", Json.stringMap(userLabels))
                .putMissing(unknown)
                .build();
    }

    /** The manifest as one line of JSON; equal manifests give equal bytes. */
    public byte[] toBytes() {
        return JsonWriter.compact(toJson());
    }
}
