package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.PlainTar;
import io.aestus.aci.UnpackedLayer;
import io.aestus.appc.Platform;
import io.aestus.linux.HostDigest;
import io.aestus.oci.Content;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import io.aestus.oci.OciArtifact;
import io.aestus.oci.OciReference;
import io.aestus.store.ImageRecord;
import io.aestus.store.ImageStore;
import io.aestus.store.OciImages;
import io.aestus.store.StagedLayer;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Puts an artifact into the store, as an image that has its files: each blob becomes a layer, a file by itself as a tar with nothing
 * but that file. So whatever knows images knows artifacts: as volumes, to be listed, verified, exported and collected.
 */
final class ArtifactAssembly {
    private static final String TAR = "application/vnd.oci.image.layer.v1.tar";

    private final ImageStore store;
    private final Meter meter;
    private final Platform host;

    ArtifactAssembly(ImageStore store, Meter meter, Platform host) {
        this.store = store;
        this.meter = meter;
        this.host = host;
    }

    /** Where blobs come from. */
    @FunctionalInterface
    interface Source {
        void fetch(Descriptor blob, Registry.Taker taker) throws IOException;
    }

    /** @param names the first of which is the one that was asked for */
    StoredImage run(OciArtifact artifact, Content manifest, List<OciReference> names, ImageRecord record, Source source)
            throws IOException {
        meter.receive(
                0,
                OptionalLong.of(artifact.parts().stream()
                        .mapToLong(part -> part.blob().size())
                        .sum()));
        var staged = new ArrayList<StagedLayer>();
        var layers = new ArrayList<Digest>();
        try {
            for (OciArtifact.Part part : artifact.parts()) {
                StagedLayer layer = store.oci().stageLayer();
                staged.add(layer);
                source.fetch(
                        part.blob(),
                        (in, breakOff) -> layers.add(
                                switch (part) {
                                    case OciArtifact.File file -> receive(file, in, layer, names.getFirst());
                                    case OciArtifact.Files files ->
                                        LayerPass.ofUnknown(
                                                        names.getFirst().toString(),
                                                        files.blob().digest(),
                                                        meter)
                                                .receive(in, files.blob(), layer, breakOff);
                                }));
            }
            byte[] config = artifact.config(host, layers, manifest.digest());
            try (var _ = store.oci().commitLayers(staged)) {
                var arrival = new OciImages.Arrival(Content.of(config), Optional.of(manifest), names);
                StoredImage stored = store.oci().commit(arrival, record);
                meter.enter(Progress.Phase.DONE);
                return stored;
            }
        } finally {
            for (StagedLayer layer : staged) {
                layer.close();
            }
        }
    }

    /** @return the digest of the tar */
    private Digest receive(OciArtifact.File file, InputStream in, StagedLayer staged, OciReference name)
            throws IOException {
        Descriptor blob = file.blob();
        MessageDigest arriving = HostDigest.insteadOf(blob.digest().begin());
        var watched = new WatchedInputStream(in, (buffer, from, length) -> {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted");
            }
            arriving.update(buffer, from, length);
            meter.received(length);
        });
        var tar = new PlainTar(staged.blob());
        tar.file(file.name(), blob.size(), watched);
        if (watched.read() >= 0) {
            throw lied(name, blob, "it has more than the " + blob.size() + " bytes that its manifest says");
        }
        tar.finish();
        Digest found = blob.digest().of(arriving);
        if (!found.equals(blob.digest())) {
            throw lied(name, blob, "its digest is " + found.abbreviated() + "…");
        }
        UnpackedLayer layer = staged.unpackBlob(ImageFetcher.unpackLimits(), blob.digest());
        var digest = new Digest(blob.digest().algorithm(), layer.hash());
        staged.confirm(digest, Descriptor.of(TAR, digest, layer.tarBytes()));
        return digest;
    }

    private static AestusException lied(OciReference name, Descriptor blob, String reason) {
        return new AestusException(
                Problem.CORRUPT,
                "cannot fetch " + name + ": blob " + blob.digest().abbreviated() + "… is another: " + reason);
    }
}
