package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.oci.OciBuild;
import io.aestus.oci.OciReference;
import io.aestus.store.OciImages;
import io.aestus.store.StoreForLayers;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** OCI images of this host. */
class ImageImportTest extends StoreForLayers {
    private static OciBuild web() {
        return new OciBuild()
                .layer(new RawTar().directory("bin").file("bin/web", "web"), Compression.NONE)
                .layer(new RawTar().file("etc/web", "conf"), Compression.ZSTD)
                .layer(new RawTar().file("etc/.wh.web", ""))
                .runs("\"Cmd\":[\"/bin/web\"]");
    }

    private List<StoredImage> run(Path path) {
        return new ImageImport(store).run(path, Optional.empty(), FetchPolicy.Platforms.THIS_HOST, Progress.NONE);
    }

    private StoredImage only(Path path) {
        List<StoredImage> images = run(path);
        assertEquals(1, images.size());
        return images.getFirst();
    }

    private static List<String> names(StoredImage image) {
        return image.references().stream().map(OciReference::toString).toList();
    }

    @Test
    void a_layout_its_archive_and_what_docker_saves_are_one_image() throws IOException {
        StoredImage layout = only(web().layout(temp.resolve("layout"), "example.com/web:1"));
        assertEquals(OciImages.idOf(web().config()), layout.id());
        assertEquals(List.of("example.com/web:1"), names(layout));
        assertEquals(3, store.layers(layout.id()).size());
        Path archive = Files.write(temp.resolve("web.tar"), web().ociArchive("example.com/web:2"));
        assertEquals(layout.id(), only(archive).id());
        Path saved = Files.write(temp.resolve("saved.tar"), web().dockerArchive("web:3", "other/web:4"));
        StoredImage image = only(saved);
        assertEquals(layout.id(), image.id());
        assertEquals(
                List.of("docker.io/library/web:3", "docker.io/other/web:4", "example.com/web:1", "example.com/web:2"),
                names(image));
        assertEquals(List.of(), store.verify(image.id()).differences());
    }

    @Test
    void what_docker_saves_comes_alone_too() throws IOException {
        Path saved = Files.write(temp.resolve("saved.tar"), web().dockerArchive("web:3"));
        StoredImage image = only(saved);
        assertEquals(List.of(), store.verify(image.id()).differences());
        Path exported = temp.resolve("out.tar");
        try (var out = Files.newOutputStream(exported)) {
            store.export(image.id(), out);
        }
        store.remove(image.id());
        assertEquals(image.id(), only(exported).id());
    }

    @Test
    void a_tag_alone_is_no_name_but_one_can_be_given() throws IOException {
        Path layout = web().layout(temp.resolve("layout"), "latest");
        assertEquals(List.of(), names(only(layout)));
        var named = new ImageImport(store)
                .run(layout, Optional.of(OciReference.parse("web:5")), FetchPolicy.Platforms.THIS_HOST, Progress.NONE);
        assertEquals(List.of("docker.io/library/web:5"), names(named.getFirst()));
    }

    @Test
    void an_image_of_another_machine_is_refused_unless_it_is_not_to_run() throws IOException {
        Path layout = web().on("linux", "s390x").layout(temp.resolve("layout"), "web:1");
        var refusal = assertThrows(AestusException.class, () -> run(layout));
        assertEquals(Problem.UNSUPPORTED, refusal.problem());
        assertTrue(refusal.message().contains("it is for linux/s390x"), refusal.message());
        assertEquals(
                1,
                new ImageImport(store)
                        .run(layout, Optional.empty(), FetchPolicy.Platforms.ANY, Progress.NONE)
                        .size());
    }

    private void refused(Path path, Problem problem, String reason) throws IOException {
        var refusal = assertThrows(AestusException.class, () -> run(path));
        assertTrue(refusal.message().contains(reason), refusal.message());
        assertEquals(problem, refusal.problem(), refusal.message());
        assertEquals(List.of(), store.list());
        try (var left = Files.list(store.layout().data().resolve("staging"))) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void a_layout_that_lies_is_refused() throws IOException {
        Path layout = web().layout(temp.resolve("layout"), "web:1");
        Path blobs = layout.resolve("blobs/sha256");
        Path layer = blobs.resolve(web().manifest().layers().get(1).digest().hex());
        byte[] good = Files.readAllBytes(layer);
        byte[] other = new OciBuild()
                .layer(new RawTar().file("etc/web", "CONF"), Compression.ZSTD)
                .contents()
                .values()
                .iterator()
                .next();
        Files.write(layer, other);
        refused(layout, Problem.CORRUPT, "layer sha256:");
        byte[] longer = java.util.Arrays.copyOf(good, good.length + 10);
        Files.write(layer, longer);
        refused(layout, Problem.CORRUPT, "it has more than the " + good.length + " bytes");
        Files.delete(layer);
        refused(layout, Problem.INVALID, "it has no file 'blobs/sha256/");
        Files.createSymbolicLink(layer, Path.of("/etc/passwd"));
        refused(layout, Problem.INVALID, "it has no file 'blobs/sha256/");
        Files.delete(layer);
        Files.write(layer, good);
        Path config = blobs.resolve(web().manifest().config().digest().hex());
        Files.writeString(config, Files.readString(config).replace("/bin/web", "/bin/WEB"));
        refused(layout, Problem.CORRUPT, "its digest is sha256:");
    }

    @Test
    void what_is_no_image_is_refused() throws IOException {
        Path empty = Files.createDirectory(temp.resolve("empty"));
        refused(empty, Problem.INVALID, "it has neither an index.json");
        Path text = Files.writeString(temp.resolve("text"), "hello");
        refused(text, Problem.CORRUPT, "cannot read image");
        refused(temp.resolve("nothing"), Problem.NOT_FOUND, "there is no file");
    }
}
