package io.aestus.appc;

import io.aestus.Quoted;
import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The schema's lists of {@code {"name": …, "value": …}}, whose names are unique. */
final class NamedValues {
    private NamedValues() {}

    static <N, T> List<T> read(JsonView list, Function<String, N> name, BiFunction<N, String, T> form) {
        var seen = new HashSet<N>();
        var values = new ArrayList<T>();
        for (JsonView element : list.elements()) {
            JsonView nameView = element.required("name");
            N parsed = nameView.parsed(name);
            if (!seen.add(parsed)) {
                throw nameView.failure("must be unique, but " + Quoted.of(parsed.toString()) + " is there twice");
            }
            values.add(form.apply(parsed, element.required("value").string()));
        }
        return values;
    }

    static <T> JsonArray toJson(Collection<T> values, Function<T, Object> name, Function<T, String> value) {
        return Json.array(values, each -> JsonObject.builder()
                .put("name", name.apply(each).toString())
                .put("value", value.apply(each))
                .build());
    }

    /** Guards constructors: {@code T}s with one name twice are our bug, since reading refuses them before. */
    static <T> List<T> unique(Collection<T> values, Function<T, Object> name) {
        var seen = new HashSet<>();
        for (T value : values) {
            if (!seen.add(name.apply(value))) {
                throw new IllegalArgumentException(name.apply(value) + " is there twice");
            }
        }
        return List.copyOf(values);
    }
}
