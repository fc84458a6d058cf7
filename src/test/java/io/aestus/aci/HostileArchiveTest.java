package io.aestus.aci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.aci.RawTar.Header;
import io.aestus.linux.Directory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Archives that nobody honest would make: each is refused with its reason, and leaves nothing behind, inside or outside. */
class HostileArchiveTest {
    private static final UnpackLimits LIMITS =
            new UnpackLimits(1 << 20, 50, 10, 300, 8, 4096, 1024, DevicePolicy.REFUSE);
    private static final String MANIFEST =
            "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"example.com/evil\"}";

    private record Case(String name, InputStream archive, String reason) {
        Case(String name, byte[] archive, String reason) {
            this(name, new ByteArrayInputStream(archive), reason);
        }
    }

    @TempDir
    Path temp;

    private static RawTar tar() {
        return new RawTar().file("manifest", MANIFEST).directory("rootfs");
    }

    private static Case refused(String name, RawTar tar, String reason) {
        return new Case(name, tar.end().bytes(), reason);
    }

    private static List<Case> names() {
        return List.of(
                refused(
                        "a name that climbs",
                        tar().file("rootfs/a/../../x", "x"),
                        "'rootfs/a/../../x' leaves the image"),
                refused("only dots", tar().directory("rootfs/.."), "'rootfs/..' leaves the image"),
                refused("an absolute name", tar().file("/rootfs/x", "x"), "'/rootfs/x' has an absolute name"),
                refused("beside rootfs", tar().file("other", "x"), "'other' is neither the manifest nor inside rootfs"),
                refused("rootfs2", tar().file("rootfs2/x", "x"), "'rootfs2/x' is neither"),
                refused("a second manifest", tar().file("./manifest", MANIFEST), "'./manifest' is a second manifest"),
                refused("an empty name", tar().file("", "x"), "has an empty name"),
                refused(
                        "a manifest that is a link",
                        new RawTar().symlink("manifest", "/etc/passwd").directory("rootfs"),
                        "'manifest' is no regular file"),
                refused(
                        "a rootfs that is a link",
                        new RawTar().file("manifest", MANIFEST).symlink("rootfs", "/etc"),
                        "'rootfs' is no directory"),
                refused("no manifest", new RawTar().directory("rootfs"), "it has no manifest"),
                refused("no rootfs", new RawTar().file("manifest", MANIFEST), "it has no rootfs"),
                refused(
                        "a manifest that is none",
                        new RawTar().file("manifest", "{").directory("rootfs"),
                        "image manifest"),
                refused(
                        "a file twice",
                        tar().file("rootfs/a", "1").file("rootfs/./a", "2"),
                        "'rootfs/./a' appears twice"),
                refused("rootfs twice", tar().directory("rootfs/"), "'rootfs/' appears twice"),
                refused(
                        "a directory twice",
                        tar().directory("rootfs/a").directory("rootfs//a/"),
                        "'rootfs//a/' appears twice"),
                refused(
                        "a file over a directory",
                        tar().file("rootfs/a/b", "1").file("rootfs/a", "2"),
                        "'rootfs/a' stands where a directory already is"),
                refused(
                        "a link over a directory",
                        tar().file("rootfs/a/b", "1").symlink("rootfs/a", "/etc"),
                        "'rootfs/a' stands where a directory already is"),
                refused("deep nesting", tar().file("rootfs/1/2/3/4/5/6/7/8/9", "x"), "lies deeper than 8 directories"),
                refused(
                        "a long path",
                        tar().pax("path=rootfs/" + "a/".repeat(2) + "b".repeat(400))
                                .file("x", "x"),
                        "longer than"));
    }

