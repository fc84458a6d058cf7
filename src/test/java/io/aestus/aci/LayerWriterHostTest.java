package io.aestus.aci;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.linux.Directory;
import io.aestus.linux.Xattrs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("host")
class LayerWriterHostTest {
    private static final int CHARACTER_DEVICE = 0020000;

    @TempDir
    Path upper;

    @Test
    void what_an_overlay_deleted_and_hid_becomes_whiteouts() throws Exception {
        Files.createDirectories(upper.resolve("etc/conf.d"));
        Files.writeString(upper.resolve("etc/motd"), "hello");
        Files.createSymbolicLink(upper.resolve("etc/out"), Path.of("/etc/passwd"));
        var out = new ByteArrayOutputStream();
        try (Directory directory = Directory.open(upper)) {
            directory.makeNode("etc/passwd", CHARACTER_DEVICE, 0, 0);
            directory.makeNode("gone", CHARACTER_DEVICE, 0, 0);
            try (Directory hiding = directory.openDirectory("etc/conf.d");
                    Xattrs xattrs = hiding.xattrs(".")) {
                xattrs.set("trusted.overlay.opaque", "y".getBytes(StandardCharsets.US_ASCII));
            }
            LayerWriter.write(directory, out);
        }
        var names = new TreeSet<String>();
        String motd = "";
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName());
                if (entry.getName().equals("./etc/motd")) {
                    motd = new String(tar.readAllBytes(), StandardCharsets.UTF_8);
                }
            }
        }
        assertEquals(
                new TreeSet<>(List.of(
                        "./",
                        "./.wh.gone",
                        "./etc/",
                        "./etc/.wh.passwd",
                        "./etc/conf.d/",
                        "./etc/conf.d/.wh..wh..opq",
                        "./etc/motd",
                        "./etc/out")),
                names);
        assertEquals("hello", motd);
    }
}
