package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.Optional;

/**
 * Which image an app of a pod runs: by ID, or in a template by name and labels. Name and labels beside an ID are told to
 * people and never compared.
 */
public record RuntimeImage(Optional<ImageId> id, Optional<AcIdentifier> name, Labels labels) {
    /** @throws AestusException {@link Problem#INVALID} if there is neither ID nor name */
    public RuntimeImage {
        if (id.isEmpty() && name.isEmpty()) {
            throw new AestusException(Problem.INVALID, "cannot name an image: it needs an ID or a name");
        }
    }

    public static RuntimeImage of(ImageId id) {
        return new RuntimeImage(Optional.of(id), Optional.empty(), Labels.NONE);
    }

    public static RuntimeImage of(ImageQuery query) {
        return new RuntimeImage(Optional.empty(), Optional.of(query.name()), query.labels());
    }

    static RuntimeImage read(JsonView view) {
        Optional<ImageId> id = view.optional("id").map(text -> text.parsed(ImageId::parse));
        Optional<AcIdentifier> name = view.optional("name").map(text -> text.parsed(AcIdentifier::parse));
        Labels labels = view.optional("labels").map(Labels::read).orElse(Labels.NONE);
        if (id.isEmpty() && name.isEmpty()) {
            throw view.failure("must have an id or a name");
        }
        return new RuntimeImage(id, name, labels);
    }

    /** What to look for, if there is a name. */
    public Optional<ImageQuery> query() {
        return name.map(known -> new ImageQuery(known, labels));
    }

    /** The same, now known by its content. */
    public RuntimeImage resolvedTo(ImageId found) {
        return new RuntimeImage(Optional.of(found), name, labels);
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("id", id)
                .put("name", name)
                .putUnlessEmpty("labels", labels.toJson())
                .build();
    }
}
