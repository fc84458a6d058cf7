package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.ImageId;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.oci.Content;
import io.aestus.oci.Conversion;
import io.aestus.oci.Digest;
import io.aestus.oci.ImageConfig;
import io.aestus.oci.OciReference;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * The OCI images among the images of a store: they come layer by layer, and are an image once all of these are here. The ID of one is
 * the SHA-512 of its configuration, which names every layer by its digest. Thread-safe.
 */
public final class OciImages {
    private final StoreDisk disk;
    private final ImageIndex index;
    private final Layers layers;
    private final Clock clock;

    OciImages(StoreDisk disk, ImageIndex index, Clock clock) {
        this.disk = disk;
        this.index = index;
        this.layers = new Layers(disk);
        this.clock = clock;
    }

    /** The ID of the image with this configuration. */
    public static ImageId idOf(byte[] config) {
        try {
            return ImageId.of(MessageDigest.getInstance("SHA-512").digest(config));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without SHA-512", e);
        }
    }

    /** Keeps layers in the store until it is closed. */
    public static final class LayerPin implements AutoCloseable {
        private final List<FileLock> locks;

        private LayerPin(List<FileLock> locks) {
            this.locks = List.copyOf(locks);
        }

        @Override
        public void close() {
            locks.forEach(FileLock::close);
        }
    }

    /** A directory of nobody else's for something that is being read, gone when it is closed. */
    public Scratch scratch() throws IOException {
        return new Scratch(Staging.begin(disk));
    }

    /**
     * Keeps others from bringing the same layers meanwhile.
     *
     * @param wanted some of which are in the result, one at least; for the others the caller asks again
     * @param patience how long to wait for somebody who brings them all
     */
    public LayerTurns turns(Collection<Digest> wanted, Duration patience) throws IOException {
        return LayerTurns.take(disk.layout(), wanted, patience);
    }

    /** Room for a layer that arrives. The caller closes it, committed or not. */
    public StagedLayer stageLayer() throws IOException {
        return StagedLayer.begin(disk);
    }

    /** Keeps a layer that is here already; empty if it is not. To be closed. */
    public Optional<LayerPin> pin(Digest diffId) throws IOException {
        return layers.pin(diffId).map(lock -> new LayerPin(List.of(lock)));
    }

    /**
     * Makes those of {@code staged} that were confirmed visible, after all of them are on the disk. Killed at any moment, this leaves
     * whole layers or none. To be closed once an image that names them is committed.
     */
    public LayerPin commitLayers(List<StagedLayer> staged) throws IOException {
        return new LayerPin(layers.commit(
                staged.stream().filter(layer -> layer.confirmed().isPresent()).toList()));
    }

    /**
     * An OCI image whose layers are all here and kept by the caller.
     *
     * @param config byte for byte, as its digest was checked
     * @param manifest by which it came, likewise, if by one
     * @param names under which it is to be found from now on: what else had them loses them
     */
    public record Arrival(Content config, Optional<Content> manifest, List<OciReference> names) {
        public Arrival {
            names = List.copyOf(names);
        }
    }

    /**
     * Makes an image visible by one rename, and then its names. If it was there already, what is there stays.
     *
     * @throws AestusException {@link Problem#NOT_FOUND} if a layer is not here
     */
    public StoredImage commit(Arrival arrival, ImageRecord record) throws IOException {
        ImageId id = idOf(arrival.config().bytes());
        if (index.find(id).isEmpty()) {
            try (Staging staging = Staging.begin(disk)) {
                write(staging, arrival, record);
                try (FileLock names = disk.lockNames()) {
                    disk.data()
                            .renameWithoutReplacing(
                                    staging.below(StagedImage.TREE),
                                    disk.data(),
                                    disk.below(disk.layout().image(id)));
                    disk.reached(Step.IMAGE_RENAMED);
                    disk.sync(disk.layout().images());
                }
            }
        } else {
            Instant now = clock.instant();
            disk.data().setTimes(disk.below(disk.layout().record(id)), now, now);
        }
        refer(id, arrival.names());
        return index.find(id)
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND, "cannot store image " + id.abbreviated() + ": it was just removed again"));
    }

    private void write(Staging staging, Arrival arrival, ImageRecord record) throws IOException {
        ImageConfig config = ImageConfig.read(arrival.config().bytes());
        long blobBytes = 0;
        long treeBytes = 0;
        for (Digest diffId : new LinkedHashSet<>(config.layers())) {
            LayerRecord layer = layers.record(diffId);
            blobBytes += layer.blob().size();
            treeBytes += layer.treeBytes();
        }
        ImageRecord whole = record.madeOf(new OciParts(arrival.config().digest(), config.layers()))
                .stored(clock.instant(), blobBytes, treeBytes, List.of());
        byte[] manifest = Conversion.manifest(
                        config,
                        arrival.config().digest(),
                        arrival.names().stream().findFirst())
                .toBytes();
        staging.directory().makeDirectory(StagedImage.TREE, 0700);
        try (Directory tree = staging.directory().openDirectory(StagedImage.TREE)) {
            write(tree, "config", arrival.config().bytes());
            if (arrival.manifest().isPresent()) {
                write(tree, "oci-manifest", arrival.manifest().get().bytes());
            }
            write(tree, "manifest", manifest);
            write(tree, "lock", new byte[0]);
            try (Fd file = tree.createFile(ImageRecord.FILE, 0600)) {
                file.writeFully(whole.toJson());
                file.setTimes(whole.imported(), whole.imported()); // the time of its last use
                file.sync();
            }
            tree.sync();
        }
        disk.reached(Step.RECORD_WRITTEN);
    }

    private static void write(Directory tree, String name, byte[] content) throws IOException {
        try (Fd file = tree.createFile(name, 0600)) {
            file.writeFully(content);
            file.sync();
        }
    }

    /** Gives names to an image that is here. */
    public void refer(ImageId image, List<OciReference> names) throws IOException {
        for (OciReference name : names) {
            References.put(disk, name.decisive(), image);
            disk.reached(Step.REFERENCE_MADE);
        }
    }

    /** The image of that name; a digest decides alone. */
    public Optional<StoredImage> find(OciReference name) throws IOException {
        return index.find(name);
    }

    /** The image with this configuration: what Docker calls its ID. */
    public Optional<StoredImage> find(Digest config) throws IOException {
        return index.find(config);
    }

    /** Takes a name from its image, which stays. @return whether there was one */
    public boolean forget(OciReference name) throws IOException {
        Optional<ImageId> image = References.find(disk, name.decisive());
        if (image.isPresent()) {
            References.remove(disk, new References.Entry(name.decisive(), image.get()));
        }
        return image.isPresent();
    }

    /** The configuration of an image, byte for byte. */
    public byte[] config(ImageId image) throws IOException {
        return disk.read(disk.layout().ociConfig(image))
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND, "cannot read image " + image.abbreviated() + ": it is no OCI image"));
    }
}
