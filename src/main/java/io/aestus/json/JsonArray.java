package io.aestus.json;

import java.util.List;

/** A list of values. */
public record JsonArray(List<Json> elements) implements Json {
    public static final JsonArray EMPTY = new JsonArray(List.of());

    public JsonArray {
        elements = List.copyOf(elements);
    }

    public boolean isEmpty() {
        return elements.isEmpty();
    }
}
