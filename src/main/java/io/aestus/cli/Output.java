package io.aestus.cli;

import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonBool;
import io.aestus.json.JsonNull;
import io.aestus.json.JsonNumber;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonString;
import io.aestus.json.JsonWriter;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Prints a result in the format that was asked for: as text, or as what a program reads. */
final class Output {
    private final GlobalOptions.Format format;
    private final PrintStream out;
    private final Supplier<Window> window;
    private final Ink ink;

    /** @param window asked for when a table is shown */
    Output(GlobalOptions.Format format, PrintStream out, Supplier<Window> window, Ink ink) {
        this.ink = ink;
        this.format = format;
        this.out = out;
        this.window = window;
    }

    /** Prints one result: {@code text} writes it for people, {@code json} is the same for programs. */
    void print(Json json, Consumer<PrintStream> text) {
        print(() -> json, text);
    }

    /** The same, where making the JSON is work that text should not wait for. */
    void print(Supplier<Json> json, Consumer<PrintStream> text) {
        switch (format) {
            case TEXT -> text.accept(out);
            case JSON -> out.println(JsonWriter.compactText(json.get()));
            case JSON_PRETTY -> out.println(JsonWriter.prettyText(json.get()).stripTrailing());
            case YAML -> out.print(yaml(json.get()));
        }
    }

    /** Prints a list: a table for people, an array for programs. */
    <T> void print(Table<T> table, List<T> rows) {
        print(() -> Json.array(rows, table.json()), to -> table.print(rows, to, window.get(), ink));
    }

    private static String yaml(Json json) {
        var settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setSplitLines(false)
                .build();
        return new Dump(settings).dumpToString(plain(json));
    }

    private static @Nullable Object plain(Json json) {
        return switch (json) {
            case JsonObject object -> {
                var map = new LinkedHashMap<String, @Nullable Object>();
                object.fields().forEach((name, value) -> map.put(name, plain(value)));
                yield map;
            }
            case JsonArray array -> {
                var list = new ArrayList<@Nullable Object>();
                array.elements().forEach(element -> list.add(plain(element)));
                yield list;
            }
            case JsonString string -> string.value();
            case JsonNumber number -> {
                OptionalLong whole = number.whole();
                yield whole.isPresent() ? (Object) whole.getAsLong() : Double.valueOf(number.text());
            }
            case JsonBool bool -> bool.value();
            case JsonNull _ -> null;
        };
    }
}
