package io.aestus.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.aci.Compression;
import io.aestus.aci.UnpackLimits;
import io.aestus.oci.Content;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import io.aestus.oci.OciBuild;
import io.aestus.oci.OciReference;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store of our own, for images of layers. */
public abstract class StoreForLayers {
    @TempDir
    public Path temp;

    public ImageStore store;

    @BeforeEach
    public void openStore() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root makes marks for overlays");
        store = ImageStore.open(StoreLayout.of(temp.resolve("node")));
    }

    @AfterEach
    public void closeStore() {
        if (store != null) {
            store.close();
        }
    }

    /** Brings an image as a fetcher does: what nobody else is bringing of its layers, itself, its names. */
    static StoredImage put(ImageStore store, OciBuild image, String... names) throws IOException {
        List<Descriptor> layers = image.manifest().layers();
        var staged = new ArrayList<StagedLayer>();
        try (var _ = store.oci().turns(image.diffIds(), Duration.ZERO)) {
            for (int i = 0; i < layers.size(); i++) {
                Digest diffId = image.diffIds().get(i);
                byte[] blob = image.contents().get(layers.get(i).digest());
                StagedLayer layer = store.oci().stageLayer();
                staged.add(layer);
                layer.blob().write(blob);
                layer.unpack(
                        Compression.open(new ByteArrayInputStream(blob), UnpackLimits.DEFAULT),
                        UnpackLimits.DEFAULT,
                        diffId);
                layer.confirm(diffId, layers.get(i));
            }
            try (var _ = store.oci().commitLayers(staged)) {
                var arrival = new OciImages.Arrival(
                        Content.of(image.config()),
                        Optional.of(Content.of(image.manifest().toBytes())),
                        List.of(names).stream().map(OciReference::parse).toList());
                return store.oci().commit(arrival, ImageRecord.from("test", List.of()));
            }
        } finally {
            for (StagedLayer layer : staged) {
                layer.close();
            }
        }
    }

    /** Neither half an image nor a lock of somebody who brings one. */
    public void nothingIsLeft() throws IOException {
        try (var staging = Files.list(store.layout().staging());
                var locks = Files.list(store.layout().locks())) {
            assertEquals(0, staging.count(), "in staging");
            assertEquals(
                    0,
                    locks.filter(lock -> lock.getFileName().toString().startsWith("layer-"))
                            .count(),
                    "turns of layers");
        }
    }
}
