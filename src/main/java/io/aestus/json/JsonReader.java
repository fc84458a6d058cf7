package io.aestus.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Reads one JSON text (RFC 8259, UTF-8, no byte order mark) whole. Refuses what two readers could understand differently:
 * doubled keys, text behind the end, NUL, lone surrogates.
 */
public final class JsonReader {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // no table for hostile names to fill
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNameLength(Integer.MAX_VALUE) // bounded by JsonLimits.bytes
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final int LONGEST_PATH = 160;

    private final JsonView.Source source;
    private final JsonLimits limits;

    private JsonReader(JsonView.Source source, JsonLimits limits) {
        this.source = source;
        this.limits = limits;
    }

    /**
     * Reads what somebody else wrote, within {@link JsonLimits#DEFAULT}.
     *
     * @param what how errors name the text, as in {@code image manifest}
     * @throws AestusException {@link Problem#INVALID}
     */
    public static JsonView read(byte[] text, String what) {
        return read(text, what, JsonLimits.DEFAULT);
    }

    /** As {@link #read(byte[], String)}, within {@code limits}. */
    public static JsonView read(byte[] text, String what, JsonLimits limits) {
        return new JsonReader(new JsonView.Source(what, Problem.INVALID), limits).root(text);
    }

    /**
     * Reads a record that we wrote ourselves, within {@link JsonLimits#DEFAULT}: what is wrong with it is damage.
     *
     * @param what how errors name it, usually its file name
     * @throws AestusException {@link Problem#CORRUPT}, here and from the view that is returned
     */
    public static JsonView readOwn(byte[] text, String what) {
        return readOwn(text, what, JsonLimits.DEFAULT);
    }

    /** As {@link #readOwn(byte[], String)}, within {@code limits}. */
    public static JsonView readOwn(byte[] text, String what, JsonLimits limits) {
        return new JsonReader(new JsonView.Source(what, Problem.CORRUPT), limits).root(text);
    }

    private JsonView root(byte[] text) {
        if (text.length > limits.bytes()) {
            throw source.failure("", "must not be longer than " + limits.bytes() + " bytes, has " + text.length);
        }
        try (JsonParser parser = FACTORY.createParser(characters(text))) {
            if (parser.nextToken() == null) {
                throw source.failure("", "is empty");
            }
            Json value = value(parser, 0);
            if (parser.nextToken() != null) {
                throw source.failure("", "has more text behind its end, at " + place(parser));
            }
            return new JsonView(source, "", value);
        } catch (JsonEOFException e) {
            throw source.failure("", "is not JSON: ends too early, at " + place(e));
        } catch (JsonProcessingException e) {
            throw source.failure("", "is not JSON, at " + place(e));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the text is in memory
        }
    }

    private char[] characters(byte[] text) {
        try {
            var decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            var characters = new char[decoded.remaining()];
            decoded.get(characters);
            return characters;
        } catch (CharacterCodingException _) {
            throw source.failure("", "is not UTF-8");
        }
    }

    private Json value(JsonParser parser, int depth) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> object(parser, deeper(parser, depth));
            case START_ARRAY -> array(parser, deeper(parser, depth));
            case VALUE_STRING -> new JsonString(sound(parser, parser.getText()));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getText());
            case VALUE_TRUE -> new JsonBool(true);
            case VALUE_FALSE -> new JsonBool(false);
            case VALUE_NULL -> JsonNull.NULL;
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("unexpected " + token);
        };
    }

    private Json object(JsonParser parser, int depth) throws IOException {
        var fields = new LinkedHashMap<String, Json>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = sound(parser, parser.currentName());
            if (fields.containsKey(name)) {
                throw failure(parser, "is there twice");
            }
            parser.nextToken();
            fields.put(name, value(parser, depth));
        }
        return new JsonObject(fields);
    }

    private Json array(JsonParser parser, int depth) throws IOException {
        List<Json> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(parser, depth));
        }
        return new JsonArray(elements);
    }

    private int deeper(JsonParser parser, int depth) {
        if (depth == limits.depth()) {
            throw failure(parser, "must not be nested deeper than " + limits.depth());
        }
        return depth + 1;
    }

    /** Text without NUL, which C would cut, and without half a character, which UTF-8 cannot hold. */
    private String sound(JsonParser parser, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw failure(parser, "must not contain NUL");
            }
            if (Character.isSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
                    throw failure(parser, "must not contain half a surrogate pair");
                }
                i++;
            }
        }
        return text;
    }

    /** An error where the parser stands. The path is put together only now: building it for each value would cost more. */
    private AestusException failure(JsonParser parser, String reason) {
        var path = new StringBuilder();
        for (JsonStreamContext at = parser.getParsingContext(); at != null && !at.inRoot(); at = at.getParent()) {
            if (at.inObject() && at.hasCurrentName()) {
                path.insert(0, JsonView.below(".", at.getCurrentName()).substring(1));
            } else if (at.inArray() && at.hasCurrentIndex()) {
                path.insert(0, "[" + at.getCurrentIndex() + "]");
            }
        }
        String shown = path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) + "…" : path.toString();
        return source.failure(shown.startsWith(".") ? shown.substring(1) : shown, reason);
    }

    private static String place(JsonProcessingException e) {
        var at = e.getLocation();
        return "line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    private static String place(JsonParser parser) {
        var at = parser.currentTokenLocation();
        return "line " + at.getLineNr() + ", column " + at.getColumnNr();
    }
}
