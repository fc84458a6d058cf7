package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.Problem;
import io.aestus.aci.RawTar;
import io.aestus.oci.ArtifactBuild;
import io.aestus.oci.Digest;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Artifacts: what of them becomes files, and what of them is refused. */
class ArtifactPullTest extends PullsFromRegistry {
    @BeforeEach
    void openRegistry() throws IOException {
        registry = TestRegistry.open();
    }

    private void serve(ArtifactBuild artifact) {
        artifact.blobs().forEach((digest, bytes) -> registry.blob("web", digest, bytes));
        registry.manifest("web", "1", artifact.manifest());
    }

    private String file(StoredImage image, String name) throws IOException {
        for (Path layer : store.layers(image.id())) {
            if (Files.exists(layer.resolve(name))) {
                return Files.readString(layer.resolve(name));
            }
        }
        return "";
    }

    @Test
    void blobs_with_a_title_are_files_tars_are_what_is_in_them_and_others_are_left_out() throws Exception {
        byte[] tar = new RawTar()
                .directory("more")
                .file("more/notes", "from a tar")
                .end()
                .bytes();
        serve(new ArtifactBuild()
                .file("weights", "w".repeat(200_000))
                .file("a file with a long name, " + "and blanks ".repeat(5), "blank")
                .file("empty", "")
                .blob("application/vnd.example.dir.v1.tar", tar, Map.of())
                .blob("application/vnd.example.other", "nobody sees this".getBytes(StandardCharsets.UTF_8), Map.of()));
        StoredImage image = pull(web("1"));
        assertEquals("w".repeat(200_000), file(image, "weights"));
        assertEquals("blank", file(image, "a file with a long name, " + "and blanks ".repeat(5)));
        assertEquals("from a tar", file(image, "more/notes"));
        assertEquals(4, store.layers(image.id()).size());
        assertEquals(List.of(), store.verify(image.id()).differences());
        int asked = registry.asked("/blobs/").size();
        assertEquals(image.id(), pull(web("1")).id());
        assertEquals(asked, registry.asked("/blobs/").size(), "what is here is not asked for again");
        assertTrue(image.manifest().app().orElseThrow().exec().isEmpty(), "there is nothing to run");
    }

    @Test
    void two_artifacts_with_the_same_files_are_two() throws Exception {
        serve(new ArtifactBuild().file("weights", "w"));
        StoredImage one = pull(web("1"));
        serve(new ArtifactBuild().file("weights", "w").file("more", "m"));
        StoredImage other = pull(web("1"));
        assertTrue(!one.id().equals(other.id()), "they are the same image");
        assertEquals(2, store.list().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/etc/passwd", "a/b", ".", "..", "", ".wh.weights", "a\nb"})
    void a_title_that_is_no_name_of_a_file_is_refused(String title) throws Exception {
        serve(new ArtifactBuild().file(title, "x"));
        refused(web("1"), Problem.INVALID, "must be the name of a file");
    }

    @Test
    void one_title_for_two_blobs_and_no_title_at_all_are_refused() throws Exception {
        serve(new ArtifactBuild().file("x", "1").file("x", "2"));
        refused(web("1"), Problem.INVALID, "must not be that of another blob");
        serve(new ArtifactBuild().blob("application/x", new byte[] {1}, Map.of()));
        refused(web("1"), Problem.INVALID, "must have a blob with a name");
    }

    @Test
    void a_registry_that_sends_something_else_is_refused() throws Exception {
        serve(new ArtifactBuild().file("x", "right"));
        registry.blob(
                "web",
                Digest.sha256("right".getBytes(StandardCharsets.UTF_8)),
                "wrong".getBytes(StandardCharsets.UTF_8));
        refused(web("1"), Problem.CORRUPT, "is another: its digest is");
        registry.blob(
                "web",
                Digest.sha256("right".getBytes(StandardCharsets.UTF_8)),
                "right and more".getBytes(StandardCharsets.UTF_8));
        refused(web("1"), Problem.CORRUPT, "it has more than the 5 bytes");
    }
}
