package io.aestus.json;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;

/** Named values, in the order they were read or put; the order does not count for equality. */
public record JsonObject(SequencedMap<String, Json> fields) implements Json {
    public static final JsonObject EMPTY = new JsonObject(new LinkedHashMap<>());

    public JsonObject {
        fields = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(fields));
    }

    public static Builder builder() {
        return new Builder();
    }

    public boolean isEmpty() {
        return fields.isEmpty();
    }

    /** The field's value, {@link JsonNull} included. */
    public Optional<Json> get(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /** The fields that are not among {@code names}: what a reader did not know. */
    public JsonObject without(Set<String> names) {
        var rest = new LinkedHashMap<>(fields);
        rest.keySet().removeAll(names);
        return rest.isEmpty() ? EMPTY : new JsonObject(rest);
    }

    /** Collects fields in order. Empty Optionals are left out, so that absent stays absent. Not thread-safe. */
    public static final class Builder {
        private final LinkedHashMap<String, Json> fields = new LinkedHashMap<>();

        private Builder() {}

        public Builder put(String name, Json value) {
            fields.put(name, value);
            return this;
        }

        public Builder put(String name, String value) {
            return put(name, new JsonString(value));
        }

        public Builder put(String name, long value) {
            return put(name, Json.of(value));
        }

        public Builder put(String name, boolean value) {
            return put(name, new JsonBool(value));
        }

        /** The time in RFC 3339, UTC, with as many fraction digits as it has. */
        public Builder put(String name, Instant value) {
            return put(name, value.toString());
        }

        /** The duration in nanoseconds, as {@link JsonView#nanoseconds} reads it. */
        public Builder put(String name, Duration value) {
            return put(name, value.toNanos());
        }

        /** Trees, whole numbers and truths as what they are, anything else by its {@code toString}. */
        public Builder put(String name, Optional<?> value) {
            return value.isEmpty()
                    ? this
                    : switch (value.get()) {
                        case Json json -> put(name, json);
                        case Long whole -> put(name, whole.longValue());
                        case Integer whole -> put(name, whole.longValue());
                        case Boolean truth -> put(name, truth.booleanValue());
                        case Duration duration -> put(name, duration);
                        case Object other -> put(name, other.toString());
                    };
        }

        public Builder put(String name, OptionalLong value) {
            value.ifPresent(present -> put(name, present));
            return this;
        }

        public Builder put(String name, OptionalInt value) {
            value.ifPresent(present -> put(name, present));
            return this;
        }

        /** Puts the array unless it is empty. */
        public Builder putUnlessEmpty(String name, JsonArray value) {
            return value.isEmpty() ? this : put(name, value);
        }

        /** Puts the object unless it is empty. */
        public Builder putUnlessEmpty(String name, JsonObject value) {
            return value.isEmpty() ? this : put(name, value);
        }

        /** Puts {@code true}, or nothing: for fields whose default is {@code false}. */
        public Builder putIfTrue(String name, boolean value) {
            return value ? put(name, true) : this;
        }

        /** Adds all fields of {@code other} that are not there yet. */
        public Builder putMissing(JsonObject other) {
            for (Map.Entry<String, Json> field : other.fields().entrySet()) {
                fields.putIfAbsent(field.getKey(), field.getValue());
            }
            return this;
        }

        public JsonObject build() {
            return new JsonObject(fields);
        }
    }
}
