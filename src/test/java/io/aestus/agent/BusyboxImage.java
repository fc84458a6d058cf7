package io.aestus.agent;

import io.aestus.aci.BuildOptions;
import io.aestus.aci.ImageBuilder;
import io.aestus.aci.Owners;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.App;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Label;
import io.aestus.appc.Labels;
import io.aestus.fetch.FetchConfig;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.Progress;
import io.aestus.linux.Directory;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** An image with nothing in it but a static busybox. */
final class BusyboxImage {
    private BusyboxImage() {}

    /** Builds {@code example.com/hello}, which prints a line and then waits for ever. */
    static Path build(Path directory) throws IOException {
        Path rootfs = Files.createDirectories(directory.resolve("rootfs"));
        Path bin = Files.createDirectories(rootfs.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        Files.createDirectories(rootfs.resolve("data"));
        var manifest = ImageManifest.named(AcIdentifier.parse("example.com/hello"))
                .withLabels(Labels.of(Label.of("version", "1.0.0")))
                .withApp(App.running(List.of("/bin/busybox", "sh", "-c", "echo hello; exec /bin/busybox sleep 1000000"))
                        .build());
        Path archive = directory.resolve("hello.aci");
        try (Directory files = Directory.open(rootfs);
                OutputStream out = Files.newOutputStream(archive)) {
            ImageBuilder.build(manifest.toBytes(), files, BuildOptions.DEFAULT.withOwners(Owners.ROOT), out);
        }
        return archive;
    }

    /** Puts it into a node's store, as somebody who trusts it without a signature. */
    static void importInto(NodeSettings settings, Path temporary) throws IOException {
        Path archive = build(Files.createDirectory(temporary.resolve("image")));
        importInto(new StoreLayout(settings.dir(), settings.runDir()), archive, temporary.resolve("keys"));
    }

    /** The same with any archive. */
    static void importInto(StoreLayout layout, Path archive, Path trusted) throws IOException {
        try (var store = ImageStore.open(layout)) {
            var keys = KeyStore.open(List.of(trusted), InstantSource.system());
            new ImageFetcher(store, keys, FetchConfig.PLAIN)
                    .fetch(
                            new ImageReference.Archive(archive),
                            FetchPolicy.STANDARD.allowing(Insecure.IMAGE),
                            Progress.NONE);
        }
    }
}
