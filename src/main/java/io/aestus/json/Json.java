package io.aestus.json;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A JSON value: an immutable tree. Numbers keep their text, objects the order of their fields. */
public sealed interface Json permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBool, JsonNull {
    static JsonString of(String value) {
        return new JsonString(value);
    }

    static JsonNumber of(long value) {
        return new JsonNumber(Long.toString(value));
    }

    static JsonBool of(boolean value) {
        return new JsonBool(value);
    }

    /** An array of strings. */
    static JsonArray strings(Collection<String> values) {
        return array(values, JsonString::new);
    }

    /** An array of what {@code form} makes of each value. */
    static <T> JsonArray array(Collection<T> values, Function<? super T, ? extends Json> form) {
        var elements = new ArrayList<Json>(values.size());
        for (T value : values) {
            elements.add(form.apply(value));
        }
        return new JsonArray(elements);
    }

    /** An array of the given values. */
    static JsonArray array(Json... values) {
        return new JsonArray(List.of(values));
    }

    /** An object whose values are all strings. */
    static JsonObject stringMap(Map<String, String> values) {
        var fields = JsonObject.builder();
        values.forEach(fields::put);
        return fields.build();
    }
}
