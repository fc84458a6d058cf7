package io.aestus.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.aci.Aci;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.Dependency;
import io.aestus.appc.ImageId;
import io.aestus.appc.Labels;
import io.aestus.appc.PathWhitelist;
import io.aestus.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a root file system is made of when a whitelist hides parts of it. */
class RenderingTest {
    @TempDir
    Path temp;

    private ImageStore store;

    @BeforeEach
    void open() throws IOException {
        store = ImageStore.open(StoreLayout.of(temp.resolve("node")));
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** {@code image} on {@code base}, with a whitelist. */
    static Aci on(Aci image, ImageId base, String... whitelist) {
        var dependency = new Dependency(
                AcIdentifier.parse("example.com/base"), Optional.of(base), Labels.NONE, OptionalLong.empty());
        var paths = Arrays.stream(whitelist).map(AbsolutePath::parse).toList();
        return image.manifest(m -> m.withDependencies(List.of(dependency)).withPathWhitelist(new PathWhitelist(paths)));
    }

    private ImageId put(Aci image) throws IOException {
        return ImageStoreTest.put(store, image, ImageRecord.from("file", List.of()))
                .id();
    }

    private static Aci image(String name) {
        return Aci.named("example.com/" + name);
    }

    private Path single(ImageId id) throws IOException {
        List<Path> layers = store.layers(id);
        assertEquals(1, layers.size());
        return layers.getFirst();
    }

    /** All files below {@code root} with their content; directories end with a slash. */
    private static Map<String, String> content(Path root) throws IOException {
        var found = new TreeMap<String, String>();
        try (var all = Files.walk(root)) {
            for (Path path : all.filter(one -> !one.equals(root)).toList()) {
                String name = root.relativize(path).toString();
                if (Files.isSymbolicLink(path)) {
                    found.put(name, "-> " + Files.readSymbolicLink(path));
                } else if (Files.isDirectory(path)) {
                    found.put(name + "/", "");
                } else {
                    found.put(name, Files.readString(path));
                }
            }
        }
        return found;
    }

    @Test
    void a_directory_in_a_whitelist_does_not_bring_its_content() throws IOException {
        ImageId base = put(image("base").directory("bin").file("bin/ls", "ls").file("bin/sh", "sh"));
        assertEquals(
                "{bin/=}", content(single(put(on(image("top"), base, "/bin")))).toString());
    }

    @Test
    void a_file_in_a_whitelist_keeps_the_directories_above_it() throws IOException {
        ImageId base = put(image("base").directory("bin").file("bin/ls", "ls").file("bin/sh", "sh"));
        assertEquals(
                "{bin/=, bin/sh=sh}",
                content(single(put(on(image("top"), base, "/bin/sh")))).toString());
    }

    @Test
    void a_path_survives_only_if_every_whitelist_on_its_way_lists_it() throws IOException {
        ImageId base = put(image("base").file("p", "p").file("q", "q").file("r", "r"));
        ImageId middle = put(on(image("middle"), base, "/q", "/r"));
        assertEquals(
                "{q=q}",
                content(single(put(on(image("top"), middle, "/p", "/q")))).toString());
    }

    @Test
    void a_replaced_hard_link_leaves_the_other_name_with_the_old_bytes() throws IOException {
        ImageId base = put(image("base").file("v1", "old").hardLink("cur", "v1"));
        ImageId top = put(on(image("top").file("v1", "new"), base, "/v1", "/cur"));
        assertEquals("{cur=old, v1=new}", content(single(top)).toString());
    }

    @Test
    void a_file_replaces_a_directory_and_a_directory_a_file() throws IOException {
        ImageId base = put(image("base").file("d/1", "1").file("e", "e"));
        ImageId top = put(on(image("top").file("d", "file").file("e/x", "x"), base, "/d", "/d/1", "/e", "/e/x"));
        assertEquals("{d=file, e/=, e/x=x}", content(single(top)).toString());
    }

    @Test
    void a_link_to_a_directory_is_replaced_and_never_followed() throws IOException {
        ImageId base = put(image("base").symlink("a", "/etc"));
        ImageId top = put(on(image("top").file("a/x", "x"), base, "/a", "/a/x"));
        assertEquals("{a/=, a/x=x}", content(single(top)).toString());
    }

    @Test
    void a_directory_that_nobody_described_keeps_what_a_lower_image_says_of_it() throws IOException {
        ImageId base = put(image("base")
                .raw(tar -> tar.header(new io.aestus.aci.RawTar.Header("rootfs/tmp", '5', 0).mode(01777))));
        ImageId top = put(on(image("top").file("tmp/x", "x"), base));
        Path root = single(top);
        assertEquals(01777, (int) Files.getAttribute(root.resolve("tmp"), "unix:mode") & 07777);
    }

    @Test
    void a_tree_is_rendered_once_and_collected_with_its_image() throws IOException {
        ImageId base = put(image("base").file("a", "a"));
        ImageId top = put(on(image("top"), base, "/a"));
        assertEquals(single(top), single(top));
        assertEquals(1, ImageStoreTest.names(store.layout().rendered()).size());
        assertEquals(1, store.gc(java.time.Duration.ZERO, java.util.Set.of()).trees());
        assertEquals(List.of(), ImageStoreTest.names(store.layout().rendered()));
    }

    @Test
    void rendering_to_a_directory_makes_copies() throws IOException {
        ImageId base = put(image("base").file("a", "a").symlink("l", "a").hardLink("b", "a"));
        ImageId top = put(on(image("top").file("c", "c"), base));
        Path out = Files.createDirectory(temp.resolve("out"));
        try (Directory target = Directory.open(out)) {
            store.render(top, target);
        }
        Path root = out.resolve("rootfs");
        assertEquals("{a=a, b=a, c=c, l=-> a}", content(root).toString());
        assertTrue(Files.isSameFile(root.resolve("a"), root.resolve("b")));
        Files.writeString(root.resolve("a"), "changed");
        assertEquals("a", Files.readString(store.require(base).rootfs().resolve("a")));
    }
}
