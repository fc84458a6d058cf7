package io.aestus.appc;

import io.aestus.json.Json;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an image that was made for Docker says beyond the words of appc, kept as annotations; the names are those of {@code
 * docker2aci} where it has one.
 *
 * @param imageId what Docker calls the image's ID
 * @param entrypoint the part of the command that arguments do not replace
 * @param command the default arguments, which those of a user replace
 * @param stopSignal what asks the app to end, such as {@code SIGQUIT}
 */
public record DockerOrigin(String imageId, List<String> entrypoint, List<String> command, Optional<String> stopSignal) {
    private static final String IMAGE_ID = "appc.io/docker/imageid";
    private static final String ENTRYPOINT = "appc.io/docker/entrypoint";
    private static final String COMMAND = "appc.io/docker/cmd";
    private static final String STOP_SIGNAL = "aestus.io/docker/stop-signal";

    public DockerOrigin {
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
    }

    /** What an image's annotations say, if it was made for Docker. */
    public static Optional<DockerOrigin> of(ImageManifest manifest) {
        return of(manifest.annotations());
    }

    /** The same for annotations that may be those of an image. */
    public static Optional<DockerOrigin> of(Annotations annotations) {
        return annotations
                .get(IMAGE_ID)
                .map(id -> new DockerOrigin(
                        id,
                        strings(annotations, ENTRYPOINT),
                        strings(annotations, COMMAND),
                        annotations.get(STOP_SIGNAL)));
    }

    private static List<String> strings(Annotations annotations, String name) {
        return annotations
                .get(name)
                .map(text ->
                        JsonReader.read(text.getBytes(StandardCharsets.UTF_8), "annotation " + name).elements().stream()
                                .map(JsonView::string)
                                .toList())
                .orElse(List.of());
    }

    /** The same as annotations. */
    public List<Annotation> annotations() {
        var all = new ArrayList<Annotation>();
        all.add(new Annotation(new AcIdentifier(IMAGE_ID), imageId));
        add(ENTRYPOINT, entrypoint, all);
        add(COMMAND, command, all);
        stopSignal.ifPresent(signal -> all.add(new Annotation(new AcIdentifier(STOP_SIGNAL), signal)));
        return List.copyOf(all);
    }

    private static void add(String name, List<String> words, List<Annotation> all) {
        if (!words.isEmpty()) {
            all.add(new Annotation(new AcIdentifier(name), JsonWriter.compactText(Json.strings(words))));
        }
    }

    /**
     * The whole command when a user gives another program, arguments or both: a program replaces all, arguments alone replace
     * the default ones.
     */
    public List<String> command(List<String> program, List<String> arguments) {
        var whole = new ArrayList<>(program.isEmpty() ? entrypoint : program);
        whole.addAll(program.isEmpty() && arguments.isEmpty() ? command : arguments);
        return List.copyOf(whole);
    }
}
