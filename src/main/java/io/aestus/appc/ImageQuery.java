package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.MalformedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * An image asked for by name and labels, as a user types it: {@code example.com/web:1.2,os=linux}.
 *
 * @param labels only those that were asked for
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/discovery.md">appc: App Container Image Discovery</a>
 */
public record ImageQuery(AcIdentifier name, Labels labels) {
    /**
     * Reads {@code NAME[:VERSION][,LABEL=VALUE]…}. A port number is impossible: what follows the colon is a version.
     *
     * @throws AestusException {@link Problem#INVALID}
     */
    public static ImageQuery parse(String text) {
        String[] parts = text.split(",", -1);
        String head = parts[0];
        int colon = head.indexOf(':');
        String name = colon < 0 ? head : head.substring(0, colon);
        List<Label> labels = new ArrayList<>();
        if (colon >= 0) {
            labels.add(Label.of(Labels.VERSION, version(text, head.substring(colon + 1))));
        }
        for (int i = 1; i < parts.length; i++) {
            labels.add(label(text, parts[i]));
        }
        var seen = new HashSet<AcIdentifier>();
        for (Label label : labels) {
            if (!seen.add(label.name())) {
                throw new MalformedException("image", text, "must name the label " + label.name() + " once");
            }
        }
        return new ImageQuery(AcIdentifier.parse(name, "image name"), new Labels(labels));
    }

    private static String version(String text, String version) {
        if (version.isEmpty() || version.indexOf(':') >= 0) {
            throw new MalformedException("image", text, "must be NAME:VERSION with one colon, a version and no port");
        }
        return version;
    }

    private static Label label(String text, String part) {
        int equals = part.indexOf('=');
        if (equals < 1 || equals == part.length() - 1) {
            throw new MalformedException("image", text, "must have labels as in ,os=linux");
        }
        return new Label(Labels.parseName(part.substring(0, equals)), part.substring(equals + 1));
    }

    /** This query, asking for what {@code host} runs where the user did not say. */
    public ImageQuery on(Platform host) {
        return new ImageQuery(name, labels.orElse(host.labels()));
    }

    /** True unless {@link #mismatch} finds one. */
    public boolean matches(ImageManifest manifest, Labels defaults) {
        return mismatch(manifest, defaults).isEmpty();
    }

    /**
     * Why {@code manifest} is not what was asked for: its name is another, a label that was asked for is missing or
     * different, or a default contradicts it. Labels of the image that nobody asked for are free.
     *
     * @param defaults what the host adds, mostly {@link Platform#labels}: they need not be there, but must not differ
     * @return the reason, as in {@code label version is '1.3', not '1.2'}
     */
    public Optional<String> mismatch(ImageManifest manifest, Labels defaults) {
        if (!manifest.name().equals(name)) {
            return Optional.of(
                    "its name is " + Quoted.of(manifest.name().value()) + ", not " + Quoted.of(name.value()));
        }
        for (Label asked : labels.orElse(defaults).all()) {
            Optional<String> found = manifest.labels().get(asked.name().value());
            boolean isDefault = labels.get(asked.name().value()).isEmpty();
            if (found.isEmpty() && !isDefault) {
                return Optional.of("it has no label " + asked.name());
            }
            if (found.isPresent() && !found.get().equals(asked.value())) {
                return Optional.of("its label " + asked.name() + " is " + Quoted.of(found.get()) + ", not "
                        + Quoted.of(asked.value()));
            }
        }
        return Optional.empty();
    }

    /** As it would be typed. */
    @Override
    public String toString() {
        var text = new StringBuilder(name.value());
        labels.version().ifPresent(version -> text.append(':').append(version));
        labels.all().stream()
                .filter(label -> !label.name().value().equals(Labels.VERSION))
                .forEach(label ->
                        text.append(',').append(label.name()).append('=').append(label.value()));
        return text.toString();
    }
}
