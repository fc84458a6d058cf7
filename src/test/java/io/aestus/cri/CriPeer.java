package io.aestus.cri;

import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.CreateContainerRequest;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.LinuxPodSandboxConfig;
import io.aestus.cri.v1.ListImagesRequest;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.StartContainerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A server of the interface that is measured beside another one, and has one image. */
final class CriPeer implements AutoCloseable {
    private final String name;
    private final CriClient client;
    private final Path logs;
    private final String image;

    /** @param work where the logs of its containers go, beside those of others */
    CriPeer(String name, Path socket, Path work) throws IOException {
        this.name = name;
        this.client = new CriClient(socket);
        this.logs = Files.createDirectories(work.resolve("logs-" + name));
        this.image = client.images
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImages(0)
                .getId();
    }

    /** A container that runs, in its sandbox. */
    record Running(String sandbox, String container) {}

    String name() {
        return name;
    }

    CriClient client() {
        return client;
    }

    /** @param config what is special about the container */
    Running start(String pod, ContainerConfig.Builder config) throws IOException {
        var sandbox = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(pod)
                        .setNamespace("bench")
                        .setUid("uid-" + pod))
                .setLogDirectory(Files.createDirectories(logs.resolve(pod)).toString())
                .setLinux(LinuxPodSandboxConfig.getDefaultInstance())
                .build();
        String id = client.runtime
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(sandbox).build())
                .getPodSandboxId();
        config.setMetadata(ContainerMetadata.newBuilder().setName("app"))
                .setImage(ImageSpec.newBuilder().setImage(image))
                .setLogPath("app.log");
        String container = client.runtime
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(id)
                        .setConfig(config)
                        .setSandboxConfig(sandbox)
                        .build())
                .getContainerId();
        client.runtime.startContainer(
                StartContainerRequest.newBuilder().setContainerId(container).build());
        return new Running(id, container);
    }

    @Override
    public void close() throws InterruptedException {
        client.close();
    }
}
