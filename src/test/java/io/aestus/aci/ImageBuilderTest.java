package io.aestus.aci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.ImageManifest;
import io.aestus.linux.Directory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageBuilderTest {
    private static final byte[] MANIFEST =
            ImageManifest.named(AcIdentifier.parse("example.com/built")).toBytes();

    @TempDir
    Path temp;

    private Path source(String name, String... order) throws IOException {
        Path root = Files.createDirectories(temp.resolve(name));
        for (String file : order) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.writeString(root.resolve(file), file);
        }
        Files.createLink(root.resolve("hard"), root.resolve("b/x"));
        Files.createSymbolicLink(root.resolve("soft"), Path.of("/b/x"));
        return root;
    }

    private static byte[] build(Path root, BuildOptions options) throws IOException {
        var out = new ByteArrayOutputStream();
        try (Directory rootfs = Directory.open(root)) {
            BuiltImage built = ImageBuilder.build(MANIFEST, rootfs, options, out);
            assertEquals(
                    ImageArchive.id(new ByteArrayInputStream(out.toByteArray()), UnpackLimits.DEFAULT), built.id());
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void the_same_files_give_the_same_bytes(Compression compression) throws IOException {
        BuildOptions options =
                BuildOptions.DEFAULT.withCompression(compression, 3).withLatest(Instant.ofEpochSecond(1_000_000));
        byte[] one = build(source("one", "a", "b/x", "b/y", "c/" + "n".repeat(150)), options);
        byte[] other = build(source("other", "c/" + "n".repeat(150), "b/y", "b/x", "a"), options);
        assertArrayEquals(one, other);
    }

    @Test
    void what_was_built_unpacks_to_the_same() throws IOException {
        Path root = source("files", "a", "b/x", "b/ü");
        Path out = Files.createDirectories(temp.resolve("out"));
        try (Directory target = Directory.open(out)) {
            Unpacker.unpack(
                    Compression.open(new ByteArrayInputStream(build(root, BuildOptions.DEFAULT)), UnpackLimits.DEFAULT),
                    target,
                    UnpackLimits.DEFAULT);
        }
        assertEquals("b/ü", Files.readString(out.resolve("rootfs/b/ü")));
        assertTrue(Files.isSameFile(out.resolve("rootfs/hard"), out.resolve("rootfs/b/x")));
        assertEquals(Files.getLastModifiedTime(root.resolve("a")), Files.getLastModifiedTime(out.resolve("rootfs/a")));
        assertArrayEquals(MANIFEST, Files.readAllBytes(out.resolve("manifest")));
    }

    @Test
    void a_name_with_doubled_separators_is_not_built() throws IOException {
        byte[] manifest = new String(MANIFEST, StandardCharsets.UTF_8)
                .replace("example.com/built", "example.com/a--b")
                .getBytes(StandardCharsets.UTF_8);
        try (Directory rootfs = Directory.open(temp)) {
            assertThrows(
                    AestusException.class,
                    () -> ImageBuilder.build(manifest, rootfs, BuildOptions.DEFAULT, new ByteArrayOutputStream()));
        }
    }

    @Test
    void a_manifest_is_read_without_the_rest() throws IOException {
        byte[] image = build(source("files", "b/x"), BuildOptions.DEFAULT.withCompression(Compression.NONE, 1));
        byte[] beginning = java.util.Arrays.copyOf(image, 1024);
        assertEquals(
                "example.com/built",
                ImageArchive.manifest(new ByteArrayInputStream(beginning), UnpackLimits.DEFAULT)
                        .name()
                        .value());
    }

    @Test
    void a_valid_image_has_no_findings_and_a_broken_one_says_why() throws IOException {
        byte[] image = build(source("files", "b/x"), BuildOptions.DEFAULT);
        var report = ImageValidator.validate(new ByteArrayInputStream(image), UnpackLimits.DEFAULT);
        assertEquals(List.of(), report.findings());
        var broken = ImageValidator.validate(
                new ByteArrayInputStream(java.util.Arrays.copyOf(image, image.length / 2)), UnpackLimits.DEFAULT);
        assertTrue(!broken.isValid() && broken.findings().getFirst().text().contains("gzip"), broken.toString());
    }
}
