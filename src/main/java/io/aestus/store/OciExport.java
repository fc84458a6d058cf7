package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.PlainTar;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import io.aestus.oci.OciDocument;
import io.aestus.oci.OciIndex;
import io.aestus.oci.OciManifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An OCI image as an archive of the layout that others read: {@code skopeo copy oci-archive:FILE …}. Its manifest is the one by which
 * it came, unless the store has a layer in another compression, which came with another image.
 *
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md">OCI: Image Layout</a>
 */
final class OciExport {
    private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";

    private final StoreDisk disk;
    private final StoredImage image;
    private final Layers layers;

    OciExport(StoreDisk disk, StoredImage image) {
        this.disk = disk;
        this.image = image;
        this.layers = new Layers(disk);
    }

    void write(OutputStream out) throws IOException {
        byte[] config = disk.read(disk.layout().ociConfig(image.id())).orElseThrow(this::lost);
        Digest configDigest = parts().config();
        List<LayerRecord> records = new ArrayList<>();
        for (Digest diffId : parts().layers()) {
            records.add(layers.record(diffId));
        }
        byte[] manifest = manifest(config.length, configDigest, records);
        Digest manifestDigest = Digest.sha256(manifest);
        var tar = new PlainTar(out);
        tar.file("oci-layout", LAYOUT.getBytes(StandardCharsets.UTF_8));
        tar.file("index.json", index(Descriptor.of(OciManifest.MEDIA_TYPE, manifestDigest, manifest.length)));
        Set<Digest> written = new HashSet<>(Set.of(configDigest, manifestDigest));
        tar.file(blob(manifestDigest), manifest);
        tar.file(blob(configDigest), config);
        for (int i = 0; i < records.size(); i++) {
            Descriptor descriptor = records.get(i).blob();
            if (written.add(descriptor.digest())) {
                Path file = disk.layout().layerBlob(parts().layers().get(i));
                try (InputStream in = Files.newInputStream(file)) {
                    tar.file(blob(descriptor.digest()), descriptor.size(), in);
                }
            }
        }
        tar.finish();
    }

    private OciParts parts() {
        return image.record().oci().orElseThrow();
    }

    private AestusException lost() {
        return new AestusException(
                Problem.CORRUPT,
                "cannot export image " + image.id().abbreviated() + ": its configuration is lost, fetch it again");
    }

    private static String blob(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    private byte[] manifest(long configLength, Digest config, List<LayerRecord> records) throws IOException {
        List<Descriptor> kept = records.stream().map(LayerRecord::blob).toList();
        Optional<byte[]> original = disk.read(disk.layout().ociManifest(image.id()));
        if (original.isPresent()
                && OciDocument.read(original.get()) instanceof OciManifest known
                && digests(known.layers()).equals(digests(kept))) {
            return original.get();
        }
        return new OciManifest(Descriptor.of(OciManifest.CONFIG_TYPE, config, configLength), kept).toBytes();
    }

    private static List<Digest> digests(List<Descriptor> descriptors) {
        return descriptors.stream().map(Descriptor::digest).toList();
    }

    private byte[] index(Descriptor manifest) {
        Descriptor named = image.references().stream()
                .filter(name -> name.tag().isPresent())
                .findFirst()
                .map(name -> manifest.named(name.toString()))
                .orElse(manifest);
        return JsonWriter.compact(JsonObject.builder()
                .put("schemaVersion", 2)
                .put("mediaType", OciIndex.MEDIA_TYPE)
                .put("manifests", Json.array(List.of(named), Descriptor::toJson))
                .build());
    }
}
