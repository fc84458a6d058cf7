package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.json.JsonReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A14, I1, J1. */
class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        // written, whole rounded up, thousandths rounded up, canonical
        "500m, 1, 500, 500m",
        "0.3, 1, 300, 300m",
        ".5, 1, 500, 500m",
        "1., 1, 1000, 1",
        "+2, 2, 2000, 2",
        "0, 0, 0, 0",
        "-0, 0, 0, 0",
        "16Mi, 16777216, 16777216000, 16Mi",
        "128974848, 128974848, 128974848000, 123Mi",
        "125952Ki, 128974848, 128974848000, 123Mi",
        "1K, 1000, 1000000, 1k",
        "1k, 1000, 1000000, 1k",
        "1.5G, 1500000000, 1500000000000, 1500M",
        "1E, 1000000000000000000, 9223372036854775807, 1E",
        "1E3, 1000, 1000000, 1k",
        "1e-3, 1, 1, 1m",
        "12e2, 1200, 1200000, 1200",
        "1n, 1, 1, 1n",
        "1e-18, 1, 1, 1n",
        "1.0000000001u, 1, 1, 1001n",
        "0.000000000001, 1, 1, 1n",
        "2u, 1, 1, 2u",
        "9223372036854775807, 9223372036854775807, 9223372036854775807, 9223372036854775807",
    })
    void an_amount_is_read_exactly_and_written_in_its_shortest_unit(
            String text, long whole, long milli, String canonical) {
        Quantity quantity = Quantity.parse(text);
        assertEquals(whole, quantity.wholeUp());
        assertEquals(milli, quantity.milliUp());
        assertEquals(canonical, quantity.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "m",
                "Ki",
                "-",
                ".",
                "+",
                "-1",
                "-1m",
                "-0.1",
                "1 Ki",
                " 1",
                "1 ",
                "1KB",
                "1mi",
                "1ki",
                "0x1",
                "1e",
                "1e+",
                "1e19",
                "1e-19",
                "1e2147483648",
                "1e99999999999",
                "10E",
                "8Ei",
                "9223372036854775808",
                "9223372036854775807.1",
                "1_000",
                "1,5",
                "١",
                "NaN",
                "Infinity",
                "1e1Ki",
                "..1",
                "1.2.3"
            })
    void anything_else_is_refused_before_it_is_computed(String text) {
        assertThrows(AestusException.class, () -> Quantity.parse(text));
    }

    @Test
    void a_quantity_of_a_million_digits_is_refused_at_once() {
        String text = "9".repeat(1_000_000);
        assertThrows(AestusException.class, () -> Quantity.parse(text));
    }

    @Test
    void a_bare_number_is_as_good_as_a_string() {
        assertEquals(Quantity.parse("500m"), read("0.5"));
        assertEquals(Quantity.of(1000), read("1e3"));
        var e = assertThrows(AestusException.class, () -> read("1e999999999"));
        assertEquals("cannot read test: must have an exponent from -18 to 18, not '1e999999999'", e.message());
        assertThrows(AestusException.class, () -> read("true"));
    }

    private static Quantity read(String json) {
        return Quantity.read(JsonReader.read(json.getBytes(StandardCharsets.UTF_8), "test"));
    }

    @Property
    void what_is_written_is_read_as_the_same_amount(@ForAll("quantities") Quantity quantity) {
        assertEquals(quantity, Quantity.parse(quantity.toString()));
    }

    @Property
    void adding_is_commutative_and_keeps_the_order(@ForAll("quantities") Quantity a, @ForAll("quantities") Quantity b) {
        assertEquals(a.plus(b), b.plus(a));
        assertTrue(a.plus(b).compareTo(a) >= 0);
        assertEquals(a, a.plus(Quantity.of(0)));
    }

    @Property
    void rounding_goes_up_and_by_less_than_one(@ForAll("quantities") Quantity a) {
        BigDecimal excess = BigDecimal.valueOf(a.wholeUp()).subtract(a.value());
        assertTrue(excess.signum() >= 0 && excess.compareTo(BigDecimal.ONE) < 0, () -> a + " rounds by " + excess);
    }

    @Property
    void units_are_what_they_say(@ForAll @LongRange(min = 0, max = 1_000_000) long count) {
        assertEquals(Quantity.of(count << 10), Quantity.parse(count + "Ki"));
        assertEquals(Quantity.of(count * 1000), Quantity.parse(count + "k"));
        assertEquals(Quantity.ofMilli(count), Quantity.parse(count + "m"));
        assertEquals(Quantity.parse(count + "M"), Quantity.parse(count + "e6"));
    }

    @Provide
    Arbitrary<Quantity> quantities() {
        Arbitrary<String> suffixes =
                Arbitraries.of("", "n", "u", "m", "k", "K", "M", "G", "Ki", "Mi", "Gi", "e-9", "E3");
        return Combinators.combine(Arbitraries.longs().between(0, 1L << 33), suffixes)
                .as((count, suffix) -> count + suffix)
                .filter(text -> !text.endsWith("Gi") || text.length() < 12)
                .map(Quantity::parse);
    }
}
