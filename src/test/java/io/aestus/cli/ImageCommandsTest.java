package io.aestus.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.aci.Aci;
import io.aestus.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The group {@code image}. Images are unpacked with their owners, so this needs root. */
@Tag("host")
class ImageCommandsTest {
    private static final String MANIFEST = """
            {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/web",
             "labels": [{"name": "version", "value": "1.2"}, {"name": "os", "value": "linux"}],
             "app": {"exec": ["/bin/web"], "user": "0", "group": "0"}}
            """;

    @TempDir
    Path dir;

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell(dir);
    }

    private Path archive(String name, String version) throws IOException {
        byte[] tar =
                Aci.named(name).version(version).file("bin/web", "#!" + name).tar();
        return Files.write(dir.resolve(name.replace('/', '-') + version + ".aci"), tar);
    }

    private String fetch(String name, String version) throws IOException {
        return shell.run(
                        "--insecure-options=image",
                        "fetch",
                        "--full",
                        archive(name, version).toString())
                .ok()
                .strip();
    }

    @Test
    void du_counts_what_is_on_the_disk() throws IOException {
        fetch("example.com/small", "1.0");
        Files.write(dir.resolve("payload"), new byte[300_000]);
        byte[] tar = Aci.named("example.com/large")
                .file("data", 0644, new byte[1_000_000])
                .tar();
        shell.run(
                        "--insecure-options=image",
                        "fetch",
                        Files.write(dir.resolve("large.aci"), tar).toString())
                .ok();
        String table = shell.run("image", "du").ok();
        List<String> names = table.lines().map(line -> line.split(" ", 2)[0]).toList();
        assertEquals(
                List.of("NAME", "example.com/large", "example.com/small:1.0", "(rendered", "(unfinished)", "(all)"),
                names);
        String json = shell.run("image", "du", "--format=json").ok();
        var images =
                JsonReader.read(json.getBytes(UTF_8), "du").required("images").elements();
        long files = images.getFirst().required("files").whole(0, Long.MAX_VALUE);
        assertTrue(files >= 1_000_000 && files < 1_200_000, "files: " + files);
    }

    private List<String> leftovers() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(".aestus"))
                    .toList();
        }
    }

    @Test
    void the_same_files_build_the_same_image_and_its_id_is_printed() throws Exception {
        Path root = Files.createDirectories(dir.resolve("root/bin"));
        Files.writeString(root.resolve("web"), "hello");
        Path manifest = Files.writeString(dir.resolve("manifest.json"), MANIFEST);
        shell.with("SOURCE_DATE_EPOCH", "0");
        var words = new String[] {
            "image",
            "build",
            "--manifest",
            manifest.toString(),
            "--owner-root",
            dir.resolve("root").toString()
        };
        String gzip = build(words, "a.aci", "--compression=gzip");
        String xz = build(words, "b.aci", "--compression=xz");
        assertEquals(gzip, xz);
        assertNotEquals(-1, Files.mismatch(dir.resolve("a.aci"), dir.resolve("b.aci")));
        String valid =
                shell.run("image", "validate", dir.resolve("b.aci").toString()).ok();
        assertEquals(dir.resolve("b.aci") + ": valid, example.com/web, " + gzip.substring(0, 19) + "\n", valid);
        assertEquals(List.of(), leftovers());
    }

    private String build(String[] words, String out, String option) {
        var all = Stream.concat(Stream.of(words), Stream.of(dir.resolve(out).toString(), option))
                .toArray(String[]::new);
        return shell.run(all).ok().strip();
    }

    @Test
    void build_leaves_an_existing_file_alone_unless_told() throws IOException {
        Path manifest = Files.writeString(dir.resolve("manifest.json"), MANIFEST);
        Path root = Files.createDirectories(dir.resolve("root"));
        Path out = Files.writeString(dir.resolve("out.aci"), "precious");
        String[] words = {"image", "build", "--manifest", manifest.toString(), root.toString(), out.toString()};
        assertEquals(
                "aestus: cannot write " + out + ": it is there already\n  try: another place, or --overwrite\n",
                shell.run(words).fails(254));
        assertEquals("precious", Files.readString(out));
        shell.run(Stream.concat(Stream.of(words), Stream.of("--overwrite")).toArray(String[]::new))
                .ok();
        assertNotEquals("precious", Files.readString(out, java.nio.charset.StandardCharsets.ISO_8859_1));
        assertEquals(List.of(), leftovers());
    }

    @Test
    void a_broken_archive_is_not_valid() throws IOException {
        Path file = Files.writeString(dir.resolve("bad.aci"), "nonsense");
        var result = shell.run("image", "validate", file.toString(), "--format=json");
        assertEquals(254, result.code());
        assertTrue(result.out().contains("\"valid\":false"), result.out());
    }

    @Test
    void list_shows_what_was_fetched_in_the_order_that_was_asked() throws IOException {
        fetch("example.com/b", "1");
        fetch("example.com/a", "2");
        List<String> lines = shell.run("image", "list", "--sort=name", "--order=desc", "--fields=name,size,signer")
                .ok()
                .lines()
                .toList();
        assertEquals(3, lines.size());
        assertTrue(lines.get(0).matches("NAME +SIZE +SIGNER"), lines.get(0));
        assertTrue(lines.get(1).matches("example.com/b:1 +[0-9.]+ [A-Za-z]+ +none"), lines.get(1));
        assertTrue(lines.get(2).startsWith("example.com/a:2 "), lines.get(2));
        String json = shell.run("image", "list", "--format=json").ok();
        assertTrue(json.startsWith("[{\"id\":\"sha512-"), json);
        assertTrue(json.contains("\"labels\":{\"version\":\"1\"}"), json);
    }

    @Test
    void an_empty_store_lists_an_empty_array() {
        assertEquals("[]\n", shell.run("image", "list", "--format=json").ok());
        assertEquals("", shell.run("image", "list", "--no-legend").ok());
    }

    @Test
    void list_refuses_fields_and_orders_that_there_are_not() {
        assertTrue(shell.run("image", "list", "--fields=id,colour")
                .fails(2)
                .startsWith("aestus: cannot show 'colour': expected any of id,name,size,importtime,lastused,signer\n"));
        assertTrue(shell.run("image", "list", "--sort=id")
                .fails(2)
                .startsWith("aestus: cannot sort by 'id': expected importtime, lastused, name or size\n"));
        assertTrue(shell.run("image", "list", "--order=up")
                .fails(2)
                .startsWith("aestus: cannot order by 'up': expected asc or desc\n"));
    }

    @Test
    void rm_removes_an_image_named_twice_once_and_fails_for_an_unknown_one() throws IOException {
        String id = fetch("example.com/web", "1");
        var result = shell.run("image", "rm", id.substring(0, 20), "example.com/none", "example.com/web");
        assertEquals(254, result.code());
        assertEquals("successfully removed aci for image: \"" + id + "\"\n", result.out());
        assertEquals(
                "aestus: cannot find image 'example.com/none': it is not in the store\n  try: aestus fetch example.com/none\n",
                result.err());
        assertEquals("", shell.run("image", "list", "--no-legend").ok());
    }

    @Test
    void gc_keeps_what_is_new_unless_there_is_no_grace() throws IOException {
        String id = fetch("example.com/web", "1");
        assertEquals("", shell.run("image", "gc").ok());
        assertEquals(
                "removed image \"" + id + "\"\n",
                shell.run("image", "gc", "--grace-period=0s").ok());
    }

    @Test
    void cat_manifest_prints_one_line_or_many() throws IOException {
        fetch("example.com/web", "1");
        String line = shell.run("image", "cat-manifest", "--pretty-print=false", "example.com/web")
                .ok();
        assertEquals(1, line.lines().count());
        assertTrue(line.contains("\"name\":\"example.com/web\""), line);
        assertTrue(shell.run("image", "cat-manifest", "example.com/web")
                        .ok()
                        .lines()
                        .count()
                > 5);
    }

    @Test
    void an_export_hashes_to_the_id() throws Exception {
        String id = fetch("example.com/web", "1");
        Path out = dir.resolve("out.aci");
        shell.run("image", "export", "example.com/web:1", out.toString()).ok();
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(out)));
        assertEquals(id, "sha512-" + hash);
        assertTrue(shell.run("image", "export", "example.com/web:1", out.toString())
                .fails(254)
                .contains("is there already"));
    }

    @Test
    void extract_and_render_make_a_directory_at_once_or_not_at_all() throws IOException {
        fetch("example.com/web", "1");
        for (String command : List.of("extract", "render")) {
            Path whole = dir.resolve(command);
            shell.run("image", command, "example.com/web", whole.toString()).ok();
            assertTrue(Files.exists(whole.resolve("manifest")), command);
            assertEquals("#!example.com/web", Files.readString(whole.resolve("rootfs/bin/web")));
            assertTrue(shell.run("image", command, "example.com/web", whole.toString())
                    .fails(254)
                    .contains("is there already"));
            shell.run("image", command, "--rootfs-only", "--overwrite", "example.com/web", whole.toString())
                    .ok();
            assertEquals("#!example.com/web", Files.readString(whole.resolve("bin/web")));
            assertFalse(Files.exists(whole.resolve("manifest")), command);
            assertEquals(
                    "aestus: cannot write to /: it is the root of this host\n",
                    shell.run("image", command, "example.com/web", "/").fails(254));
        }
        assertEquals(List.of(), leftovers());
    }

    @Test
    void verify_finds_a_file_that_was_changed() throws IOException {
        String id = fetch("example.com/web", "1");
        assertEquals(
                id.substring(0, 19) + ": sound\n",
                shell.run("image", "verify", "example.com/web").ok());
        Path file = shell.data().resolve("images").resolve(id).resolve("rootfs/bin/web");
        Files.writeString(file, "#!example.org/bad");
        var result = shell.run("image", "verify", "example.com/web");
        assertEquals(254, result.code());
        assertTrue(result.out().contains("bin/web"), result.out());
    }

    @Test
    void a_sub_command_may_be_shortened_and_a_wrong_one_is_answered_with_the_nearest() {
        assertEquals("[]\n", shell.run("im", "li", "--format=json").ok());
        assertTrue(shell.run("image", "lsit")
                .fails(2)
                .startsWith("aestus: unknown command 'lsit' of image, did you mean list?\n"));
        assertTrue(shell.run("image").fails(2).contains("cat-manifest"));
        assertTrue(shell.run("image", "--help").ok().contains("cat-manifest"));
        assertTrue(shell.run("image", "rm", "--help").ok().contains("aestus image rm"));
        assertTrue(shell.run("image", "rm").fails(2).contains("usage: aestus image rm"));
    }
}
