package io.aestus.oci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Platform;
import io.aestus.json.JsonLimits;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an image says of itself: its layers, uncompressed, and how it is run.
 *
 * @param layers the digest of each layer's tar, the lowest first
 * @param user as in {@code name}, {@code 1000} or {@code name:group}; mostly empty
 * @param environment as in {@code NAME=VALUE}
 * @param volumes paths whose content is the app's own data
 * @param ports as in {@code 80/tcp}
 * @param labels free text
 * @param stopSignal what asks it to end
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md">OCI: Image Configuration</a>
 */
public record ImageConfig(
        TargetPlatform platform,
        List<Digest> layers,
        String user,
        List<String> environment,
        List<String> entrypoint,
        List<String> command,
        String workingDirectory,
        List<String> volumes,
        List<String> ports,
        Map<String, String> labels,
        Optional<String> stopSignal,
        Optional<String> created) {
    public ImageConfig {
        layers = List.copyOf(layers);
        environment = List.copyOf(environment);
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        volumes = List.copyOf(volumes);
        ports = List.copyOf(ports);
        labels = Map.copyOf(labels);
    }

    /**
     * Reads a configuration.
     *
     * @throws AestusException {@link Problem#INVALID}, naming the field
     */
    public static ImageConfig read(byte[] json) {
        JsonView view = JsonReader.read(json, "image configuration", new JsonLimits(OciDocument.LARGEST_BYTES, 64));
        JsonView files = view.required("rootfs");
        files.required("type").oneOf(Map.of("layers", true));
        Optional<JsonView> how = view.optional("config");
        return new ImageConfig(
                TargetPlatform.read(view),
                files.list("diff_ids", layer -> layer.parsed(Digest::parse)),
                text(how, "User"),
                strings(how, "Env"),
                strings(how, "Entrypoint"),
                strings(how, "Cmd"),
                text(how, "WorkingDir"),
                names(how, "Volumes"),
                names(how, "ExposedPorts"),
                how.map(config -> config.stringMap("Labels")).orElse(Map.of()),
                how.flatMap(config -> config.optional("StopSignal"))
                        .map(JsonView::string)
                        .filter(text -> !text.isEmpty()),
                view.optional("created").map(JsonView::string));
    }

    private static String text(Optional<JsonView> how, String field) {
        return how.flatMap(config -> config.optional(field))
                .map(JsonView::string)
                .orElse("");
    }

    private static List<String> strings(Optional<JsonView> how, String field) {
        return how.map(config -> config.strings(field)).orElse(List.of());
    }

    /** The names of a set, which is written as an object of empty objects. */
    private static List<String> names(Optional<JsonView> how, String field) {
        return how.flatMap(config -> config.optional(field))
                .map(set -> List.copyOf(new LinkedHashMap<>(set.object().fields()).keySet()))
                .orElse(List.of());
    }

    /**
     * The machine that it is for, in the words of appc.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} if appc has none
     */
    public Platform appcPlatform() {
        return Platform.ofOci(platform.os(), platform.architecture(), platform.variant());
    }
}
