package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.aestus.appc.App;
import io.aestus.cri.v1.Container;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerFilter;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.ContainerStatus;
import io.aestus.cri.v1.ContainerStatusRequest;
import io.aestus.cri.v1.CreateContainerRequest;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.KeyValue;
import io.aestus.cri.v1.LinuxPodSandboxConfig;
import io.aestus.cri.v1.LinuxSandboxSecurityContext;
import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.cri.v1.PodSandbox;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxFilter;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PodSandboxStatus;
import io.aestus.cri.v1.PodSandboxStatusRequest;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.StartContainerRequest;
import io.aestus.store.StoredImage;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A server of the interface on pods and images in memory, and a client that asks it over its socket as the kubelet does. */
abstract class ServedFakes {
    static final StoredImage BUSYBOX = FakeImages.image(
            "example.com/busybox",
            "1.36",
            App.running(List.of("/bin/sh")).user("1000").build());

    @TempDir
    Path directory;

    FakePods pods;
    FakeImages images;
    CriServer server;
    CriClient client;

    @BeforeEach
    void start() {
        pods = new FakePods();
        images = new FakeImages().remote(BUSYBOX);
        serve();
    }

    void serve() {
        serve(FakeNetwork.MISSING);
    }

    void serve(FakeNetwork network) {
        var settings = new CriSettings(directory.resolve("run/cri.sock"), Optional.empty(), "0.1.0", network);
        server = new CriServer(settings, pods, images);
        server.start();
        client = new CriClient(settings.socket());
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        server.stop();
    }

    static PodSandboxConfig.Builder sandbox(String name, int attempt) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid("uid-" + name)
                        .setAttempt(attempt))
                .setHostname(name)
                .setLogDirectory("/var/log/pods/" + name)
                .putLabels("io.kubernetes.pod.uid", "uid-" + name)
                .putAnnotations("kubernetes.io/config.source", "file")
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent("/kubepods/pod1")
                        .putSysctls("net.core.somaxconn", "1024")
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(NamespaceOption.newBuilder()
                                        .setNetwork(NamespaceMode.NODE)
                                        .setPid(NamespaceMode.CONTAINER))));
    }

    static ContainerConfig.Builder container(String name, int attempt) {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(attempt))
                .setImage(ImageSpec.newBuilder()
                        .setImage(BUSYBOX.id().toString())
                        .setUserSpecifiedImage("example.com/busybox:1.36"))
                .addCommand("/bin/sleep")
                .addArgs("60")
                .addEnvs(KeyValue.newBuilder().setKey("A").setValue(ByteString.copyFromUtf8("ä")))
                .setLogPath(name + "/0.log")
                .putLabels("io.kubernetes.container.name", name)
                .putAnnotations("io.kubernetes.container.hash", "cafe");
    }

    String run(PodSandboxConfig.Builder config) {
        return client.runtime
                .runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(config)
                        .setRuntimeHandler("aestus")
                        .build())
                .getPodSandboxId();
    }

    String create(String sandbox, ContainerConfig.Builder config) {
        images.pull("example.com/busybox:1.36");
        return client.runtime
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(config)
                        .build())
                .getContainerId();
    }

    void startContainer(String id) {
        client.runtime.startContainer(
                StartContainerRequest.newBuilder().setContainerId(id).build());
    }

    ContainerStatus containerStatus(String id) {
        return client.runtime
                .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(id).build())
                .getStatus();
    }

    PodSandboxStatus sandboxStatus(String id) {
        return client.runtime
                .podSandboxStatus(
                        PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
                .getStatus();
    }

    List<PodSandbox> sandboxes(PodSandboxFilter filter) {
        return client.runtime
                .listPodSandbox(
                        ListPodSandboxRequest.newBuilder().setFilter(filter).build())
                .getItemsList();
    }

    List<Container> containers(ContainerFilter filter) {
        return client.runtime
                .listContainers(
                        ListContainersRequest.newBuilder().setFilter(filter).build())
                .getContainersList();
    }

    static void refused(Status.Code code, String words, Executable call) {
        var failure = assertThrows(StatusRuntimeException.class, call);
        assertEquals(code, failure.getStatus().getCode(), failure.getMessage());
        assertEquals(words, failure.getStatus().getDescription());
    }

    static <T> T only(List<T> list) {
        assertEquals(1, list.size(), list.toString());
        return list.getFirst();
    }
}
