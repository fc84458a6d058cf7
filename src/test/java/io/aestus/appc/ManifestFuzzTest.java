package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Damaged manifests are either refused in one clean line, or mean something that is written and read again. */
class ManifestFuzzTest {
    private static final byte[] IMAGE = resource("image-full.json");
    private static final byte[] POD = resource("pod-full.json");

    /** What stands in for a stretch of the text: the tokens that parsers stumble over. */
    private static final List<String> PATCHES = List.of(
            "",
            "null",
            "\"\"",
            "0",
            "-1",
            "1e999999999",
            "9223372036854775808",
            "[]",
            "{}",
            "\"..\"",
            "\"/..\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "[[[[",
            "{\"name\":",
            ",",
            "\"",
            "\\",
            "\u0000",
            "true");

    @Property(tries = 2000)
    void a_damaged_image_manifest(@ForAll("damage") Damage damage) {
        check(damage.to(IMAGE), json -> ImageManifest.read(json).toBytes());
    }

    @Property(tries = 2000)
    void a_damaged_pod_manifest(@ForAll("damage") Damage damage) {
        check(damage.to(POD), json -> PodManifest.read(json).toBytes());
    }

    private static void check(byte[] json, Function<byte[], byte[]> rewrite) {
        byte[] written;
        try {
            written = rewrite.apply(json);
        } catch (AestusException e) {
            assertTrue(e.message().startsWith("cannot read "), e::message);
            assertEquals(1, e.message().lines().count(), e::message);
            assertTrue(e.message().length() < 1000, e::message);
            return;
        }
        assertArrayEquals(written, rewrite.apply(written), "what was understood is written and understood again");
    }

    /** Some bytes of a text taken away, and others put there. */
    record Damage(double where, int length, String patch) {
        byte[] to(byte[] text) {
            String original = new String(text, StandardCharsets.UTF_8);
            int from = (int) (where * original.length());
            int to = Math.min(original.length(), from + length);
            return (original.substring(0, from) + patch + original.substring(to)).getBytes(StandardCharsets.UTF_8);
        }
    }

    @Provide
    Arbitrary<Damage> damage() {
        return Combinators.combine(
                        Arbitraries.doubles().between(0, 1),
                        Arbitraries.frequencyOf(
                                Tuple.of(3, Arbitraries.integers().between(0, 4)),
                                Tuple.of(1, Arbitraries.integers().between(0, 400))),
                        Arbitraries.of(PATCHES))
                .as(Damage::new);
    }

    private static byte[] resource(String name) {
        try {
            return Files.readAllBytes(Path.of("src/test/resources/appc", name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
