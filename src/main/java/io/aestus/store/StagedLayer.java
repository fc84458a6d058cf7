package io.aestus.store;

import io.aestus.aci.LayerUnpacker;
import io.aestus.aci.UnpackLimits;
import io.aestus.aci.UnpackedLayer;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.HostDigest;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A layer on its way into the store, as {@link StagedImage} is an image: {@link #blob} filled by one thread, {@link #unpack} called by
 * another, then {@link #confirm} once both are known to be what was asked for. Closing it unless it was committed leaves nothing
 * behind.
 */
public final class StagedLayer implements AutoCloseable {
    static final String TREE = "layer";
    static final String BLOB = "blob";

    /** What the layer turned out to be, and was to be. */
    record Confirmed(Digest diffId, LayerRecord record) {}

    private final StagedTree staged;
    private @Nullable UnpackedLayer unpacked;
    private @Nullable Confirmed confirmed;

    private StagedLayer(StagedTree staged) {
        this.staged = staged;
    }

    static StagedLayer begin(StoreDisk disk) throws IOException {
        return new StagedLayer(StagedTree.begin(disk, TREE));
    }

    /** Where the layer goes, byte for byte as it arrives; unbuffered, write in large pieces. Closed with this. */
    public OutputStream blob() throws IOException {
        return staged.blob(staged.tree(), BLOB);
    }

    /** Unpacks {@code tar} (uncompressed, lent) while it arrives, computing a digest of the kind of {@code wanted}. */
    public UnpackedLayer unpack(InputStream tar, UnpackLimits limits, Digest wanted) throws IOException {
        UnpackedLayer layer = LayerUnpacker.unpack(tar, staged.tree(), limits, HostDigest.insteadOf(wanted.begin()));
        unpacked = layer;
        return layer;
    }

    /** Unpacks what was kept, which is a tar, when all of it is there. */
    public UnpackedLayer unpackBlob(UnpackLimits limits, Digest wanted) throws IOException {
        try (Fd tar = staged.tree().openForReading(BLOB)) {
            return unpack(tar.inputStream(), limits, wanted);
        }
    }

    /**
     * Says that all is as it should be: the caller has compared both digests.
     *
     * @param descriptor of the layer as it arrived
     */
    public void confirm(Digest diffId, Descriptor descriptor) {
        if (unpacked == null || !staged.hasBlob()) {
            throw new IllegalStateException("a layer is confirmed after it was kept and unpacked");
        }
        confirmed = new Confirmed(diffId, LayerRecord.of(descriptor, unpacked));
    }

    /** What it is, once that is certain. */
    Optional<Confirmed> confirmed() {
        return staged.isClosed() ? Optional.empty() : Optional.ofNullable(confirmed);
    }

    Directory tree() {
        return staged.tree();
    }

    /** Where the tree lies, seen from the store's directory. */
    String place() {
        return staged.place();
    }

    @Override
    public void close() throws IOException {
        staged.close();
    }
}
