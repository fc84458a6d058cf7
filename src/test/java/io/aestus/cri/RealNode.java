package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.aci.Aci;
import io.aestus.appc.ImageId;
import io.aestus.cri.streaming.StreamingAddress;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatus;
import io.aestus.cri.v1.ContainerStatusRequest;
import io.aestus.cri.v1.CreateContainerRequest;
import io.aestus.cri.v1.ExecSyncRequest;
import io.aestus.cri.v1.ExecSyncResponse;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.LinuxPodSandboxConfig;
import io.aestus.cri.v1.LinuxSandboxSecurityContext;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PortMapping;
import io.aestus.cri.v1.RemovePodSandboxRequest;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.StartContainerRequest;
import io.aestus.executor.Executor;
import io.aestus.executor.ExecutorConfig;
import io.aestus.executor.NativeStage1;
import io.aestus.executor.StoreTrees;
import io.aestus.fetch.FetchConfig;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.Progress;
import io.aestus.linux.CgroupDriver;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node with everything real behind its interface: socket, executor, kernel, store, and busybox in the containers. */
abstract class RealNode {
    @TempDir
    Path directory;

    ImageStore store;
    Executor executor;
    CriServer server;
    CriClient client;
    ImageId image;

    @BeforeEach
    void start() throws Exception {
        open();
        byte[] busybox = Files.readAllBytes(Path.of("/bin/busybox"));
        var aci = Aci.named("example.com/busybox")
                .version("1.36")
                .directory("bin")
                .file("bin/busybox", 0755, busybox);
        for (String tool : List.of(
                "sh", "sleep", "cat", "id", "echo", "hostname", "touch", "mkdir", "dd", "env", "stty", "head", "nc")) {
            aci.symlink("bin/" + tool, "busybox");
        }
        image = stored(aci.directory("tmp"));
    }

    /** The ID of an image that is in the store from here on. */
    ImageId stored(Aci aci) throws IOException {
        Path archive = Files.write(directory.resolve("image.aci"), aci.tar());
        return fetcher()
                .fetch(
                        new ImageReference.Archive(archive),
                        FetchPolicy.STANDARD.allowing(Insecure.IMAGE),
                        Progress.NONE)
                .id();
    }

    ImageFetcher fetcher() {
        var keys = KeyStore.open(List.of(directory.resolve("keys")), InstantSource.system());
        return new ImageFetcher(store, keys, FetchConfig.PLAIN);
    }

    void open() throws IOException {
        Path data = directory.resolve("data");
        store = ImageStore.open(StoreLayout.of(data));
        var networks = NetworkSettings.of(data, List.of()).withRun(directory.resolve("networks"));
        var stage1 = NativeStage1.open(data, new StoreTrees(store), () -> PodNetworks.of(networks), Clock.systemUTC());
        executor = Executor.open(ExecutorConfig.of(data).withAdoption(ExecutorConfig.Adoption.ALL), stage1);
        var settings = new CriSettings(
                directory.resolve("run/cri.sock"),
                Optional.empty(),
                "0.1.0",
                network(),
                StreamingAddress.DEFAULT,
                devices(),
                CgroupDriver.CGROUPFS);
        server = new CriServer(settings, executor, new FetchedImages(store, fetcher(), FetchPolicy.STANDARD));
        server.start();
        client = new CriClient(settings.socket());
    }

    /** That containers may name. */
    CdiSpecs devices() {
        return CdiSpecs.USUAL;
    }

    /** Of sandboxes that do not use the host's. */
    SandboxNetwork network() {
        return FakeNetwork.MISSING;
    }

    void close() throws InterruptedException {
        client.close();
        server.stop();
        executor.close();
        store.close();
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.runtime
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList()
                .forEach(sandbox -> client.runtime.removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox.getId())
                        .build()));
        close();
    }

    String sandbox(String name) {
        return sandbox(name, NamespaceMode.NODE);
    }

    String sandbox(String name, NamespaceMode network) {
        return sandbox(name, network, List.of());
    }

    String sandbox(String name, NamespaceMode network, List<PortMapping> ports) {
        var namespaces = NamespaceOption.newBuilder().setNetwork(network).setPid(NamespaceMode.CONTAINER);
        var config = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid("uid-" + name))
                .setHostname(name)
                .addAllPortMappings(ports)
                .setLogDirectory(directory.resolve("logs").toString())
                .putLabels("io.kubernetes.pod.uid", "uid-" + name)
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setSecurityContext(
                                LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(namespaces)));
        return client.runtime
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(config).build())
                .getPodSandboxId();
    }

    String create(String sandbox, String name, String script, Consumer<ContainerConfig.Builder> change)
            throws IOException {
        Files.createDirectories(directory.resolve("logs").resolve(name));
        var config = ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                .setImage(ImageSpec.newBuilder().setImage(image.toString()))
                .addCommand("/bin/sh")
                .addArgs("-c")
                .addArgs(script)
                .setLogPath(name + "/0.log");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setPid(NamespaceMode.CONTAINER);
        change.accept(config);
        return client.runtime
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(config)
                        .build())
                .getContainerId();
    }

    String started(String sandbox, String name, String script) throws IOException {
        String id = create(sandbox, name, script, config -> {});
        startContainer(id);
        return id;
    }

    void startContainer(String id) {
        client.runtime.startContainer(
                StartContainerRequest.newBuilder().setContainerId(id).build());
    }

    ContainerStatus status(String id) {
        return client.runtime
                .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(id).build())
                .getStatus();
    }

    ContainerStatus exited(String id) {
        await("exit of " + id, () -> status(id).getState() == ContainerState.CONTAINER_EXITED);
        return status(id);
    }

    static void await(String what, BooleanSupplier condition) {
        long limit = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < limit, "waited in vain for " + what);
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    ExecSyncResponse exec(String id, int seconds, String... command) {
        return client.runtime.execSync(ExecSyncRequest.newBuilder()
                .setContainerId(id)
                .addAllCmd(List.of(command))
                .setTimeout(seconds)
                .build());
    }

    String log(String name) {
        Path log = directory.resolve("logs").resolve(name).resolve("0.log");
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
