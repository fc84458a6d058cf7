package io.aestus.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.aci.UnpackLimits;
import io.aestus.linux.Directory;
import io.aestus.oci.Content;
import io.aestus.oci.Digest;
import io.aestus.oci.OciBuild;
import io.aestus.oci.OciReference;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** OCI images among the others: layers shared, names moved, all collected. */
class OciImagesTest extends StoreForLayers {
    private static OciReference name(String text) {
        return OciReference.parse(text);
    }

    private StoredImage put(OciBuild image, String... names) throws IOException {
        return put(store, image, names);
    }

    private static RawTar base() {
        return new RawTar()
                .directory("etc")
                .file("etc/motd", "welcome")
                .directory("usr")
                .directory("usr/lib");
    }

    private List<String> layersOnDisk() throws IOException {
        try (var files = Files.list(store.layout().data().resolve("layers"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void images_share_a_layer_and_it_goes_with_the_last_of_them() throws IOException {
        StoredImage one = put(new OciBuild().layer(base()).layer(new RawTar().file("a", "a")), "one");
        StoredImage two = put(new OciBuild().layer(base()).layer(new RawTar().file("b", "b")), "two");
        assertEquals(3, layersOnDisk().size());
        assertEquals(
                List.of(store.layers(one.id()).getFirst()),
                List.of(store.layers(two.id()).getFirst()));
        assertEquals(2, store.layers(one.id()).size());
        store.remove(one.id());
        assertEquals(2, layersOnDisk().size());
        assertEquals(Optional.empty(), store.oci().find(name("one")));
        GcReport report = store.gc(Duration.ZERO.minusSeconds(60), Set.of());
        assertEquals(List.of(two.id()), report.images());
        assertTrue(report.bytes() > 0);
        assertEquals(List.of(), layersOnDisk());
        try (var files = Files.list(store.layout().references())) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void the_id_is_the_hash_of_the_configuration_whatever_the_compression() throws IOException {
        var gzip = new OciBuild().layer(base(), Compression.GZIP);
        var zstd = new OciBuild().layer(base(), Compression.ZSTD);
        assertEquals(put(gzip, "one").id(), put(zstd, "two").id());
        StoredImage image = store.oci().find(name("two")).orElseThrow();
        assertEquals(OciImages.idOf(gzip.config()), image.id());
        assertEquals(
                List.of("docker.io/library/one:latest", "docker.io/library/two:latest"),
                image.references().stream().map(Object::toString).toList());
        assertEquals(image, store.oci().find(Digest.sha256(gzip.config())).orElseThrow());
        assertEquals(image, store.resolve("docker://one"));
        assertEquals(image, store.resolve("docker.io/library/one:latest"));
        assertEquals(image, store.resolve("one"));
        assertEquals(List.of(image), ImageSnapshot.list(store.layout()));
    }

    @Test
    void a_tag_that_moves_on_leaves_the_image_without_a_name() throws IOException {
        StoredImage old = put(new OciBuild().layer(base()).runs("\"Cmd\":[\"a\"]"), "web:1");
        StoredImage fresh = put(new OciBuild().layer(base()).runs("\"Cmd\":[\"b\"]"), "web:1");
        assertEquals(fresh.id(), store.oci().find(name("web:1")).orElseThrow().id());
        assertEquals(List.of(), store.require(old.id()).references());
        assertEquals("<none>", store.require(old.id()).shownName());
        assertTrue(store.oci().forget(name("web:1")));
        assertFalse(store.oci().forget(name("web:1")));
    }

    @Test
    void an_image_is_compared_with_what_it_came_as() throws IOException {
        var build = new OciBuild().layer(base()).layer(new RawTar().file("etc/.wh.motd", ""));
        StoredImage image = put(build, "web");
        assertEquals(List.of(), store.verify(image.id()).differences());
        Files.writeString(store.layers(image.id()).getFirst().resolve("etc/motd"), "changed");
        var differences = store.verify(image.id()).differences();
        assertTrue(
                differences.toString().contains("'/etc/motd' is 7 bytes long")
                        || differences.toString().contains("'/etc/motd' has other content"),
                differences.toString());
    }

    @Test
    void what_is_exported_is_a_layout_with_the_manifest_by_which_it_came() throws IOException {
        var build = new OciBuild().layer(base(), Compression.ZSTD);
        StoredImage image = put(build, "web:1");
        var out = new ByteArrayOutputStream();
        store.export(image.id(), out);
        Path dir = Files.createDirectory(temp.resolve("out"));
        try (Directory into = Directory.open(dir)) {
            io.aestus.aci.TreeCopy.fromTar(
                    new ByteArrayInputStream(out.toByteArray()), into, UnpackLimits.DEFAULT, io.aestus.aci.Owners.ROOT);
        }
        String index = Files.readString(dir.resolve("index.json"));
        assertTrue(index.contains(build.descriptor().digest().toString()), index);
        assertTrue(index.contains("docker.io/library/web:1"), index);
        for (var content : build.contents().entrySet()) {
            assertArrayEquals(
                    content.getValue(),
                    Files.readAllBytes(
                            dir.resolve("blobs/sha256").resolve(content.getKey().hex())));
        }
    }

    private String rendered(StoredImage image, String path) throws IOException {
        List<Path> layers = store.layers(image.id());
        assertEquals(1, layers.size(), "an overlay would not show this right");
        return new String(Files.readAllBytes(layers.getFirst().resolve(path)), StandardCharsets.UTF_8);
    }

    @Test
    void a_directory_that_is_only_implied_does_not_replace_the_link_below() throws IOException {
        StoredImage image = put(
                new OciBuild()
                        .layer(base().symlink("lib", "usr/lib")
                                .symlink("abs", "/usr/lib")
                                .file("usr/lib/old", "old"))
                        .layer(new RawTar()
                                .file("lib/new", "new")
                                .file("abs/.wh.old", "")
                                .file("abs/deep/file", "deep")),
                "merged");
        assertEquals("new", rendered(image, "usr/lib/new"));
        assertEquals("deep", rendered(image, "usr/lib/deep/file"));
        Path root = store.layers(image.id()).getFirst();
        assertFalse(Files.exists(root.resolve("usr/lib/old")));
        assertTrue(Files.isSymbolicLink(root.resolve("lib")));
    }

    @Test
    void a_link_that_leads_out_is_followed_inside_or_not_at_all() throws IOException {
        StoredImage image = put(
                new OciBuild()
                        .layer(new RawTar()
                                .symlink("up", "../../../../tmp")
                                .symlink("loop", "loop2")
                                .symlink("loop2", "loop"))
                        .layer(new RawTar().file("up/x", "x").file("loop/y", "y")),
                "evil");
        assertEquals("x", rendered(image, "up/x"), "there is no /tmp inside, so the link gives way");
        assertEquals("y", rendered(image, "loop/y"));
    }

    @Test
    void a_directory_that_is_only_implied_keeps_the_mode_that_a_lower_layer_gave_it() throws IOException {
        StoredImage image = put(
                new OciBuild()
                        .layer(new RawTar().header(new RawTar.Header("tmp", '5', 0).mode(01777)))
                        .layer(new RawTar().file("tmp/x", "x")),
                "tmp");
        assertEquals("x", rendered(image, "tmp/x"));
        try (Directory root = Directory.open(store.layers(image.id()).getFirst())) {
            assertEquals(01777, root.status("tmp").permissions());
        }
    }

    @Test
    void a_layer_that_takes_away_what_nobody_has_shows_no_trace_of_it() throws IOException {
        StoredImage image = put(
                new OciBuild()
                        .layer(base())
                        .layer(new RawTar()
                                .directory("new")
                                .file("new/.wh.ghost", "")
                                .file("new/x", "x")),
                "ghost");
        assertEquals("x", rendered(image, "new/x"));
        try (Directory root = Directory.open(store.layers(image.id()).getFirst())) {
            assertEquals(List.of("x"), root.openDirectory("new").list());
        }
    }

    @Test
    void an_opaque_root_hides_all_that_is_below() throws IOException {
        StoredImage image = put(
                new OciBuild()
                        .layer(base())
                        .layer(new RawTar().file(".wh..wh..opq", "").file("x", "x")),
                "opaque");
        List<Path> layers = store.layers(image.id());
        assertEquals(1, layers.size());
        assertFalse(Files.exists(layers.getFirst().resolve("etc")));
    }

    @Test
    void a_layer_that_is_there_twice_is_stacked_once() throws IOException {
        StoredImage image = put(
                new OciBuild().layer(base()).layer(new RawTar().file("x", "x")).layer(base()), "twice");
        List<Path> layers = store.layers(image.id());
        assertEquals(2, layers.size());
        assertTrue(Files.exists(layers.getLast().resolve("etc/motd")));
    }

    @Test
    void a_missing_layer_makes_no_image() {
        var build = new OciBuild().layer(base());
        var arrival = new OciImages.Arrival(Content.of(build.config()), Optional.empty(), List.of());
        var failure = assertThrows(
                AestusException.class, () -> store.oci().commit(arrival, ImageRecord.from("x", List.of())));
        assertEquals(Problem.CORRUPT, failure.problem());
    }

    @Test
    void disk_use_counts_a_shared_layer_once() throws IOException {
        put(new OciBuild().layer(base()).layer(new RawTar().file("a", "a".repeat(100_000))), "one");
        long before = store.diskUse().total();
        put(
                new OciBuild()
                        .layer(base())
                        .layer(new RawTar().file("a", "a".repeat(100_000)))
                        .runs("\"Cmd\":[\"x\"]"),
                "two");
        assertTrue(store.diskUse().total() - before < 100_000);
        assertEquals(2, store.diskUse().images().size());
    }

    @Test
    void a_layer_of_two_images_takes_its_place_once() throws IOException {
        var lower = new RawTar().file("large", "x".repeat(1 << 20));
        StoredImage first = put(new OciBuild().layer(lower, Compression.NONE), "example.com/a:1");
        DiskTotal alone = store.use();
        StoredImage second = put(
                new OciBuild()
                        .layer(new RawTar().file("large", "x".repeat(1 << 20)), Compression.NONE)
                        .layer(new RawTar().file("small", "x")),
                "example.com/b:1");
        DiskTotal both = store.use();
        assertTrue(alone.bytes() > 2 << 20, alone + ": an archive and a file");
        assertTrue(both.bytes() - alone.bytes() < 1 << 20, both + " after " + alone);
        assertTrue(both.inodes() > alone.inodes(), both + " after " + alone);
        store.remove(second.id());
        assertEquals(alone, store.use());
        store.remove(first.id());
        assertEquals(new DiskTotal(0, 0), store.use());
    }
}
