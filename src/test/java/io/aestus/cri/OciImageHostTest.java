package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cli.OciBox;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.ImageStatusRequest;
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.PullImageRequest;
import io.aestus.cri.v1.RemoveImageRequest;
import io.aestus.fetch.TestRegistry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An OCI image from its registry to a container, as a kubelet asks for it. */
@Tag("host")
class OciImageHostTest extends RealNode {
    private static ImageSpec spec(String image) {
        return ImageSpec.newBuilder().setImage(image).build();
    }

    @Test
    void an_oci_image_is_pulled_shown_run_and_removed() throws Exception {
        try (var registry = TestRegistry.open().push("box", "1", OciBox.build())) {
            String name = registry.name() + "/box:1";
            String id = client.images
                    .pullImage(
                            PullImageRequest.newBuilder().setImage(spec(name)).build())
                    .getImageRef();
            var shown = client.images
                    .imageStatus(
                            ImageStatusRequest.newBuilder().setImage(spec(name)).build())
                    .getImage();
            assertEquals(id, shown.getId());
            String info = client.images
                    .imageStatus(ImageStatusRequest.newBuilder()
                            .setImage(spec(name))
                            .setVerbose(true)
                            .build())
                    .getInfoOrThrow("info");
            assertTrue(info.contains("\"origin\":\"docker://" + name), info);
            assertTrue(info.contains("\"layers\":[\"sha256:"), info);
            assertEquals(name, shown.getRepoTags(0));
            assertEquals("web", shown.getUsername());
            assertTrue(shown.getRepoDigests(0).startsWith(registry.name() + "/box@sha256:"), shown.toString());
            assertEquals(
                    2,
                    client.images
                            .listImages(ListImagesRequest.getDefaultInstance())
                            .getImagesCount());
            String sandbox = sandbox("oci");
            String container = create(sandbox, "args", "", config -> config.setImage(spec(id))
                    .clearCommand()
                    .clearArgs()
                    .addArgs("id -u; pwd; cat /data/seed; ls /old; echo $GREETING"));
            startContainer(container);
            assertEquals(0, exited(container).getExitCode(), log("args"));
            String log = log("args");
            assertTrue(log.contains("F 1001"), log);
            assertTrue(log.contains("F /srv/made"), log);
            assertTrue(
                    log.contains("seedb") || log.matches("(?s).* P seed\n[^\n]* F b\n.*"), log); // written in two parts
            assertTrue(log.contains("F hello"), log);
            String plain = create(sandbox, "plain", "", config -> config.setImage(spec(id))
                    .clearCommand()
                    .clearArgs());
            startContainer(plain);
            assertEquals(0, exited(plain).getExitCode());
            assertTrue(log("plain").contains("F default"), log("plain"));
            stop();
            open();
            client.images.removeImage(
                    RemoveImageRequest.newBuilder().setImage(spec(name)).build());
            assertFalse(client.images
                    .imageStatus(
                            ImageStatusRequest.newBuilder().setImage(spec(name)).build())
                    .hasImage());
        }
    }
}
