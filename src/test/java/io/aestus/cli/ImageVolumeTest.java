package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The files of an image as a volume of a pod of the command line. */
@Tag("host")
class ImageVolumeTest extends InABox {
    private String models;

    @BeforeEach
    void prepare() throws IOException {
        Path files = Files.createDirectories(dir.resolve("models/weights"));
        Files.writeString(files.resolve("large"), "42\n");
        Path manifest = Files.writeString(dir.resolve("models.json"), """
                {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/models"}
                """);
        Path archive = dir.resolve("models.aci");
        box.run(
                        "image",
                        "build",
                        "--manifest",
                        manifest.toString(),
                        dir.resolve("models").toString(),
                        archive.toString())
                .ok();
        models = archive.toString();
    }

    private String seen(String volume, String script) {
        return box.run("run", "--volume=" + volume, "--mount=volume=m,target=/m", box.image, "--", "-c", script)
                .ok();
    }

    @Test
    void an_app_reads_the_files_of_an_image_that_is_fetched_for_it() {
        assertTrue(seen("m,kind=image,source=" + models, "cat /m/weights/large; touch /m/x || echo no")
                .endsWith("42\nno\n"));
        assertTrue(seen("m,kind=image,source=example.com/models,subPath=weights", "ls /m")
                .endsWith("large\n"));
    }

    @Test
    void an_image_stays_while_a_pod_has_it_as_a_volume() {
        String pod = box.run(
                        "prepare", "--volume=m,kind=image,source=" + models, "--mount=volume=m,target=/m", box.image)
                .ok()
                .strip();
        assertTrue(box.run("image", "rm", "example.com/models").fails(254).contains("a pod uses it"));
        box.run("rm", pod).ok();
        box.run("image", "rm", "example.com/models").ok();
    }

    @Test
    void what_is_wrong_with_it_is_said_before_anything_starts() {
        String[] wrong = {
            "m,kind=image", "it needs source=IMAGE",
            "m,kind=image,source=example.com/models,subPath=a/../b", "must not go up by ..",
            "m,kind=image,source=example.com/models,readOnly=true,mode=0755", "unknown 'mode'",
            "m,kind=picture", "kind must be host, empty or image",
        };
        for (int i = 0; i < wrong.length; i += 2) {
            var result = box.run("run", "--volume=" + wrong[i], "--mount=volume=m,target=/m", box.image);
            assertTrue(result.err().contains(wrong[i + 1]), wrong[i] + ": " + result.err());
        }
        String missing = box.run(
                        "run",
                        "--volume=m,kind=image,source=" + models + ",subPath=none",
                        "--mount=volume=m,target=/m",
                        box.image,
                        "--",
                        "-c",
                        "true")
                .err();
        assertTrue(missing.contains("there is nothing at that path"), missing);
        String pods = box.run("list", "--no-legend").ok();
        assertTrue(pods.contains("aborted") && pods.lines().count() == 1, pods);
    }
}
