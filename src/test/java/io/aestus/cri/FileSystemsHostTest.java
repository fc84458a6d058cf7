package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.ContainerStatsRequest;
import io.aestus.cri.v1.FilesystemUsage;
import io.aestus.cri.v1.ImageFsInfoRequest;
import io.aestus.cri.v1.ListContainerStatsRequest;
import io.aestus.cri.v1.PodSandboxStatsRequest;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What containers and images take on disk. */
@Tag("host")
class FileSystemsHostTest extends RealNode {
    private static final int MEBIBYTE = 1 << 20;

    @Test
    void what_a_container_writes_over_its_image_shows_in_its_statistics() throws Exception {
        String sandbox = sandbox("writer");
        String id = create(
                sandbox,
                "app",
                "dd if=/dev/zero of=/big bs=1024 count=3072; for i in 1 2 3 4 5; do touch /tmp/f$i; done; echo done; exec sleep 1000",
                config -> {});
        startContainer(id);
        await("files of the container", () -> log("app").contains("done"));
        await("statistics of the disk", () -> statistics(id).hasUsedBytes());
        FilesystemUsage layer = statistics(id);
        assertTrue(layer.getUsedBytes().getValue() >= 3 * MEBIBYTE, layer.toString());
        assertTrue(layer.getUsedBytes().getValue() < 4 * MEBIBYTE, layer.toString());
        assertTrue(layer.getInodesUsed().getValue() >= 7, layer.toString());
        assertTrue(layer.getTimestamp() > 0, layer.toString());
        assertEquals(directory.resolve("data").toString(), layer.getFsId().getMountpoint());
        var listed = client.runtime
                .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                .getStatsList();
        assertEquals(
                List.of(layer.getUsedBytes()),
                listed.stream()
                        .map(stats -> stats.getWritableLayer().getUsedBytes())
                        .toList());
        assertEquals(
                layer.getUsedBytes(),
                client.runtime
                        .podSandboxStats(PodSandboxStatsRequest.newBuilder()
                                .setPodSandboxId(sandbox)
                                .build())
                        .getStats()
                        .getLinux()
                        .getContainers(0)
                        .getWritableLayer()
                        .getUsedBytes());
    }

    private FilesystemUsage statistics(String id) {
        return client.runtime
                .containerStats(
                        ContainerStatsRequest.newBuilder().setContainerId(id).build())
                .getStats()
                .getWritableLayer();
    }

    @Test
    void images_and_pods_are_measured() {
        sandbox("any");
        var info = client.images.imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
        FilesystemUsage ofImages = info.getImageFilesystems(0);
        long unpacked =
                store.layout().rootfs(image).resolve("bin/busybox").toFile().length();
        assertTrue(ofImages.getUsedBytes().getValue() > 2 * unpacked, "archive and files: " + ofImages);
        assertTrue(ofImages.getInodesUsed().getValue() > 15, ofImages.toString());
        await(
                "a measure of pods",
                () -> client.images
                                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                                .getContainerFilesystemsCount()
                        == 1);
        FilesystemUsage ofPods = client.images
                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                .getContainerFilesystems(0);
        assertTrue(ofPods.getInodesUsed().getValue() > 3, ofPods.toString());
        assertEquals(ofImages.getFsId(), ofPods.getFsId());
    }
}
