package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.json.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Manifests with every field, and the canonical form they are written in. Run with {@code -Daestus.golden=rewrite} to
 * write the expected files anew; then read the difference.
 */
class ManifestGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/appc");

    @ParameterizedTest
    @ValueSource(strings = {"image-full", "image-least", "pod-full", "pod-template"})
    void a_manifest_is_written_in_its_canonical_form(String name) throws IOException {
        byte[] input = Files.readAllBytes(GOLDEN.resolve(name + ".json"));
        String written = JsonWriter.prettyText(
                name.startsWith("image")
                        ? ImageManifest.read(input).toJson()
                        : PodManifest.read(input).toJson());
        Path expected = GOLDEN.resolve(name + ".canonical.json");
        if (System.getProperty("aestus.golden", "").equals("rewrite")) {
            Files.writeString(expected, written);
        }
        assertEquals(Files.readString(expected), written);
        byte[] again = written.getBytes(StandardCharsets.UTF_8);
        if (name.startsWith("image")) {
            assertEquals(ImageManifest.read(input), ImageManifest.read(again), "the canonical form means the same");
        } else {
            assertEquals(PodManifest.read(input), PodManifest.read(again), "the canonical form means the same");
        }
    }
}
