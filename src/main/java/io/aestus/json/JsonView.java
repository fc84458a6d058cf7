package io.aestus.json;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A value and where it stands, for reading with errors that say so:
 *
 * <pre>{@code
 * JsonView record = JsonReader.readOwn(bytes, "image.json");
 * String name = record.required("name").string();   // cannot read image.json: name: must be a string
 * var size = record.optional("size").map(view -> view.whole(0, Long.MAX_VALUE));
 * }</pre>
 *
 * <p>A field that is {@code null} counts as absent. Immutable.
 */
public final class JsonView {
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_/-]{0,79}");

    private final Source source;
    private final String path;
    private final Json value;

    /** The text that is read, and whose fault an error in it is. */
    record Source(String what, Problem problem) {
        AestusException failure(String path, String reason) {
            String place = path.isEmpty() ? "" : path + ": ";
            return new AestusException(problem, "cannot read " + what + ": " + place + reason);
        }
    }

    JsonView(Source source, String path, Json value) {
        this.source = source;
        this.path = path;
        this.value = value;
    }

    /** A view of a tree that is there already; errors are {@link Problem#INVALID} and name {@code what}. */
    public static JsonView of(Json value, String what) {
        return new JsonView(new Source(what, Problem.INVALID), "", value);
    }

    /** The bare value. */
    public Json value() {
        return value;
    }

    /** Another value at the same place: for fields that may be written in two ways. */
    public JsonView with(Json other) {
        return new JsonView(source, path, other);
    }

    /** Where the value stands, as in {@code app.ports[0].name}; empty for the whole text. */
    public String path() {
        return path;
    }

    /**
     * An error at this place, to be thrown.
     *
     * @param reason as in {@code must be absolute}
     */
    public AestusException failure(String reason) {
        return source.failure(path, reason);
    }

    public JsonObject object() {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw failure("must be an object");
    }

    /** The field, which must be there. */
    public JsonView required(String name) {
        return optional(name).orElseThrow(() -> source.failure(below(path, name), "is missing"));
    }

    /** The field, if it is there and not {@code null}. */
    public Optional<JsonView> optional(String name) {
        return object().get(name)
                .filter(field -> field != JsonNull.NULL)
                .map(field -> new JsonView(source, below(path, name), field));
    }

    /** All fields of this object in order, {@code null} ones left out. */
    public SequencedMap<String, JsonView> fields() {
        var fields = new LinkedHashMap<String, JsonView>();
        object().fields().forEach((name, field) -> {
            if (field != JsonNull.NULL) {
                fields.put(name, new JsonView(source, below(path, name), field));
            }
        });
        return Collections.unmodifiableSequencedMap(fields);
    }

    /** The elements of this array. */
    public List<JsonView> elements() {
        if (!(value instanceof JsonArray(var elements))) {
            throw failure("must be an array");
        }
        return IntStream.range(0, elements.size())
                .mapToObj(i -> new JsonView(source, path + "[" + i + "]", elements.get(i)))
                .toList();
    }

    /** The elements of the array in field {@code name}, each read by {@code form}; none if the field is absent. */
    public <T> List<T> list(String name, Function<JsonView, T> form) {
        return optional(name)
                .map(field -> field.elements().stream().map(form).toList())
                .orElse(List.of());
    }

    /** The strings of the array in field {@code name}; none if the field is absent. */
    public List<String> strings(String name) {
        return list(name, JsonView::string);
    }

    /** The field {@code name}, an object of strings; empty if it is absent. */
    public Map<String, String> stringMap(String name) {
        var strings = new LinkedHashMap<String, String>();
        optional(name).ifPresent(field -> field.fields().forEach((key, text) -> strings.put(key, text.string())));
        return Collections.unmodifiableMap(strings);
    }

    public String string() {
        if (value instanceof JsonString(var text)) {
            return text;
        }
        throw failure("must be a string");
    }

    /** The string as {@code parser} understands it; a {@link MalformedException} gets this place in front. */
    public <T> T parsed(Function<String, T> parser) {
        String text = string();
        try {
            return parser.apply(text);
        } catch (MalformedException e) {
            throw failure(e.reason());
        }
    }

    /** The string as one of {@code words}. */
    public <T> T oneOf(Map<String, T> words) {
        String text = string();
        T chosen = words.get(text);
        if (chosen == null) {
            throw failure("must be one of " + String.join(", ", words.keySet()) + ", not " + Quoted.of(text));
        }
        return chosen;
    }

    public boolean bool() {
        if (value instanceof JsonBool(var truth)) {
            return truth;
        }
        throw failure("must be true or false");
    }

    /** The truth in field {@code name}; false if it is absent. */
    public boolean isTrue(String name) {
        return optional(name).map(JsonView::bool).orElse(false);
    }

    /** The whole number from {@code least} to {@code most}, both included. */
    public long whole(long least, long most) {
        if (value instanceof JsonNumber number && number.whole().isPresent()) {
            long whole = number.whole().getAsLong();
            if (whole >= least && whole <= most) {
                return whole;
            }
        }
        throw failure("must be a whole number from " + least + " to " + most);
    }

    /** As {@link #whole(long, long)}, for an {@code int}. */
    public int wholeInt(int least, int most) {
        return (int) whole(least, most);
    }

    /** The time of an RFC 3339 string in UTC, as {@link JsonObject.Builder#put(String, Instant)} writes it. */
    public Instant instant() {
        try {
            return Instant.parse(string());
        } catch (DateTimeException _) {
            throw failure("must be an RFC 3339 time in UTC");
        }
    }

    /** The duration of a whole number of nanoseconds. */
    public Duration nanoseconds() {
        return Duration.ofNanos(whole(0, Long.MAX_VALUE));
    }

    static String below(String path, String name) {
        if (!PLAIN_NAME.matcher(name).matches()) {
            return path + "[" + Quoted.of(name) + "]";
        }
        return path.isEmpty() ? name : path + "." + name;
    }
}
