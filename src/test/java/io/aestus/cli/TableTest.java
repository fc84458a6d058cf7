package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private static String print(Window window) {
        var table = new Table<String[]>(
                List.of(new Table.Column<>("ID", row -> row[0]), new Table.Column<>("IMAGE NAME", row -> row[1])),
                row -> Json.of(row[0]),
                Table.Legend.SHOWN);
        var bytes = new ByteArrayOutputStream();
        table.print(
                List.of(new String[] {"5d0f1a2b", "example.com/shop/web"}, new String[] {"7c11aa00", "a"}),
                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                window,
                Ink.PLAIN);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void colours_take_no_room() {
        var table = new Table<String>(
                List.of(
                        new Table.Column<>("STATE", row -> row, _ -> Ink.Tone.BAD),
                        new Table.Column<>("NAME", _ -> "web")),
                Json::of,
                Table.Legend.HIDDEN);
        var bytes = new ByteArrayOutputStream();
        table.print(
                List.of("exited", "up"),
                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                Window.BOUNDLESS,
                Ink.COLOURED);
        assertEquals(
                "\u001b[31mexited\u001b[0m  web\n\u001b[31mup\u001b[0m      web\n",
                bytes.toString(StandardCharsets.UTF_8));
    }

    @Test
    void where_nobody_watches_nothing_is_cut() {
        assertEquals("""
                ID        IMAGE NAME
                5d0f1a2b  example.com/shop/web
                7c11aa00  a
                """, print(Window.BOUNDLESS));
    }

    @Test
    void the_widest_column_gives_way_to_a_narrow_window() {
        assertEquals("""
                ID        IMAGE NAME
                5d0f1a2b  example.c…
                7c11aa00  a
                """, print(new Window(20, 100)));
    }

    @Test
    void no_column_vanishes_and_no_line_is_below_the_window() {
        assertEquals("""
                ID      IMAGE…
                5d0f1…  examp…
                """, print(new Window(3, 3)));
    }
}
