package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.PullImageRequest;
import io.aestus.cri.v1.RemoveImageRequest;
import io.aestus.fetch.DockerRegistry;
import io.aestus.oci.ArtifactBuild;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Artifacts of a real registry as volumes of containers. */
@Tag("host")
class ArtifactVolumesHostTest extends RealNode {
    private String inside(String id, String script) {
        var done = exec(id, 10, "/bin/sh", "-c", script);
        return (done.getStdout().toStringUtf8() + done.getStderr().toStringUtf8()).strip();
    }

    private String with(String sandbox, String name, String image, String path) throws IOException {
        var mount = Mount.newBuilder()
                .setContainerPath("/models")
                .setReadonly(true)
                .setImage(ImageSpec.newBuilder().setImage(image))
                .setImageSubPath(path);
        String id = create(sandbox, name, "exec sleep 1000", config -> config.addMounts(mount));
        startContainer(id);
        return id;
    }

    @Test
    void the_files_of_an_artifact_are_seen_and_nobody_changes_them() throws Exception {
        try (var registry = DockerRegistry.start(directory)) {
            new ArtifactBuild()
                    .file("weights.bin", "w".repeat(100_000))
                    .file("README.md", "read me")
                    .push(registry.name(), "models/small", "2");
            String name = registry.name() + "/models/small:2";
            var spec = ImageSpec.newBuilder().setImage(name);
            String pulled = client.images
                    .pullImage(PullImageRequest.newBuilder().setImage(spec).build())
                    .getImageRef();
            var listed = client.images.listImages(ListImagesRequest.getDefaultInstance()).getImagesList().stream()
                    .filter(each -> each.getRepoTagsList().contains(name))
                    .findFirst()
                    .orElseThrow();
            assertEquals(pulled, listed.getId());

            String sandbox = sandbox("artifacts");
            String id = with(sandbox, "all", name, "");
            assertEquals("README.md\nweights.bin", inside(id, "cd /models; for each in *; do echo $each; done"));
            assertEquals("read me", inside(id, "cat /models/README.md"));
            assertTrue(inside(id, "echo x >/models/new").contains("Read-only"));
            assertTrue(inside(id, "echo x >/models/README.md").contains("Read-only"));
            String one = with(sandbox, "one", name, "README.md");
            assertEquals("read me", inside(one, "cat /models"));
        }
    }

    @Test
    void an_artifact_that_nobody_needs_can_be_removed() throws Exception {
        try (var registry = DockerRegistry.start(directory)) {
            new ArtifactBuild().file("x", "x").push(registry.name(), "models/x", "1");
            var spec = ImageSpec.newBuilder().setImage(registry.name() + "/models/x:1");
            client.images.pullImage(PullImageRequest.newBuilder().setImage(spec).build());
            assertEquals(
                    2,
                    client.images
                            .listImages(ListImagesRequest.getDefaultInstance())
                            .getImagesCount());
            client.images.removeImage(
                    RemoveImageRequest.newBuilder().setImage(spec).build());
            assertEquals(
                    1,
                    client.images
                            .listImages(ListImagesRequest.getDefaultInstance())
                            .getImagesCount());
        }
    }
}