    private static List<Case> links() {
        return List.of(
                refused(
                        "through a link made earlier",
                        tar().symlink("rootfs/etc", "/etc").file("rootfs/etc/passwd", "x"),
                        "'rootfs/etc/passwd' passes through the link 'etc'"),
                refused(
                        "through a link to here",
                        tar().symlink("rootfs/a", ".").file("rootfs/a/b/c", "x"),
                        "passes through the link 'a'"),
                refused(
                        "through a second name of a link",
                        tar().symlink("rootfs/a", "/etc")
                                .hardLink("rootfs/b", "rootfs/a")
                                .file("rootfs/b/c", "x"),
                        "passes through the link 'b'"),
                refused("below a file", tar().file("rootfs/a", "x").file("rootfs/a/b", "x"), "lies below 'a'"),
                refused(
                        "a hard link to the host",
                        tar().hardLink("rootfs/p", "/etc/passwd"),
                        "'rootfs/p' has an absolute name"),
                refused(
                        "a hard link that climbs",
                        tar().hardLink("rootfs/p", "rootfs/../../../etc/passwd"),
                        "'rootfs/p' leaves the image"),
                refused(
                        "a hard link to the manifest",
                        tar().hardLink("rootfs/p", "manifest"),
                        "hard link to 'manifest', which is outside rootfs"),
                refused(
                        "a hard link to what comes later",
                        tar().hardLink("rootfs/p", "rootfs/q").file("rootfs/q", "x"),
                        "hard link to 'rootfs/q', which no earlier entry made"),
                refused(
                        "a hard link to a directory",
                        tar().directory("rootfs/d").hardLink("rootfs/p", "rootfs/d"),
                        "is a hard link to a directory"),
                refused("a link to nothing", tar().symlink("rootfs/p", ""), "is a link to nothing"),
                refused(
                        "a device",
                        tar().header(new Header("rootfs/sda", '4', 0).octal(329, 8, 8)),
                        "'rootfs/sda' is a device"));
    }

    private static List<Case> headers() {
        return List.of(
                refused("an unknown type", tar().header(new Header("rootfs/x", 'Z', 0)), "has the unknown type 'Z'"),
                refused("data behind a link", tar().header(new Header("rootfs/x", '2', 5).link("y")), "carries data"),
                refused("data behind a directory", tar().header(new Header("rootfs/x", '5', 512)), "carries data"),
                refused(
                        "a negative size",
                        tar().header(new Header("rootfs/x", '0', 0).bytes(124, minusOne(12))),
                        "has a negative size"),
                refused(
                        "a size beyond all bounds",
                        tar().header(new Header("rootfs/x", '0', 0)
                                .bytes(124, (byte) 0x80, (byte) 0, (byte) 0, (byte) 0, (byte) 0x7f)),
                        "more than 1048576 bytes in its files"),
                refused(
                        "a number that is none",
                        tar().header(new Header("rootfs/x", '0', 0).text(124, 12, "12x")),
                        "has a malformed number"),
                refused(
                        "an owner out of range",
                        tar().pax("uid=4294967295").file("rootfs/x", "x"),
                        "has an owner out of range"),
                refused(
                        "a pax size that lies",
                        tar().pax("size=-1").file("rootfs/x", "x"),
                        "malformed extended header"),
                refused(
                        "a NUL in a pax path",
                        tar().pax("path=rootfs/a\0b").file("rootfs/x", "x"),
                        "has a NUL in its path"),
                refused(
                        "a pax path that climbs",
                        tar().pax("path=rootfs/../../x").file("rootfs/x", "x"),
                        "'rootfs/../../x' leaves the image"),
                refused(
                        "a long name that climbs",
                        tar().meta('L', "rootfs/../../x\0".getBytes(StandardCharsets.US_ASCII))
                                .file("rootfs/x", "x"),
                        "'rootfs/../../x' leaves the image"),
                refused("a huge pax header", tar().meta('x', new byte[5000]), "extended header of 5000 bytes"),
                refused(
                        "a broken pax record",
                        tar().meta('x', "99 path=a\n".getBytes(StandardCharsets.US_ASCII))
                                .file("rootfs/x", "x"),
                        "malformed extended header"),
                refused(
                        "a global path",
                        tar().meta('g', RawTar.record("path=rootfs/x".getBytes(StandardCharsets.US_ASCII))),
                        "a global extended header sets path"),
                refused(
                        "a sparse map beyond the size",
                        tar().pax("GNU.sparse.size=10", "GNU.sparse.map=0,1,20,1")
                                .file("rootfs/x", "xx"),
                        "contradicts its size"),
                refused(
                        "a sparse map that overlaps",
                        tar().pax("GNU.sparse.size=10", "GNU.sparse.map=4,4,2,2")
                                .file("rootfs/x", "123456"),
                        "contradicts its size"),
                refused(
                        "a sparse file of a petabyte",
                        tar().pax("GNU.sparse.size=1000000000000000", "GNU.sparse.map=0,2")
                                .file("rootfs/x", "xx"),
                        "more than 1048576 bytes in its files"),
                refused(
                        "a large manifest",
                        new RawTar().file("manifest", " ".repeat(2000)),
                        "2000 bytes long, more than 1024"),
                refused("many entries", many(), "more than 50 entries"),
                refused("many directories that no entry describes", deep(), "more than 50 entries and directories"),
                refused("much data", tar().file("rootfs/x", new byte[1 << 20]), "more than 1048576 bytes"));
    }

