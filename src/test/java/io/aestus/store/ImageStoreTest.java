package io.aestus.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.Aci;
import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.aci.UnpackLimits;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.Dependency;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Labels;
import io.aestus.linux.Directory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageStoreTest {
    @TempDir
    Path temp;

    private final SteppingClock clock = new SteppingClock();
    private ImageStore store;

    /** A second passes with each look. */
    private static final class SteppingClock extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            now = now.plusSeconds(1);
            return now;
        }
    }

    @BeforeEach
    void open() throws IOException {
        store = ImageStore.open(StoreLayout.of(temp.resolve("node")), clock, Step.Observer.NONE);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private StoredImage put(Aci image, ImageRecord record) throws IOException {
        return put(store, image, record);
    }

    static StoredImage put(ImageStore store, Aci image, ImageRecord record) throws IOException {
        byte[] archive = image.compressed(Compression.GZIP);
        try (StagedImage staged = store.stage()) {
            staged.blob().write(archive);
            staged.writeSignature("signature".getBytes(StandardCharsets.US_ASCII));
            staged.unpack(
                    Compression.open(new ByteArrayInputStream(archive), UnpackLimits.DEFAULT), UnpackLimits.DEFAULT);
            return store.commit(staged, record);
        }
    }

    private StoredImage put(Aci image) throws IOException {
        return put(image, ImageRecord.from("https://example.com/web.aci", List.of("AB12")));
    }

    private static Aci web() {
        return Aci.named("example.com/web").version("1.0").file("bin/web", 04755, new byte[] {1, 2, 3});
    }

    private static Dependency on(String name) {
        return new Dependency(AcIdentifier.parse(name), Optional.empty(), Labels.NONE, OptionalLong.empty());
    }

    private static Dependency on(StoredImage image) {
        return new Dependency(image.manifest().name(), Optional.of(image.id()), Labels.NONE, OptionalLong.empty());
    }

    @Test
    void a_committed_image_is_found_with_all_that_was_said_of_it() throws IOException {
        StoredImage image = put(web());
        assertEquals(web().id(), image.id());
        StoredImage found = store.find(image.id()).orElseThrow();
        assertEquals(image, found);
        assertEquals(List.of("AB12"), found.record().signers());
        assertEquals("https://example.com/web.aci", found.record().origin());
        assertEquals(3, found.record().treeBytes());
        assertArrayEquals(
                new byte[] {1, 2, 3}, Files.readAllBytes(found.rootfs().resolve("bin/web")));
        assertEquals("signature", new String(store.signature(image.id()).orElseThrow(), StandardCharsets.US_ASCII));
        assertEquals(List.of(found), store.list());
    }

    @Test
    void a_snapshot_says_the_same_and_makes_nothing() throws IOException {
        StoredImage image = put(web());
        assertEquals(List.of(image), ImageSnapshot.list(store.layout()));
        store.remove(image.id());
        assertEquals(List.of(), ImageSnapshot.list(store.layout()));
        StoreLayout none = StoreLayout.of(temp.resolve("none"));
        assertEquals(List.of(), ImageSnapshot.list(none));
        assertFalse(Files.exists(none.data()));
    }

    @Test
    void an_image_that_is_not_committed_leaves_nothing() throws IOException {
        try (StagedImage staged = store.stage()) {
            staged.blob().write(1);
            staged.unpack(new ByteArrayInputStream(web().tar()), UnpackLimits.DEFAULT);
        }
        assertEquals(List.of(), store.list());
        assertEquals(List.of(), names(store.layout().staging()));
        assertEquals(List.of(), names(store.layout().blobs()));
    }

    @Test
    void opening_a_store_does_not_sweep_what_a_live_one_is_staging() throws IOException {
        try (StagedImage staged = store.stage()) {
            staged.unpack(new ByteArrayInputStream(web().tar()), UnpackLimits.DEFAULT);
            try (ImageStore other = ImageStore.open(store.layout())) {
                assertEquals(List.of(), other.list());
            }
            store.commit(staged, ImageRecord.from("file", List.of()));
        }
        assertEquals(1, store.list().size());
    }

    @Test
    void the_same_image_again_keeps_its_signers_and_takes_the_new_origin() throws IOException {
        put(web());
        put(web(), ImageRecord.from("https://mirror/web.aci", List.of()).asLatest());
        ImageRecord record = store.list().getFirst().record();
        assertEquals(List.of("AB12"), record.signers());
        assertEquals("https://mirror/web.aci", record.origin());
        assertTrue(record.isLatest());
        assertEquals(1, store.list().size());
        assertEquals(List.of(), names(store.layout().staging()));
    }

    @Test
    void a_name_means_the_newest_import_unless_one_was_fetched_as_latest() throws IOException {
        put(web());
        StoredImage second = put(Aci.named("example.com/web").version("2.0"));
        assertEquals(second, store.find(ImageQuery.parse("example.com/web")).orElseThrow());
        put(web(), ImageRecord.from("again", List.of()).asLatest());
        assertEquals(web().id(), store.resolve("example.com/web").id());
        assertEquals(second, store.resolve("example.com/web:2.0"));
        assertEquals(Optional.empty(), store.find(ImageQuery.parse("example.com/web:2.0,os=linux")));
    }

    @Test
    void directories_that_nobody_describes_may_have_any_name() throws IOException {
        byte[] latin1 = "rootfs/caf\u00e9/50%/x".getBytes(StandardCharsets.ISO_8859_1);
        StoredImage image = put(
                Aci.named("example.com/web").raw(tar -> tar.header(new RawTar.Header("", '0', 0).bytes(0, latin1))));
        assertEquals(List.of("caf\udce9", "caf\udce9/50%"), image.record().impliedDirectories());
        assertEquals(List.of(image), store.list());
        assertEquals(List.of(image.rootfs()), store.layers(image.id()));
        assertTrue(store.verify(image.id()).differences().isEmpty());
        try (Directory root = Directory.open(image.rootfs())) {
            assertEquals(List.of("caf\udce9"), root.list());
        }
    }

    @Test
    void a_record_that_nobody_could_read_again_is_not_written() {
        List<String> implied =
                Stream.generate(() -> "d".repeat(255)).limit(40_000).toList();
        ImageRecord record = ImageRecord.from("x", List.of()).stored(Instant.EPOCH, 0, 0, implied);
        var refusal = assertThrows(AestusException.class, record::toJson);
        assertEquals(Problem.EXHAUSTED, refusal.problem());
        assertTrue(refusal.message().contains("leaves 40000 directories undescribed"), refusal.message());
    }

    @Test
    void a_signed_image_stands_on_signed_ones_if_there_are_any() throws IOException {
        var signed = ImageRecord.from("https://example.com", List.of("AB12"));
        var unsigned = ImageRecord.from("https://example.com", List.of());
        StoredImage base = put(Aci.named("example.com/base").version("1.0"), signed);
        StoredImage unsignedTop = put(
                Aci.named("example.com/dev").manifest(m -> m.withDependencies(List.of(on("example.com/base")))),
                unsigned);
        StoredImage top = put(
                Aci.named("example.com/top").manifest(m -> m.withDependencies(List.of(on("example.com/base")))),
                signed);
        StoredImage newer = put(Aci.named("example.com/base").version("2.0"), unsigned);
        assertEquals(List.of(base.id(), top.id()), layers(top));
        assertEquals(List.of(newer.id(), unsignedTop.id()), layers(unsignedTop));
    }

    @Test
    void no_name_becomes_a_path() throws IOException {
        StoredImage image = put(Aci.named("example.com/a/../../../outside").version("../../../../outside"));
        assertEquals(image, store.resolve("example.com/a/../../../outside"));
        assertEquals(List.of("node"), names(temp), "something lies beside the store");
        assertEquals(List.of(image.id().toString()), names(store.layout().images()));
        assertEquals(List.of(), names(store.layout().staging()));
        try (Stream<Path> all = Files.walk(temp)) {
            assertEquals(
                    List.of(),
                    all.filter(path -> path.getFileName().toString().contains("outside"))
                            .toList());
        }
    }

    @Test
    void a_prefix_means_one_image_or_none() throws IOException {
        StoredImage image = put(web());
        assertEquals(image, store.resolve(image.id().toString().substring(0, 12)));
        var tooShort = assertThrows(AestusException.class, () -> store.resolve("sha512-a"));
        assertEquals(Problem.INVALID, tooShort.problem());
        String other = image.id().hex().startsWith("00") ? "sha512-11" : "sha512-00";
        assertEquals(
                Problem.NOT_FOUND,
                assertThrows(AestusException.class, () -> store.resolve(other)).problem());
        var unknown = assertThrows(AestusException.class, () -> store.resolve("example.com/none"));
        assertEquals(Optional.of("aestus fetch example.com/none"), unknown.remedy());
    }

    @Test
    void layers_come_in_the_order_of_the_specification() throws IOException {
        // A stands on B and C, B on D, C on D: D B D C A, of which the first D is covered.
        put(Aci.named("example.com/d"));
        put(Aci.named("example.com/b").manifest(m -> m.withDependencies(List.of(on("example.com/d")))));
        put(Aci.named("example.com/c").manifest(m -> m.withDependencies(List.of(on("example.com/d")))));
        StoredImage a = put(Aci.named("example.com/a")
                .manifest(m -> m.withDependencies(List.of(on("example.com/b"), on("example.com/c")))));
        List<String> names = layers(a).stream().map(this::nameOf).toList();
        assertEquals(List.of("example.com/b", "example.com/d", "example.com/c", "example.com/a"), names);
    }

    private List<ImageId> layers(StoredImage image) throws IOException {
        return store.layers(image.id()).stream()
                .map(path -> ImageId.parse(path.getParent().getFileName().toString()))
                .toList();
    }

    private String nameOf(ImageId id) {
        try {
            return store.require(id).manifest().name().value();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void a_missing_dependency_is_named() throws IOException {
        StoredImage top =
                put(Aci.named("example.com/a").manifest(m -> m.withDependencies(List.of(on("example.com/gone")))));
        var missing = assertThrows(AestusException.class, () -> store.layers(top.id()));
        assertEquals(Problem.NOT_FOUND, missing.problem());
        assertTrue(missing.message().contains("example.com/gone"), missing.message());
    }

    @Test
    void a_cycle_is_refused() throws IOException {
        put(Aci.named("example.com/a").manifest(m -> m.withDependencies(List.of(on("example.com/b")))));
        StoredImage b = put(Aci.named("example.com/b").manifest(m -> m.withDependencies(List.of(on("example.com/a")))));
        var refused = assertThrows(AestusException.class, () -> store.layers(b.id()));
        assertTrue(refused.message().contains("depends on itself"), refused.message());
    }

    @Test
    void a_pinned_image_cannot_be_removed_and_neither_can_what_it_stands_on() throws IOException {
        StoredImage base = put(Aci.named("example.com/base"));
        StoredImage top = put(web().manifest(m -> m.withDependencies(List.of(on(base)))));
        try (ImagePin pin = store.pin(top.id())) {
            assertEquals(2, pin.layers().size());
            assertEquals(
                    Problem.CONFLICT,
                    assertThrows(AestusException.class, () -> store.remove(base.id()))
                            .problem());
            assertEquals(List.of(), store.gc(Duration.ZERO, Set.of()).images());
        }
        store.remove(base.id());
        assertEquals(
                List.of(top.id()), store.list().stream().map(StoredImage::id).toList());
        assertFalse(Files.exists(store.layout().blob(base.id())));
    }

    @Test
    void an_image_that_a_pod_names_stays_with_all_below_it() throws IOException {
        StoredImage base = put(Aci.named("example.com/base"));
        StoredImage top = put(web().manifest(m -> m.withDependencies(List.of(on("example.com/base")))));
        StoredImage other = put(Aci.named("example.com/other"));
        Path app = store.layout().pods().resolve("11111111-2222-3333-4444-555555555555/apps/web");
        Files.createDirectories(app);
        Files.writeString(app.resolve("app.json"), "{\"image\":\"" + top.id() + "\"}");
        assertEquals(List.of(other.id()), store.gc(Duration.ZERO, Set.of()).images());
        assertThrows(AestusException.class, () -> store.remove(base.id()));
        Files.delete(app.resolve("app.json"));
        assertEquals(2, store.gc(Duration.ZERO, Set.of()).images().size());
        assertEquals(List.of(), names(store.layout().blobs()));
        assertEquals(List.of(), names(store.layout().staging()));
    }

    @Test
    void gc_leaves_what_was_used_within_its_grace() throws IOException {
        StoredImage image = put(web());
        clock.now = clock.now.plus(Duration.ofHours(30));
        store.touch(image.id());
        clock.now = clock.now.plus(Duration.ofHours(20));
        assertEquals(List.of(), store.gc(Duration.ofHours(24), Set.of()).images());
        clock.now = clock.now.plus(Duration.ofHours(5));
        assertEquals(
                List.of(), store.gc(Duration.ofHours(24), Set.of(image.id())).images());
        assertEquals(
                List.of(image.id()), store.gc(Duration.ofHours(24), Set.of()).images());
    }

    @Test
    void an_export_is_the_tar_that_the_id_is_the_hash_of() throws IOException {
        StoredImage image = put(web());
        var out = new ByteArrayOutputStream();
        store.export(image.id(), out);
        assertArrayEquals(web().tar(), out.toByteArray());
    }

    @Test
    void extract_makes_the_image_alone() throws IOException {
        StoredImage image = put(web());
        Path place = Files.createDirectory(temp.resolve("out"));
        try (Directory target = Directory.open(place)) {
            store.extract(image.id(), target);
        }
        assertArrayEquals(store.manifestBytes(image.id()), Files.readAllBytes(place.resolve("manifest")));
        assertTrue(Files.exists(place.resolve("rootfs/bin/web")));
    }

    @Test
    void verify_names_what_was_tampered_with() throws IOException {
        StoredImage image = put(web().file("etc/a", "a").file("etc/b", "b").symlink("etc/l", "a"));
        assertEquals(List.of(), store.verify(image.id()).differences());
        Files.writeString(image.rootfs().resolve("etc/a"), "A");
        Files.delete(image.rootfs().resolve("etc/b"));
        Files.writeString(image.rootfs().resolve("etc/c"), "c");
        String all = String.join("\n", store.verify(image.id()).differences());
        assertTrue(all.contains("'/etc/a' has other content"), all);
        assertTrue(all.contains("'/etc/b' is missing"), all);
        assertTrue(all.contains("'/etc/c' is not in the archive"), all);
        assertFalse(all.contains("'/etc/l'"), all);
    }

    @Test
    void verify_notices_an_archive_that_changed() throws IOException {
        StoredImage image = put(web());
        Files.write(
                store.layout().blob(image.id()), Aci.named("example.com/evil").tar());
        assertTrue(store.verify(image.id()).differences().getFirst().contains("the archive's hash is sha512-"));
    }

    static List<String> names(Path directory) throws IOException {
        try (var names = Files.list(directory)) {
            return names.map(name -> name.getFileName().toString()).sorted().toList();
        }
    }
}
