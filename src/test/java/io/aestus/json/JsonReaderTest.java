package io.aestus.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonReaderTest {
    /** J19, J11: what two readers could understand differently is refused, with its place. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{\"a\":1,\"a\":2}                | cannot read test: a: is there twice",
                "{\"a\":1,\"\\u0061\":2}          | cannot read test: a: is there twice",
                "{\"a\":[{\"b\":1,\"b\":1}]}      | cannot read test: a[0].b: is there twice",
                "{} {}                            | cannot read test: has more text behind its end, at line 1, column 4",
                "[1,]                             | cannot read test: is not JSON, at line 1, column 4",
                "{\"a\":1                         | cannot read test: is not JSON: ends too early, at line 1, column 7",
                "{'a':1}                          | cannot read test: is not JSON, at line 1, column 2",
                "{\"a\":NaN}                      | cannot read test: is not JSON, at line 1, column 9",
                "[01]                             | cannot read test: is not JSON, at line 1, column 3",
                "// c                             | cannot read test: is not JSON, at line 1, column 1",
                "[\"\\u0000\"]                    | cannot read test: [0]: must not contain NUL",
                "{\"a\":{\"b\\u0000\":1}}         | cannot read test: a['b\\u0000']: must not contain NUL",
                "[\"\\ud800\"]                    | cannot read test: [0]: must not contain half a surrogate pair",
                "[1,\"\\ud800\\ud800\"]           | cannot read test: [1]: must not contain half a surrogate pair",
            })
    void ambiguous_text_is_refused(String text, String message) {
        assertEquals(message, refusal(text.getBytes(StandardCharsets.UTF_8)).message());
    }

    @Test
    void nothing_but_utf8_is_read() {
        assertEquals(
                "cannot read test: is not UTF-8",
                refusal(new byte[] {'"', (byte) 0xff, '"'}).message());
        assertEquals(
                "cannot read test: is not UTF-8",
                refusal("{}".getBytes(StandardCharsets.UTF_16)).message());
        assertEquals("cannot read test: is empty", refusal(new byte[0]).message());
        assertEquals(
                "cannot read test: is not JSON, at line 1, column 1",
                refusal("\ufeff{}".getBytes(StandardCharsets.UTF_8)).message());
    }

    @Test
    void depth_is_bounded_and_64_levels_are_read() {
        assertEquals(64, depth(JsonReader.read(nested(64), "test").value()));
        assertEquals(
                "cannot read test: " + "[0]".repeat(53) + "[…: must not be nested deeper than 64",
                refusal(nested(65)).message());
        assertEquals(Problem.INVALID, refusal(nested(100_000)).problem());
    }

    @Test
    void size_is_bounded() {
        byte[] large = ("\"" + "x".repeat(1 << 20) + "\"").getBytes(StandardCharsets.UTF_8);
        assertEquals(
                "cannot read test: must not be longer than 1048576 bytes, has 1048578",
                refusal(large).message());
        var limits = new JsonLimits(large.length, 1);
        assertEquals(1 << 20, JsonReader.read(large, "test", limits).string().length());
    }

    @Test
    void names_that_share_one_hash_are_read_like_any_others() {
        var text = new StringBuilder("{");
        for (int i = 0; i < 1 << 14; i++) {
            for (int bit = 0; bit < 14; bit++) {
                text.append(bit == 0 ? "\"" : "").append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            text.append("\":0,");
        }
        byte[] json = text.append("\"\":0}").toString().getBytes(StandardCharsets.UTF_8);
        assertEquals(
                (1 << 14) + 1, JsonReader.read(json, "test").object().fields().size());
    }

    @Test
    void damage_in_our_own_records_is_corruption() {
        var e = assertThrows(
                AestusException.class, () -> JsonReader.readOwn("{".getBytes(StandardCharsets.UTF_8), "image.json"));
        assertEquals(Problem.CORRUPT, e.problem());
        var record = JsonReader.readOwn("{\"name\":7}".getBytes(StandardCharsets.UTF_8), "image.json");
        var wrong = assertThrows(
                AestusException.class, () -> record.required("name").string());
        assertEquals("cannot read image.json: name: must be a string", wrong.message());
        assertEquals(Problem.CORRUPT, wrong.problem());
    }

    private static byte[] nested(int depth) {
        return ("[".repeat(depth) + "]".repeat(depth)).getBytes(StandardCharsets.UTF_8);
    }

    private static int depth(Json value) {
        return value instanceof JsonArray(var elements)
                ? 1 + elements.stream().mapToInt(JsonReaderTest::depth).max().orElse(0)
                : 0;
    }

    private static AestusException refusal(byte[] text) {
        return assertThrows(AestusException.class, () -> JsonReader.read(text, "test"));
    }
}
