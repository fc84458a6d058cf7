package io.aestus.bench;

import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.ImageId;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.executor.Executor;
import io.aestus.executor.ExecutorConfig;
import io.aestus.executor.NativeStage1;
import io.aestus.executor.Stage1;
import io.aestus.executor.StoreTrees;
import io.aestus.fetch.FetchConfig;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.Progress;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;

/** A data directory with the {@link BusyboxImage} in its store, and an executor on it. */
record BusyboxNode(ImageStore store, Executor executor, NativeStage1 stage1, ImageId image) implements AutoCloseable {
    static BusyboxNode open(Path directory) throws IOException {
        return open(directory, 0, UnaryOperator.identity());
    }

    /**
     * @param spares how many pods are made ahead
     * @param around what to put between the executor and its stage1
     */
    static BusyboxNode open(Path directory, int spares, UnaryOperator<Stage1> around) throws IOException {
        Path archive = Files.write(Files.createDirectories(directory).resolve("busybox.aci"), BusyboxImage.archive());
        Path data = directory.resolve("data");
        var store = ImageStore.open(StoreLayout.of(data));
        var keys = KeyStore.open(List.of(directory.resolve("keys")), InstantSource.system());
        ImageId image = new ImageFetcher(store, keys, FetchConfig.PLAIN)
                .fetch(
                        new ImageReference.Archive(archive),
                        FetchPolicy.STANDARD.allowing(Insecure.IMAGE),
                        Progress.NONE)
                .id();
        var stage1 = NativeStage1.open(data, new StoreTrees(store), Clock.systemUTC(), spares);
        var config = ExecutorConfig.of(data).withAdoption(ExecutorConfig.Adoption.ALL);
        return new BusyboxNode(store, Executor.open(config, around.apply(stage1)), stage1, image);
    }

    RuntimeApp app(AcName name, String... command) {
        return RuntimeApp.of(name, RuntimeImage.of(image))
                .withApp(App.running(List.of(command)).build());
    }

    /** Waits until as many pods are made ahead as shall be. */
    void awaitSpares(int spares) throws InterruptedException {
        while (stage1.sparePods() < spares) {
            Thread.sleep(1);
        }
    }

    @Override
    public void close() throws IOException {
        executor.close();
        stage1.close();
        store.close();
    }
}
