package io.aestus.appc;

import io.aestus.json.JsonArray;
import io.aestus.json.JsonView;
import io.aestus.json.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What tells images of one name apart: {@code version}, {@code os}, {@code arch}, and whatever their maker added.
 *
 * @param all in their order, no name twice
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/aci.md#image-manifest-schema">appc: Image Manifest</a>
 */
public record Labels(List<Label> all) {
    public static final Labels NONE = new Labels(List.of());
    public static final String VERSION = "version";
    public static final String OS = "os";
    public static final String ARCH = "arch";

    public Labels {
        all = NamedValues.unique(all, Label::name);
    }

    public static Labels of(Label... labels) {
        return new Labels(List.of(labels));
    }

    /** Reads a list of labels; their os and arch must be a pair that {@link Platform} knows. */
    public static Labels read(JsonView list) {
        var labels = new Labels(NamedValues.read(list, Labels::parseName, Label::new));
        try {
            labels.os().ifPresent(os -> Platform.requireKnown(os, labels.arch()));
        } catch (MalformedException e) {
            throw list.failure(e.reason());
        }
        return labels;
    }

    /** The name of a label: an AC Identifier other than {@code name}, which is the image's. */
    static AcIdentifier parseName(String text) {
        if (text.equals("name")) {
            throw new MalformedException("label", text, "must be the name of a label");
        }
        return AcIdentifier.parse(text, "label");
    }

    public Optional<String> get(String name) {
        return all.stream()
                .filter(label -> label.name().value().equals(name))
                .map(Label::value)
                .findFirst();
    }

    public Optional<String> version() {
        return get(VERSION);
    }

    public Optional<String> os() {
        return get(OS);
    }

    /** The architecture; it means nothing without {@link #os}. */
    public Optional<String> arch() {
        return get(ARCH);
    }

    /** The {@link #os} and {@link #arch} among them. */
    public Labels platform() {
        return new Labels(all.stream()
                .filter(label ->
                        label.name().value().equals(OS) || label.name().value().equals(ARCH))
                .toList());
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** These labels, and those of {@code defaults} whose names are not among them. */
    public Labels orElse(Labels defaults) {
        var merged = new ArrayList<>(all);
        defaults.all.stream()
                .filter(label -> get(label.name().value()).isEmpty())
                .forEach(merged::add);
        return new Labels(merged);
    }

    public JsonArray toJson() {
        return NamedValues.toJson(all, Label::name, Label::value);
    }
}
