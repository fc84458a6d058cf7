package io.aestus.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class JsonRoundTripTest {
    @Property(tries = 300)
    void what_is_written_is_read_again_and_written_the_same(@ForAll("trees") Json tree) {
        byte[] compact = JsonWriter.compact(tree);
        Json again = JsonReader.read(compact, "test").value();
        assertEquals(tree, again);
        assertArrayEquals(compact, JsonWriter.compact(again), "one tree, one form");
        assertEquals(tree, JsonReader.read(JsonWriter.pretty(tree), "test").value(), "pretty");
    }

    @Provide
    Arbitrary<Json> trees() {
        return tree(3);
    }

    private static Arbitrary<Json> tree(int depth) {
        Arbitrary<String> texts = Arbitraries.strings()
                .withCharRange('\u0001', '\u02ff')
                .withChars('"', '\\', '\u2028', '\ufeff')
                .ofMaxLength(8);
        Arbitrary<Json> leaves = Arbitraries.oneOf(
                texts.map(Json::of),
                Arbitraries.longs().map(Json::of),
                Arbitraries.of("1.50", "-0", "1e999999999", "0.1E-7").map(JsonNumber::new),
                Arbitraries.of(Json.of(true), Json.of(false), JsonNull.NULL));
        if (depth == 0) {
            return leaves;
        }
        Arbitrary<List<Json>> lists =
                Arbitraries.lazy(() -> tree(depth - 1)).list().ofMaxSize(4);
        return Arbitraries.oneOf(
                leaves,
                lists.map(JsonArray::new),
                Combinators.combine(lists, texts.list().ofMinSize(4).ofMaxSize(4))
                        .as(JsonRoundTripTest::object));
    }

    private static Json object(List<Json> values, List<String> names) {
        var fields = new LinkedHashMap<String, Json>();
        for (int i = 0; i < values.size(); i++) {
            fields.put(names.get(i), values.get(i));
        }
        return new JsonObject(fields);
    }

    @Test
    void the_two_forms_are_these() {
        Json tree = JsonObject.builder()
                .put("b", "ä\n\u0007")
                .put("a", Json.array(Json.of(1), JsonArray.EMPTY, JsonObject.EMPTY))
                .build();
        assertEquals("{\"b\":\"ä\\n\\u0007\",\"a\":[1,[],{}]}", JsonWriter.compactText(tree));
        assertEquals("""
                {
                  "b": "ä\\n\\u0007",
                  "a": [
                    1,
                    [],
                    {}
                  ]
                }
                """, JsonWriter.prettyText(tree));
    }
}
