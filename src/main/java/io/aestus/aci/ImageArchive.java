package io.aestus.aci;

import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.json.JsonLimits;
import io.aestus.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;

/** What an archive says about itself, read without unpacking it. Archives may be compressed in any known way. */
public final class ImageArchive {
    private ImageArchive() {}

    /**
     * The manifest. Reads only as far as it must, so nothing else in the archive is checked and the ID stays unknown.
     *
     * @param archive lent
     */
    public static ImageManifest manifest(InputStream archive, UnpackLimits limits) throws IOException {
        return readManifest(ImageReader.manifestOf(Compression.open(archive, limits), limits));
    }

    /** Reads a manifest. */
    public static ImageManifest readManifest(byte[] json) {
        return ImageManifest.read(JsonReader.read(json, "image manifest", JsonLimits.DEFAULT));
    }

    /**
     * The ID, after checking every entry as {@link Unpacker} does.
     *
     * @param archive lent
     */
    public static ImageId id(InputStream archive, UnpackLimits limits) throws IOException {
        var outcome = ImageReader.read(Compression.open(archive, limits), limits, (entry, path, linkPath, data) -> {});
        return outcome.id();
    }
}
