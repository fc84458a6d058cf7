package io.aestus.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class JsonViewTest {
    private static final JsonView VIEW = JsonReader.read("""
            {"name": "web", "size": 3, "big": 9223372036854775808, "part": 1.0, "on": true, "none": null,
             "list": ["a", 1], "map": {"k": "v", "a b": 1, "gone": null}, "at": "2026-01-02T03:04:05.000000006Z"}
            """.getBytes(StandardCharsets.UTF_8), "record");

    @Test
    void a_value_of_another_type_is_refused_with_its_place() {
        refused("name: must be an object", () -> VIEW.required("name").optional("x"));
        refused("name: must be an array", () -> VIEW.required("name").elements());
        refused("name: must be true or false", () -> VIEW.isTrue("name"));
        refused("name: must be an RFC 3339 time in UTC", () -> VIEW.required("name")
                .instant());
        refused("size: must be a string", () -> VIEW.required("size").string());
        refused("list[1]: must be a string", () -> VIEW.strings("list"));
        refused("map['a b']: must be a string", () -> VIEW.stringMap("map"));
        refused("map.missing: is missing", () -> VIEW.required("map").required("missing"));
        refused("none: is missing", () -> VIEW.required("none"));
        refused("name: must be one of a, not 'web'", () -> VIEW.required("name").oneOf(Map.of("a", 1)));
        refused("name: must be better, not 'web'", () -> VIEW.required("name").parsed(text -> {
            throw new MalformedException("name", text, "must be better");
        }));
    }

    @Test
    void whole_numbers_are_bounded_and_written_as_such() {
        assertEquals(3, VIEW.required("size").whole(0, 3));
        refused("size: must be a whole number from 0 to 2", () -> VIEW.required("size")
                .whole(0, 2));
        refused("size: must be a whole number from 4 to 9", () -> VIEW.required("size")
                .wholeInt(4, 9));
        refused("part: must be a whole number from 0 to 9", () -> VIEW.required("part")
                .whole(0, 9));
        refused("big: must be a whole number from 0 to 9223372036854775807", () -> VIEW.required("big")
                .whole(0, Long.MAX_VALUE));
    }

    @Test
    void null_counts_as_absent() {
        assertEquals(Optional.empty(), VIEW.optional("none"));
        assertFalse(VIEW.isTrue("none"));
        assertEquals(List.of(), VIEW.strings("none"));
        assertEquals(Map.of(), VIEW.stringMap("none"));
        assertEquals(2, VIEW.required("map").fields().size());
    }

    @Test
    void a_builder_writes_what_a_view_reads() {
        var at = Instant.parse("2026-01-02T03:04:05.000000006Z");
        JsonObject object = JsonObject.builder()
                .put("at", at)
                .put("for", Duration.ofMillis(5))
                .put("absent", Optional.empty())
                .put("size", OptionalLong.of(7))
                .put("no-size", OptionalLong.empty())
                .putIfTrue("off", false)
                .putIfTrue("on", true)
                .build();
        assertEquals(
                List.of("at", "for", "size", "on"), List.copyOf(object.fields().keySet()));
        JsonView view = JsonView.of(object, "test");
        assertEquals(at, view.required("at").instant());
        assertEquals(Duration.ofMillis(5), view.required("for").nanoseconds());
        assertTrue(view.isTrue("on"));
    }

    private static void refused(String reason, Executable reading) {
        var e = assertThrows(AestusException.class, reading);
        assertEquals("cannot read record: " + reason, e.message());
    }

    @Test
    void an_optional_value_is_written_as_what_it_is() {
        JsonObject object = JsonObject.builder()
                .put("a", Optional.of(7))
                .put("b", Optional.of(7L))
                .put("c", Optional.of(true))
                .put("d", Optional.of(Duration.ofNanos(9)))
                .put("e", Optional.of("x"))
                .put("f", Optional.of(JsonArray.EMPTY))
                .build();
        assertEquals("{\"a\":7,\"b\":7,\"c\":true,\"d\":9,\"e\":\"x\",\"f\":[]}", JsonWriter.compactText(object));
    }
}
