package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.Compression;
import io.aestus.aci.TreeComparison;
import io.aestus.aci.UnpackLimits;
import io.aestus.linux.Directory;
import io.aestus.linux.HostDigest;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** Compares an OCI image with what it came as: its configuration by its hash, each layer by both digests and file by file. */
final class OciVerification {
    private final StoreDisk disk;
    private final StoredImage image;
    private final UnpackLimits limits;
    private final Layers layers;
    private final List<String> differences = new ArrayList<>();

    OciVerification(StoreDisk disk, StoredImage image, UnpackLimits limits) {
        this.disk = disk;
        this.image = image;
        this.limits = limits;
        this.layers = new Layers(disk);
    }

    Verification run() throws IOException {
        OciParts parts = image.record().oci().orElseThrow();
        boolean isSame = disk.read(disk.layout().ociConfig(image.id()))
                .filter(config -> parts.config().equals(parts.config().over(config))
                        && OciImages.idOf(config).equals(image.id()))
                .isPresent();
        if (!isSame) {
            differences.add("the configuration has another hash");
        }
        for (Digest diffId : new LinkedHashSet<>(parts.layers())) {
            try {
                verify(diffId);
            } catch (AestusException e) {
                if (e.problem() != Problem.CORRUPT && e.problem() != Problem.INVALID) {
                    throw e;
                }
                differences.add("layer " + diffId.abbreviated() + ": " + e.message());
            }
        }
        return new Verification(image.id(), differences);
    }

    private void verify(Digest diffId) throws IOException {
        Descriptor blob = layers.record(diffId).blob();
        MessageDigest arrived = HostDigest.insteadOf(blob.digest().begin());
        TreeComparison.LayerResult result;
        try (var file = new DigestInputStream(Files.newInputStream(disk.layout().layerBlob(diffId)), arrived);
                InputStream tar = Compression.open(new CloseShield(file), limits);
                Directory unpacked =
                        disk.data().openDirectory(disk.below(disk.layout().layer(diffId)))) {
            result = TreeComparison.compareLayer(tar, unpacked, limits, HostDigest.insteadOf(diffId.begin()));
            file.transferTo(OutputStream.nullOutputStream()); // what follows the compressed data counts too
        }
        String layer = "layer " + diffId.abbreviated() + ": ";
        if (!blob.digest().of(arrived).equals(blob.digest())) {
            differences.add(layer + "what was fetched has another digest");
        }
        if (!diffId.hex().equals(result.hash())) {
            differences.add(layer + "its tar has another digest");
        }
        result.differences().forEach(difference -> differences.add(layer + difference));
    }
}
