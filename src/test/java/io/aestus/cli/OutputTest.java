package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.cli.GlobalOptions.Format;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputTest {
    private record App(String name, int code) {}

    private static final Table<App> APPS = new Table<>(
            List.of(
                    new Table.Column<>("NAME", App::name),
                    new Table.Column<>("CODE", app -> Integer.toString(app.code()))),
            app -> JsonObject.builder()
                    .put("name", Json.of(app.name()))
                    .put("code", Json.of(app.code()))
                    .build(),
            Table.Legend.SHOWN);

    private static String print(Format format, App... apps) {
        var bytes = new ByteArrayOutputStream();
        new Output(format, new PrintStream(bytes, true, StandardCharsets.UTF_8), () -> Window.BOUNDLESS, Ink.PLAIN)
                .print(APPS, List.of(apps));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void text_is_an_aligned_table() {
        assertEquals(
                "NAME     CODE\nsidecar  0\nweb      137\n",
                print(Format.TEXT, new App("sidecar", 0), new App("web", 137)));
    }

    @Test
    void json_is_one_line_and_an_empty_list_is_an_array() {
        assertEquals("[{\"name\":\"web\",\"code\":137}]\n", print(Format.JSON, new App("web", 137)));
        assertEquals("[]\n", print(Format.JSON));
    }

    @Test
    void yaml_keeps_text_text() {
        assertEquals("- name: 'true'\n  code: 7\n", print(Format.YAML, new App("true", 7)));
    }
}