    private static List<Case> ends() {
        byte[] whole = tar().file("rootfs/x", "x".repeat(600)).end().bytes();
        byte[] damaged = whole.clone();
        damaged[1024 + 100] ^= 1;
        byte[] gzip = Aci.named("example.com/web").file("x", "x".repeat(5000)).compressed(Compression.GZIP);
        byte[] xz = Aci.named("example.com/web").compressed(Compression.XZ);
        byte[] bzip2 = Aci.named("example.com/web").compressed(Compression.BZIP2);
        byte[] bad = gzip.clone();
        bad[bad.length - 6] ^= 1;
        return List.of(
                new Case("nothing", new byte[0], "it is empty"),
                new Case(
                        "cut in a file",
                        Arrays.copyOf(whole, whole.length - 1024 - 600),
                        "it ends within entry 'rootfs/x'"),
                new Case("cut before the end", Arrays.copyOf(whole, whole.length - 1024), "without the zero blocks"),
                new Case("a damaged header", damaged, "fails its checksum"),
                new Case("no tar", "hello".repeat(500).getBytes(StandardCharsets.US_ASCII), "header"),
                refused("junk behind the end", tar().end().raw((byte) 1), "data follows the end"),
                new Case(
                        "a pax header at the end",
                        tar().pax("path=rootfs/x").end().bytes(),
                        "ends after an extended header"),
                new Case("gzip cut off", Arrays.copyOf(gzip, gzip.length / 2), "its gzip data is cut off"),
                new Case("gzip with a wrong sum", bad, "its gzip data is damaged"),
                new Case("xz cut off", Arrays.copyOf(xz, xz.length / 2), "its xz data is cut off"),
                new Case("xz that wants a gibibyte", greedy(xz), "more than 131072 KiB of memory to decompress it"),
                new Case("bzip2 cut off", Arrays.copyOf(bzip2, bzip2.length / 2), "its bzip2 data is"));
    }

    /** The same, claiming to need a dictionary of 1 GiB. */
    private static byte[] greedy(byte[] xz) {
        byte[] changed = xz.clone();
        int header = 12; // behind the stream's own
        int length = (xz[header] + 1) * 4;
        changed[header + 4] = 36; // the dictionary's size: 2 << (36 / 2 + 11)
        var sum = new CRC32();
        sum.update(changed, header, length - 4);
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(header + length - 4, (int) sum.getValue());
        return changed;
    }

    private static byte[] minusOne(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0xff);
        return bytes;
    }

    /** A few entries that imply a tree. */
    private static RawTar deep() {
        RawTar tar = tar();
        for (int i = 0; i < 10; i++) {
            tar.file("rootfs/" + i + "/a/b/c/d/e/f", "");
        }
        return tar;
    }

    private static RawTar many() {
        RawTar tar = tar();
        for (int i = 0; i < 60; i++) {
            tar.directory("rootfs/" + i);
        }
        return tar;
    }

    @TestFactory
    Stream<DynamicTest> is_refused_with_its_reason_and_leaves_nothing() {
        return Stream.of(names(), links(), headers(), ends())
                .flatMap(List::stream)
                .map(one -> DynamicTest.dynamicTest(one.name(), () -> check(one)));
    }

    /** 2 GiB of zeros in 2 MiB, member by member, so that making them costs nothing. */
    @Test
    void data_that_outgrows_its_compressed_size_beyond_measure_is_refused() throws IOException {
        byte[] member = gzip(new byte[64 << 20]);
        InputStream bomb =
                new SequenceInputStream(Collections.enumeration(Stream.generate(() -> new ByteArrayInputStream(member))
                        .limit(32)
                        .toList()));
        try (InputStream plain = Compression.open(bomb, UnpackLimits.DEFAULT)) {
            var refusal = assertThrows(
                    HostileArchiveException.class, () -> plain.transferTo(OutputStream.nullOutputStream()));
            assertEquals("cannot read image: more than 200 times its compressed size uncompressed", refusal.message());
        }
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    private void check(Case one) throws IOException {
        Path place = Files.createTempDirectory(temp, "case");
        Path inside = Files.createDirectory(place.resolve("target"));
        try (Directory target = Directory.open(inside)) {
            AestusException refusal = assertThrows(
                    AestusException.class,
                    () -> Unpacker.unpack(Compression.open(one.archive(), LIMITS), target, LIMITS));
            assertTrue(refusal.message().contains(one.reason()), refusal.message());
        }
        try (Stream<Path> left = Files.walk(place)) {
            assertEquals(List.of(place, inside), left.sorted().toList(), "left behind");
        }
    }
}
