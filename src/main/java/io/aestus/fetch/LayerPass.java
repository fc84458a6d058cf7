package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.UnpackedLayer;
import io.aestus.linux.HostDigest;
import io.aestus.oci.Descriptor;
import io.aestus.oci.Digest;
import io.aestus.store.StagedLayer;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * The {@link Pipeline} for a layer: while it arrives it is hashed as delivered, kept, decompressed, hashed as a tar and unpacked. A
 * source that sends other bytes than were asked for, or more, is refused; nothing of it stays.
 */
final class LayerPass {
    private final Digest diffId;
    private final boolean isKnown;
    private final Meter meter;
    private final String shown;
    private long count;

    /** @param shown the image, for messages */
    LayerPass(String shown, Digest diffId, Meter meter) {
        this(shown, diffId, true, meter);
    }

    private LayerPass(String shown, Digest diffId, boolean isKnown, Meter meter) {
        this.shown = shown;
        this.diffId = diffId;
        this.isKnown = isKnown;
        this.meter = meter;
    }

    /** For a layer of which nobody said what the digest of its tar is. */
    static LayerPass ofUnknown(String shown, Digest blob, Meter meter) {
        return new LayerPass(shown, blob, false, meter);
    }

    /** What it turned out to be: as it arrived, and its tar. */
    private record Found(Digest blob, Digest tar) {}

    /**
     * Receives a layer of which the manifest says how long it is, and which.
     *
     * @param in lent; read to its end
     * @param staged confirmed at the end. Lent
     * @param breakOff ends a read of {@code in} that waits
     * @return the digest of its tar
     */
    Digest receive(InputStream in, Descriptor expected, StagedLayer staged, Runnable breakOff) throws IOException {
        Found found = run(in, expected.size(), expected.digest(), staged, breakOff);
        Digest digest = found.blob();
        if (count != expected.size()) {
            throw lied("it has " + count + " bytes, not " + expected.size());
        }
        if (!digest.equals(expected.digest())) {
            throw lied("its digest is " + digest.abbreviated() + "…, not "
                    + expected.digest().abbreviated() + "…");
        }
        staged.confirm(found.tar(), expected);
        return found.tar();
    }

    /** Receives a layer of which only the digest of its tar is known. */
    void receive(InputStream in, String mediaType, StagedLayer staged) throws IOException {
        Found found = run(in, Long.MAX_VALUE, diffId, staged, () -> {});
        staged.confirm(diffId, Descriptor.of(mediaType, found.blob(), count));
    }

    private Found run(InputStream in, long most, Digest kind, StagedLayer staged, Runnable breakOff)
            throws IOException {
        MessageDigest arriving = HostDigest.insteadOf(kind.begin());
        var blob = staged.blob();
        var watched = new WatchedInputStream(in, (buffer, from, length) -> {
            count += length;
            if (count > most) {
                throw lied("it has more than the " + most + " bytes that its manifest says");
            }
            arriving.update(buffer, from, length);
            blob.write(buffer, from, length);
            meter.received(length);
        });
        UnpackedLayer layer = new Pipeline(breakOff)
                .run(watched, (tar, limits) -> staged.unpack(tar, limits, diffId), ImageFetcher.unpackLimits());
        Digest unpacked = new Digest(diffId.algorithm(), layer.hash());
        if (isKnown && !unpacked.equals(diffId)) {
            throw lied("its files have the digest " + unpacked.abbreviated() + "…, not the configuration's "
                    + diffId.abbreviated() + "…");
        }
        layer.notes().forEach(meter::notice);
        return new Found(kind.of(arriving), unpacked);
    }

    private AestusException lied(String reason) {
        return new AestusException(
                Problem.CORRUPT,
                "cannot fetch " + shown + ": layer " + diffId.abbreviated() + "… is another: " + reason);
    }
}
