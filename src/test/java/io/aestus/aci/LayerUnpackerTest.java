package io.aestus.aci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.AestusException;
import io.aestus.linux.Directory;
import io.aestus.linux.FileStatus;
import io.aestus.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Layers: what they add and take away, and what they may not. */
class LayerUnpackerTest {
    @TempDir
    Path temp;

    @BeforeEach
    void needsRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root makes marks for overlays");
    }

    private UnpackedLayer unpack(RawTar tar) throws IOException {
        byte[] bytes = tar.end().bytes();
        try (Directory target = Directory.open(temp)) {
            return LayerUnpacker.unpack(
                    new ByteArrayInputStream(bytes),
                    target,
                    UnpackLimits.DEFAULT,
                    Digest.sha256(bytes).begin());
        }
    }

    private List<String> compare(RawTar tar) throws IOException {
        byte[] bytes = tar.end().bytes();
        try (Directory target = Directory.open(temp)) {
            return TreeComparison.compareLayer(
                            new ByteArrayInputStream(bytes),
                            target,
                            UnpackLimits.DEFAULT,
                            Digest.sha256(bytes).begin())
                    .differences();
        }
    }

    private boolean isMark(String path) throws IOException {
        try (Directory root = Directory.open(temp.resolve("rootfs"))) {
            return root.find(path)
                    .filter(FileStatus::isCharacterDevice)
                    .filter(status -> status.specialMajor() == 0 && status.specialMinor() == 0)
                    .isPresent();
        }
    }

    private boolean isOpaque(String path) throws IOException {
        try (Directory root = Directory.open(temp.resolve("rootfs"))) {
            return TreeWriter.isOpaque(root, path);
        }
    }

    private static RawTar takingAway() {
        return new RawTar()
                .directory("etc")
                .file("etc/.wh.motd", "")
                .directory("var")
                .directory("var/cache")
                .file("var/cache/.wh..wh..opq", "")
                .file("var/cache/.wh.gone", "")
                .file("var/cache/new", "new")
                .file("usr/lib/.wh.old", "")
                .file(".wh.replaced", "")
                .directory("replaced")
                .file("replaced/inside", "x")
                .file("same", "same")
                .file(".wh.same", "")
                .file(".wh..wh.aufs", "");
    }

    @Test
    void what_a_layer_takes_away_is_marked_as_an_overlay_understands_it() throws IOException {
        UnpackedLayer layer = unpack(takingAway());
        assertTrue(isMark("etc/motd"));
        assertTrue(isMark("usr/lib/old"));
        assertTrue(isOpaque("var/cache"));
        assertFalse(isMark("var/cache/gone"), "a mark in an opaque directory would be seen");
        assertTrue(isOpaque("replaced"), "a directory that replaces another hides what that had");
        assertEquals("same", Files.readString(temp.resolve("rootfs/same")), "only lower layers lose a file");
        assertEquals(List.of("etc/motd", "usr/lib/old", "replaced", "same"), layer.whiteouts());
        assertEquals(List.of("var/cache"), layer.opaque());
        assertEquals(List.of("", "usr", "usr/lib"), layer.impliedDirectories());
        assertEquals(List.of(), layer.notes());
        assertEquals(List.of(), compare(takingAway()));
    }

    @Test
    void a_mark_that_was_removed_is_noticed() throws IOException {
        unpack(takingAway());
        Files.delete(temp.resolve("rootfs/etc/motd"));
        Files.writeString(temp.resolve("rootfs/same"), "SAME");
        assertEquals(
                List.of("'/same' has other content", "'/etc/motd' no longer hides what is below"),
                compare(takingAway()).stream()
                        .filter(line -> !line.contains("was modified"))
                        .toList());
    }

    @Test
    void a_directory_may_be_described_twice_and_a_link_lead_to_the_root_of_the_layer() throws IOException {
        var tar = new RawTar()
                .directory("a")
                .header(new RawTar.Header("a", '5', 0).mode(01777))
                .file("b", "b")
                .hardLink("c", "/b");
        unpack(tar);
        try (Directory root = Directory.open(temp.resolve("rootfs"))) {
            assertEquals(01777, root.status("a").permissions());
            assertTrue(root.status("c").isSameFile(root.status("b")));
        }
    }

    private record Case(String name, RawTar tar, String reason) {}

    private static List<Case> hostile() {
        return List.of(
                new Case("climbs", new RawTar().file("a/../../x", "x"), "'a/../../x' leaves the image"),
                new Case("absolute", new RawTar().file("/etc/passwd", "x"), "has an absolute name"),
                new Case(
                        "through a link",
                        new RawTar().symlink("etc", "/etc").file("etc/passwd", "x"),
                        "passes through the link 'etc'"),
                new Case(
                        "a whiteout through a link",
                        new RawTar().symlink("etc", "/etc").file("etc/.wh.passwd", ""),
                        "passes through the link 'etc'"),
                new Case("a whiteout that climbs", new RawTar().file("../.wh.x", ""), "'../.wh.x' leaves the image"),
                new Case("a whiteout of nothing", new RawTar().file("a/.wh.", ""), "takes away a file without a name"),
                new Case("a whiteout of ..", new RawTar().file("a/.wh...", ""), "takes away a file without a name"),
                new Case("a whiteout of .", new RawTar().file("a/.wh..", ""), "takes away a file without a name"),
                new Case(
                        "a link to a whiteout",
                        new RawTar().file(".wh.x", "").hardLink("y", ".wh.x"),
                        "'y' is a hard link to '.wh.x', which no earlier entry made"),
                new Case(
                        "a link to a lower layer",
                        new RawTar().hardLink("y", "etc/passwd"),
                        "which no earlier entry made"),
                new Case("twice", new RawTar().file("x", "1").file("x", "2"), "'x' appears twice"),
                new Case("a directory, then a file", new RawTar().directory("x").file("x", "2"), "'x' appears twice"),
                new Case("a root that is a file", new RawTar().symlink("./", "/"), "'./' "));
    }

    @TestFactory
    Stream<DynamicTest> a_hostile_layer_is_refused_and_leaves_nothing() {
        return hostile().stream()
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> {
                    var failure = assertThrows(AestusException.class, () -> unpack(each.tar()));
                    assertTrue(failure.getMessage().contains(each.reason()), failure.getMessage());
                    assertFalse(Files.exists(temp.resolve("rootfs")));
                }));
    }

    @Test
    void devices_and_attributes_that_speak_to_the_host_are_left_out() throws IOException {
        var tar = new RawTar()
                .header(new RawTar.Header("null", '3', 0).octal(329, 8, 1).octal(337, 8, 3))
                .header(new RawTar.Header("mark", '3', 0).octal(329, 8, 0).octal(337, 8, 0))
                .pax("SCHILY.xattr.trusted.overlay.opaque=y")
                .directory("d");
        UnpackedLayer layer = unpack(tar);
        try (var files = Files.list(temp.resolve("rootfs"))) {
            assertEquals(
                    List.of("d"),
                    files.map(file -> file.getFileName().toString()).toList());
        }
        assertFalse(isOpaque("d"));
        assertEquals(3, layer.notes().size(), layer.notes().toString());
    }
}
