package io.aestus.metadata;

import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.aci.UnpackLimits;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.Annotation;
import io.aestus.appc.Annotations;
import io.aestus.store.ImageRecord;
import io.aestus.store.ImageStore;
import io.aestus.store.StagedImage;
import io.aestus.store.StoreLayout;
import io.aestus.store.StoredImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A store with one image whose manifest is written in a way that nobody would write it again. */
public final class MetadataNode {
    public static final String MANIFEST = """
            { "acVersion":"0.8.11",   "acKind" : "ImageManifest",
              "name":"example.com/web", "labels":[{"name":"version","value":"1"}],
              "app":{"exec":["/bin/busybox"],"user":"0","group":"0"},
              "annotations":[{"name":"authors","value":"Image"},{"name":"homepage","value":"https://example.com/"}] }
            """;

    private MetadataNode() {}

    public static ImageStore store(Path directory) throws IOException {
        return ImageStore.open(StoreLayout.of(directory));
    }

    /** Puts the image into it, with these files besides. */
    public static StoredImage put(ImageStore store, UnaryOperator<RawTar> files) throws IOException {
        byte[] tar = files.apply(new RawTar().file("manifest", MANIFEST).directory("rootfs"))
                .end()
                .bytes();
        try (StagedImage staged = store.stage()) {
            staged.blob().write(tar);
            staged.unpack(Compression.open(new ByteArrayInputStream(tar), UnpackLimits.DEFAULT), UnpackLimits.DEFAULT);
            return store.commit(staged, ImageRecord.from("https://example.com/web.aci", List.of()));
        }
    }

    /** The image with nothing in it but a static busybox. */
    public static StoredImage putBusybox(ImageStore store) throws IOException {
        byte[] busybox = Files.readAllBytes(Path.of("/bin/busybox"));
        return put(store, files -> files.directory("rootfs/bin")
                .header(new RawTar.Header("rootfs/bin/busybox", '0', busybox.length).mode(0755))
                .padded(busybox));
    }

    public static Annotations annotations(Map<String, String> values) {
        return new Annotations(new TreeMap<>(values)
                .entrySet().stream()
                        .map(one -> new Annotation(AcIdentifier.parse(one.getKey()), one.getValue()))
                        .toList());
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
