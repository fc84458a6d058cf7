package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.CgroupDriver;
import io.aestus.cri.v1.CheckpointContainerRequest;
import io.aestus.cri.v1.FilesystemUsage;
import io.aestus.cri.v1.Image;
import io.aestus.cri.v1.ImageFsInfoRequest;
import io.aestus.cri.v1.ImageServiceGrpc;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.ImageStatusRequest;
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.PullImageRequest;
import io.aestus.cri.v1.RemoveImageRequest;
import io.aestus.cri.v1.RuntimeConfigRequest;
import io.aestus.cri.v1.RuntimeHandler;
import io.aestus.cri.v1.StatusRequest;
import io.aestus.cri.v1.StatusResponse;
import io.aestus.cri.v1.VersionRequest;
import io.aestus.cri.v1.VersionResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The node and its images, as the kubelet asks for them. */
class CriTest extends ServedFakes {
    // --- the node

    @Test
    void version_and_status_say_what_the_kubelet_insists_on() {
        VersionResponse version = client.runtime.version(VersionRequest.getDefaultInstance());
        assertEquals(
                List.of("0.1.0", "aestus", "0.1.0", "v1"),
                List.of(
                        version.getVersion(),
                        version.getRuntimeName(),
                        version.getRuntimeVersion(),
                        version.getRuntimeApiVersion()));
        StatusResponse status = client.runtime.status(StatusRequest.getDefaultInstance());
        assertEquals(
                Map.of("RuntimeReady", true, "NetworkReady", false),
                Map.of(
                        status.getStatus().getConditions(0).getType(),
                        status.getStatus().getConditions(0).getStatus(),
                        status.getStatus().getConditions(1).getType(),
                        status.getStatus().getConditions(1).getStatus()));
        assertEquals(
                List.of("", "aestus"),
                status.getRuntimeHandlersList().stream()
                        .map(RuntimeHandler::getName)
                        .toList());
        for (RuntimeHandler handler : status.getRuntimeHandlersList()) {
            assertTrue(handler.getFeatures().getUserNamespaces());
            assertTrue(handler.getFeatures().getRecursiveReadOnlyMounts());
        }
        assertEquals(
                CgroupDriver.CGROUPFS,
                client.runtime
                        .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                        .getLinux()
                        .getCgroupDriver());
    }

    @Test
    void what_is_not_here_says_so() {
        assertEquals(
                Status.Code.NOT_FOUND,
                assertThrows(
                                StatusRuntimeException.class,
                                () -> client.runtime.checkpointContainer(
                                        CheckpointContainerRequest.getDefaultInstance()))
                        .getStatus()
                        .getCode());
    }

    // --- images

    @Test
    void images_are_known_by_every_name_that_kubernetes_makes_of_them() {
        String id = client.images
                .pullImage(PullImageRequest.newBuilder()
                        .setImage(spec("example.com/busybox:1.36"))
                        .build())
                .getImageRef();
        assertEquals(BUSYBOX.id().toString(), id);
        for (String name : List.of(
                id,
                id + ":latest",
                "example.com/busybox",
                "example.com/busybox:latest",
                "example.com/busybox:1.36",
                "example.com/busybox@sha512:" + BUSYBOX.id().hex(),
                "example.com/busybox:1.36@sha512:" + BUSYBOX.id().hex())) {
            Image image = client.images
                    .imageStatus(
                            ImageStatusRequest.newBuilder().setImage(spec(name)).build())
                    .getImage();
            assertEquals(id, image.getId(), name);
            assertTrue(image.getSize() > 0);
            assertEquals(1000, image.getUid().getValue());
            assertEquals(List.of("example.com/busybox:1.36"), List.copyOf(image.getRepoTagsList()));
        }
    }

    private static ImageSpec spec(String image) {
        return ImageSpec.newBuilder().setImage(image).build();
    }

    @Test
    void an_image_that_is_not_here_is_no_error_except_for_pulling() {
        assertFalse(client.images
                .imageStatus(ImageStatusRequest.newBuilder()
                        .setImage(spec("example.com/none:1"))
                        .build())
                .hasImage());
        client.images.removeImage(RemoveImageRequest.newBuilder()
                .setImage(spec("example.com/none:1"))
                .build());
        refused(
                Status.Code.UNKNOWN,
                "SignatureValidationFailed: cannot verify example.com/none:1: signed by key 0123 [aestus trust]",
                () -> client.images.pullImage(PullImageRequest.newBuilder()
                        .setImage(spec("example.com/none:1"))
                        .build()));
    }

    @Test
    void nobody_reads_files_of_the_node_by_naming_them_as_images() {
        for (String name : List.of("/etc/passwd", "./x.aci", "https://example.com/x.aci", "docker://busybox")) {
            assertEquals(
                    Status.Code.INVALID_ARGUMENT,
                    assertThrows(
                                    StatusRuntimeException.class,
                                    () -> client.images.pullImage(PullImageRequest.newBuilder()
                                            .setImage(spec(name))
                                            .build()))
                            .getStatus()
                            .getCode(),
                    name);
        }
    }

    @Test
    void a_pull_ends_when_nobody_waits_for_it_any_more() throws InterruptedException {
        images.hang();
        var pull = ImageServiceGrpc.newFutureStub(client.channel())
                .pullImage(PullImageRequest.newBuilder()
                        .setImage(spec("example.com/busybox"))
                        .build());
        assertTrue(images.begun.await(60, TimeUnit.SECONDS), "nobody pulls");
        pull.cancel(true);
        assertTrue(images.brokenOff.await(60, TimeUnit.SECONDS), "it goes on");
    }

    @Test
    void images_are_listed_counted_and_removed() {
        images.pull("example.com/busybox");
        assertEquals(
                1,
                client.images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount());
        FilesystemUsage usage = client.images
                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                .getImageFilesystems(0);
        assertTrue(usage.hasUsedBytes());
        assertEquals("/var/lib/aestus", usage.getFsId().getMountpoint());
        client.images.removeImage(RemoveImageRequest.newBuilder()
                .setImage(spec(BUSYBOX.id().toString()))
                .build());
        assertEquals(
                0,
                client.images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount());
    }
}
