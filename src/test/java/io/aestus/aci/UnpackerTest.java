package io.aestus.aci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.aci.RawTar.Header;
import io.aestus.linux.Directory;
import io.aestus.linux.FileStatus;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnpackerTest {
    @TempDir
    Path temp;

    private UnpackedImage unpack(byte[] archive) throws IOException {
        return unpack(archive, UnpackLimits.DEFAULT);
    }

    private UnpackedImage unpack(byte[] archive, UnpackLimits limits) throws IOException {
        try (Directory target = Directory.open(temp)) {
            return Unpacker.unpack(Compression.open(new ByteArrayInputStream(archive), limits), target, limits);
        }
    }

    private Path root() {
        return temp.resolve("rootfs");
    }

    private FileStatus status(String path) throws IOException {
        try (Directory root = Directory.open(root())) {
            return root.status(path);
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void the_id_is_that_of_the_tar_however_it_is_compressed(Compression compression) throws IOException {
        Aci image = Aci.named("example.com/web").file("bin/web", "web");
        UnpackedImage unpacked = unpack(image.compressed(compression));
        assertEquals(image.id(), unpacked.id());
        assertEquals("example.com/web", unpacked.manifest().name().value());
        assertEquals("web", Files.readString(root().resolve("bin/web")));
        assertEquals(List.of("bin"), unpacked.impliedDirectories());
    }

    @Test
    void all_members_of_a_gzip_file_are_read() throws IOException {
        byte[] tar = Aci.named("example.com/web").file("x", "x").tar();
        var joined = new ByteArrayOutputStream();
        for (byte[] half :
                List.of(java.util.Arrays.copyOf(tar, 700), java.util.Arrays.copyOfRange(tar, 700, tar.length))) {
            try (var member = Compression.GZIP.compress(new UnclosedOutputStream(joined), 6)) {
                member.write(half);
            }
        }
        assertEquals(Aci.id(tar), unpack(joined.toByteArray()).id());
    }

    @Test
    void zeros_behind_the_end_belong_to_the_id() throws IOException {
        byte[] tar = new RawTar()
                .raw(Aci.named("example.com/web").tar())
                .raw(new byte[9728])
                .bytes();
        assertEquals(Aci.id(tar), unpack(tar).id());
    }

    @Test
    void modes_owners_and_times_are_kept_to_the_bit() throws IOException {
        assumeTrue(status0() == 0, "needs root to give files away");
        unpack(Aci.named("example.com/web")
                .raw(tar -> tar.pax("mtime=1700000000.123456789", "uid=4000000000", "gid=7")
                        .header(new Header("rootfs/su", '0', 0).mode(06755))
                        .pax("mtime=-1.5")
                        .header(new Header("rootfs/d", '5', 0).mode(03700))
                        .file("rootfs/d/x", "x"))
                .tar());
        FileStatus file = status("su");
        assertEquals(06755, file.permissions());
        assertEquals("4000000000:7", Integer.toUnsignedString(file.uid()) + ":" + file.gid());
        assertEquals(Instant.ofEpochSecond(1_700_000_000, 123_456_789), file.modified());
        assertEquals(03700, status("d").permissions());
        assertEquals(Instant.ofEpochSecond(-2, 500_000_000), status("d").modified());
    }

    private int status0() throws IOException {
        try (Directory here = Directory.open(temp)) {
            return here.fd().status().uid();
        }
    }

    @Test
    void links_are_kept_as_links() throws IOException {
        unpack(Aci.named("example.com/web")
                .file("a", "a")
                .hardLink("b", "a")
                .symlink("l", "../../etc/passwd")
                .hardLink("m", "l")
                .tar());
        assertTrue(Files.isSameFile(root().resolve("a"), root().resolve("b")));
        assertEquals(
                "../../etc/passwd", Files.readSymbolicLink(root().resolve("m")).toString());
    }

    @Test
    void devices_are_left_out_and_reported_unless_allowed() throws IOException {
        UnpackedImage image = unpack(Aci.named("example.com/web")
                .raw(tar -> tar.header(new Header("rootfs/null", '3', 0)
                                .octal(329, 8, 1)
                                .octal(337, 8, 3))
                        .hardLink("rootfs/zero", "rootfs/null")
                        .header(new Header("rootfs/pipe", '6', 0)))
                .tar());
        assertEquals(
                List.of("left out: a device, entry of 'null'", "left out: a link to a device, entry of 'zero'"),
                image.notes());
        assertTrue(status("pipe").isPipe());
    }

    @Test
    void capabilities_and_user_attributes_stay_and_others_are_reported() throws IOException {
        byte[] capability = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        UnpackedImage image = unpack(Aci.named("example.com/web")
                .raw(tar -> tar.pax(
                                "SCHILY.xattr.security.capability="
                                        + new String(capability, StandardCharsets.ISO_8859_1),
                                "SCHILY.xattr.trusted.overlay.opaque=y",
                                "SCHILY.xattr.user.overlay.opaque=y",
                                "SCHILY.xattr.security.selinux=x")
                        .file("rootfs/ping", "x"))
                .tar());
        List<String> dropped = image.notes().stream()
                .filter(note -> note.startsWith("dropped"))
                .toList();
        assertEquals(3, dropped.size(), image.notes().toString());
        try (Directory root = Directory.open(root());
                var xattrs = root.xattrs("ping")) {
            var kept = xattrs.get("security.capability");
            assertTrue(kept.isPresent() || image.notes().toString().contains("security.capability"));
            kept.ifPresent(value -> assertArrayEquals(capability, value));
        }
    }

    @Test
    void names_that_are_no_utf8_survive() throws IOException {
        byte[] name = {'r', 'o', 'o', 't', 'f', 's', '/', (byte) 0xe9};
        unpack(Aci.named("example.com/web")
                .raw(tar -> tar.header(new Header("", '0', 0).bytes(0, name)))
                .tar());
        try (Directory root = Directory.open(root())) {
            assertEquals(List.of("\udce9"), root.list());
        }
    }

    /** GNU tar writes the bytes of a name as they are, in old headers and in new ones. */
    @ParameterizedTest
    @ValueSource(strings = {"gnu", "pax", "ustar"})
    void names_in_another_charset_are_read_from_gnu_tar(String format) throws IOException, InterruptedException {
        Path source = Files.createDirectories(temp.resolve("source"));
        Files.write(
                source.resolve("manifest"),
                io.aestus.appc.ImageManifest.named(io.aestus.appc.AcIdentifier.parse("example.com/latin"))
                        .toBytes());
        String longName = "\udcfc".repeat(format.equals("ustar") ? 90 : 120);
        try (Directory top = Directory.open(source)) {
            top.makeDirectory("rootfs", 0755);
            top.makeDirectory("rootfs/caf\udce9", 0755);
            top.createFile("rootfs/caf\udce9/" + longName, 0644).close();
            top.makeSymbolicLink("rootfs/link", "caf\udce9");
        }
        Path archive = temp.resolve("latin.tar");
        run(("tar -C " + source + " --format=" + format + " -cf " + archive + " manifest rootfs").split(" ", -1));
        unpack(Files.readAllBytes(archive));
        try (Directory root = Directory.open(root())) {
            assertEquals(
                    List.of("caf\udce9", "link"), root.list().stream().sorted().toList());
            assertEquals("caf\udce9", root.readLink("link"));
        }
        try (Directory inner = Directory.open(root()).openDirectory("caf\udce9")) {
            assertEquals(List.of(longName), inner.list());
        }
    }

    /** What GNU tar writes of a tree with long names, sparse files and odd times is read as GNU tar reads it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=gnu",
                "--format=pax",
                "--format=ustar",
                "--format=pax --sparse",
                "--format=gnu --sparse",
                "--format=pax --sparse --sparse-version=0.0",
                "--format=pax --sparse --sparse-version=0.1"
            })
    void archives_of_gnu_tar_are_read(String options) throws IOException, InterruptedException {
        Path source = Files.createDirectories(temp.resolve("source/rootfs"));
        Files.writeString(
                temp.resolve("source/manifest"),
                new String(
                        io.aestus.appc.ImageManifest.named(io.aestus.appc.AcIdentifier.parse("example.com/gnu"))
                                .toBytes(),
                        StandardCharsets.UTF_8));
        Path deep = Files.createDirectories(source.resolve("d".repeat(60) + "/" + "e".repeat(60)));
        Files.writeString(deep.resolve("f".repeat(options.contains("ustar") ? 60 : 150)), "deep");
        try (var sparse = java.nio.channels.FileChannel.open(
                source.resolve("sparse"),
                java.nio.file.StandardOpenOption.CREATE_NEW,
                java.nio.file.StandardOpenOption.WRITE)) {
            for (int i = 1; i < 60; i++) {
                sparse.write(java.nio.ByteBuffer.wrap(new byte[] {(byte) i}), i * 100_000L);
            }
        }
        Files.setLastModifiedTime(source.resolve("sparse"), FileTime.from(Instant.ofEpochSecond(5)));
        Path archive = temp.resolve("gnu.tar");
        run(("tar -C " + temp.resolve("source") + " " + options + " -cf " + archive + " manifest rootfs")
                .split(" ", -1));
        byte[] bytes = Files.readAllBytes(archive);
        assertEquals(Aci.id(bytes), unpack(bytes).id());
        run("diff", "-r", source.toString(), root().toString());
        assertEquals(Instant.ofEpochSecond(5), status("sparse").modified());
        assertTrue(!options.contains("sparse") || status("sparse").blocks() < 60 * 16, "holes were filled");
        try (Directory target = Directory.open(temp)) {
            var same = TreeComparison.compare(new ByteArrayInputStream(bytes), target, UnpackLimits.DEFAULT);
            assertEquals(List.of(), same.differences());
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "too slow");
        assertEquals(0, process.exitValue(), said);
    }
}
