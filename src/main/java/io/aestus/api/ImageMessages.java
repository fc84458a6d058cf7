package io.aestus.api;

import com.google.protobuf.ByteString;
import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.api.v1alpha.Image;
import io.aestus.api.v1alpha.ImageFormat;
import io.aestus.api.v1alpha.ImageType;
import io.aestus.api.v1alpha.KeyValue;
import io.aestus.appc.Annotations;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Labels;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.util.List;

/** Images in the words of the API. */
final class ImageMessages {
    private static final String NEWEST = "latest";

    private final ImageStore store;

    ImageMessages(ImageStore store) {
        this.store = store;
    }

    Image of(StoredImage image, Detail detail) throws IOException {
        ImageManifest manifest = image.manifest();
        var message = Image.newBuilder()
                .setBaseFormat(ImageFormat.newBuilder()
                        .setType(ImageType.IMAGE_TYPE_APPC)
                        .setVersion(manifest.acVersion().toString()))
                .setId(image.id().toString())
                .setName(manifest.name().toString())
                .setVersion(version(manifest.labels()))
                .setImportTimestamp(image.record().imported().getEpochSecond())
                .setSize(image.bytes())
                .addAllAnnotations(of(manifest.annotations()))
                .addAllLabels(of(manifest.labels()));
        if (detail == Detail.FULL) {
            message.setManifest(ByteString.copyFrom(store.manifestBytes(image.id())));
        }
        return message.build();
    }

    /** The image of an app; all that is known of one that is in the store no more is its ID. */
    Image ofApp(ImageId id) {
        try {
            var stored = store.find(id);
            return stored.isPresent()
                    ? of(stored.get(), Detail.BASIC)
                    : Image.newBuilder().setId(id.toString()).build();
        } catch (IOException e) {
            throw new AestusException(
                    Problem.UNAVAILABLE, "cannot read image " + id.abbreviated() + ": " + e.getMessage(), e);
        }
    }

    private static String version(Labels labels) {
        return labels.version().orElse(NEWEST);
    }

    static List<KeyValue> of(Annotations annotations) {
        return annotations.all().stream()
                .map(one -> pair(one.name().value(), one.value()))
                .toList();
    }

    private static List<KeyValue> of(Labels labels) {
        return labels.all().stream()
                .map(one -> pair(one.name().value(), one.value()))
                .toList();
    }

    static KeyValue pair(String key, String value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }
}
