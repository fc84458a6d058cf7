package io.aestus.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Writes JSON in one form only: equal trees with equal field order give equal bytes. UTF-8, nothing escaped that need not
 * be, numbers as they were written.
 */
public final class JsonWriter {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final DefaultIndenter INDENTER = new DefaultIndenter("  ", "\n");
    private static final DefaultPrettyPrinter PRETTY = new DefaultPrettyPrinter(Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                    .withObjectEmptySeparator("")
                    .withArrayEmptySeparator(""))
            .withObjectIndenter(INDENTER)
            .withArrayIndenter(INDENTER);

    private JsonWriter() {}

    /** Without any white space: for files and wires. */
    public static byte[] compact(Json value) {
        return bytes(value, false);
    }

    /** Indented by two spaces, ending in a newline: for eyes. */
    public static byte[] pretty(Json value) {
        return bytes(value, true);
    }

    /** {@link #compact} as text. */
    public static String compactText(Json value) {
        return new String(compact(value), StandardCharsets.UTF_8);
    }

    /** {@link #pretty} as text. */
    public static String prettyText(Json value) {
        return new String(pretty(value), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Json value, boolean pretty) {
        var out = new ByteArrayOutputStream();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            if (pretty) {
                generator.setPrettyPrinter(PRETTY.createInstance());
            }
            write(generator, value);
            if (pretty) {
                generator.writeRaw('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a tree that JsonReader would refuse, such as half a surrogate pair
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator out, Json value) throws IOException {
        switch (value) {
            case JsonObject(var fields) -> {
                out.writeStartObject();
                for (Map.Entry<String, Json> field : fields.entrySet()) {
                    out.writeFieldName(field.getKey());
                    write(out, field.getValue());
                }
                out.writeEndObject();
            }
            case JsonArray(var elements) -> {
                out.writeStartArray();
                for (Json element : elements) {
                    write(out, element);
                }
                out.writeEndArray();
            }
            case JsonString(var text) -> out.writeString(text);
            case JsonNumber(var text) -> out.writeNumber(text);
            case JsonBool(var truth) -> out.writeBoolean(truth);
            case JsonNull.NULL -> out.writeNull();
        }
    }
}
