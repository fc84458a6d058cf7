package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Labels;
import io.aestus.linux.Directory;
import io.aestus.oci.OciReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The images of this node. An image comes in through {@link #stage} and {@link #commit}, is found by ID, by name and labels
 * or by the beginning of its ID, and stays until {@link #remove} or {@link #gc}. Any number of processes may use one store at
 * once. Thread-safe.
 */
public final class ImageStore implements AutoCloseable {
    private final StoreDisk disk;
    private final ImageIndex index;
    private final Commit commit;
    private final Removal removal;
    private final Trees trees;
    private final OciImages oci;
    private final PinnedImages pinned;
    private final ImageUse use;
    private final Clock clock;

    private ImageStore(StoreDisk disk, Clock clock) {
        this.disk = disk;
        this.clock = clock;
        this.index = new ImageIndex(disk);
        this.commit = new Commit(disk, index, clock);
        this.pinned = new PinnedImages(disk, index);
        this.use = new ImageUse(disk);
        this.removal = new Removal(disk, index, pinned, clock);
        this.trees = new Trees(disk, index);
        this.oci = new OciImages(disk, index, clock);
    }

    /** Opens the store, making it if it is not there, and sweeps up what killed processes left. */
    public static ImageStore open(StoreLayout layout) throws IOException {
        return open(layout, Clock.systemUTC(), Step.Observer.NONE);
    }

    static ImageStore open(StoreLayout layout, Clock clock, Step.Observer observer) throws IOException {
        StoreDisk disk = StoreDisk.open(layout, observer);
        try {
            Staging.sweep(disk);
            LayerTurns.sweep(layout);
            return new ImageStore(disk, clock);
        } catch (IOException e) {
            disk.close();
            throw e;
        }
    }

    public StoreLayout layout() {
        return disk.layout();
    }

    // --- coming in

    /** Room for an image that arrives. The caller closes it, committed or not. */
    public StagedImage stage() throws IOException {
        return StagedImage.begin(disk);
    }

    /**
     * Makes a staged image visible, by one rename after all of it is on the disk. If the image was there already, what is
     * there stays and its record is brought up to date. Killed at any moment, this leaves the old state or the new one.
     *
     * @param staged unpacked, and its ID and signature checked by the caller; still to be closed
     * @param record see {@link ImageRecord#from}
     */
    public StoredImage commit(StagedImage staged, ImageRecord record) throws IOException {
        return commit.run(staged, record);
    }

    /** What OCI images have of their own. */
    public OciImages oci() {
        return oci;
    }

    // --- finding

    public Optional<StoredImage> find(ImageId id) throws IOException {
        return index.find(id);
    }

    /**
     * The image of that name with all labels that are asked for. Where no version is asked, one that was fetched that way is
     * preferred; among equals the newest import counts.
     */
    public Optional<StoredImage> find(ImageQuery query) throws IOException {
        return find(query, Labels.NONE);
    }

    /** The same, leaving out images that contradict {@code defaults}, such as those for another machine. */
    public Optional<StoredImage> find(ImageQuery query, Labels defaults) throws IOException {
        return find(query, defaults, _ -> true);
    }

    /** The same, leaving out images that the caller does not admit. */
    public Optional<StoredImage> find(ImageQuery query, Labels defaults, Predicate<StoredImage> admits)
            throws IOException {
        return index.find(query, defaults, admits);
    }

    /**
     * What a user means by {@code text}: the beginning of an ID ({@code sha512-} and two digits or more), a name with
     * labels, or the name of an OCI image, which {@code docker://} may stand before.
     *
     * @throws AestusException {@link Problem#NOT_FOUND}, or {@link Problem#INVALID} if it is neither or means several
     */
    public StoredImage resolve(String text) throws IOException {
        if (text.startsWith(ImageId.PREFIX)) {
            return require(index.byPrefix(text));
        }
        Optional<StoredImage> found = text.startsWith(OciReference.SCHEME)
                ? oci.find(OciReference.parse(text.substring(OciReference.SCHEME.length())))
                : byEitherName(text);
        return found.orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND, "cannot find image " + Quoted.of(text) + ": it is not in the store")
                .withRemedy("aestus fetch " + text));
    }

    /** A name means an App Container Image if there is one. */
    private Optional<StoredImage> byEitherName(String text) throws IOException {
        Optional<StoredImage> found;
        try {
            found = find(ImageQuery.parse(text));
        } catch (AestusException notAppc) {
            try {
                return oci.find(OciReference.parse(text));
            } catch (AestusException _) {
                throw notAppc;
            }
        }
        if (found.isPresent()) {
            return found;
        }
        try {
            return oci.find(OciReference.parse(text));
        } catch (AestusException _) {
            return Optional.empty(); // a name of appc's alone
        }
    }

    /**
     * The image whose ID begins so; that of an OCI image also being the digest of its configuration.
     *
     * @param text with {@code sha512-} or {@code sha256:} before the digits, or without
     * @throws AestusException {@link Problem#INVALID} if several do
     */
    public Optional<StoredImage> beginning(String text) throws IOException {
        return index.beginning(text);
    }

    /**
     * The image with this ID.
     *
     * @throws AestusException {@link Problem#NOT_FOUND}
     */
    public StoredImage require(ImageId id) throws IOException {
        return find(id).orElseThrow(() -> notFound(id));
    }

    private static AestusException notFound(ImageId id) {
        return new AestusException(
                Problem.NOT_FOUND, "cannot find image " + id.abbreviated() + ": it is not in the store");
    }

    /** All images, the newest import first. */
    public List<StoredImage> list() throws IOException {
        return index.list();
    }

    /** The IDs of all images: less work than the images themselves. */
    public Set<ImageId> ids() throws IOException {
        return Set.copyOf(index.ids());
    }

    /**
     * What an image is, without asking whether it is still there: {@link #layers} does.
     *
     * @throws AestusException {@link Problem#NOT_FOUND} if it never was
     */
    public ImageManifest manifest(ImageId id) throws IOException {
        return index.manifest(id).orElseThrow(() -> notFound(id));
    }

    /** The manifest as its maker wrote it, byte for byte. */
    public byte[] manifestBytes(ImageId id) throws IOException {
        return disk.read(layout().manifest(require(id).id())).orElseThrow();
    }

    /** What everything here takes on disk. Looks at every file. */
    public DiskUse diskUse() throws IOException {
        return DiskUse.of(disk, index.list());
    }

    /** What all images take, with trees that were rendered; what is looked at once is remembered. */
    public DiskTotal use() throws IOException {
        return use.total();
    }

    // --- using

    /**
     * The directories to be stacked as the root of an app of this image, the lowest first: one for each image, or a single
     * one where a whitelist forced a tree to be rendered. They stay only while something keeps the image: see {@link #pin}.
     *
     * @throws AestusException {@link Problem#NOT_FOUND} if a dependency is missing, {@link Problem#INVALID} if they are
     *     cyclic or nested beyond reason
     */
    public List<Path> layers(ImageId id) throws IOException {
        try (ImagePin pin = pin(id)) {
            return pin.layers();
        }
    }

    /** The layers, and all images among them kept from being removed until the pin is closed. */
    public ImagePin pin(ImageId id) throws IOException {
        return trees.pin(require(id));
    }

    /** Notes that the image's origin still has it, and until when it need not be asked again. */
    public StoredImage renew(ImageId id, Optional<Instant> freshUntil) throws IOException {
        return commit.renew(id, freshUntil);
    }

    /** Notes that the image is used now. */
    public void touch(ImageId id) throws IOException {
        Instant now = clock.instant();
        disk.data().setTimes(disk.below(layout().record(require(id).id())), now, now);
    }

    // --- going out

    /** The archive as it was fetched, if it was kept. To be closed. */
    public Optional<InputStream> blob(ImageId id) throws IOException {
        return trees.blob(require(id).id());
    }

    /** The detached signature that came with the archive. */
    public Optional<byte[]> signature(ImageId id) throws IOException {
        return disk.read(layout().signature(id));
    }

    /** Writes the image's tar, uncompressed: bytes whose SHA-512 is the ID. */
    public void export(ImageId id, OutputStream out) throws IOException {
        trees.export(require(id), out);
    }

    /** Unpacks this image alone: {@code manifest} and {@code rootfs} in {@code target}, which is lent. */
    public void extract(ImageId id, Directory target) throws IOException {
        trees.extract(require(id), target);
    }

    /** Copies the image with all that it stands on to a new directory {@code rootfs} in {@code target}, which is lent. */
    public void render(ImageId id, Directory target) throws IOException {
        trees.render(require(id), target);
    }

    /** Hashes the archive again and compares the unpacked tree with it. */
    public Verification verify(ImageId id) throws IOException {
        return trees.verify(require(id));
    }

    // --- removing

    /**
     * Removes an image.
     *
     * @throws AestusException {@link Problem#CONFLICT} if a pod or another process uses it or what stands on it
     */
    public void remove(ImageId id) throws IOException {
        removal.remove(require(id));
    }

    /**
     * Has images of these names kept by every {@link #gc}, whenever they come: names or IDs, as {@link #resolve} reads them. They count
     * instead of those that were given before, and for all processes.
     *
     * @throws AestusException {@link Problem#INVALID} if one is neither
     */
    public void setPinned(List<String> names) throws IOException {
        pinned.name(names);
    }

    /** The images that have such names now. */
    public Set<ImageId> pinned() throws IOException {
        return pinned.ids();
    }

    /**
     * Removes what was not used for {@code grace} and is not needed by a pod, by an image that stays, or by {@code inUse}, nor pinned;
     * rendered trees whose images went, and archives without an image.
     */
    public GcReport gc(Duration grace, Set<ImageId> inUse) throws IOException {
        return removal.gc(grace, inUse);
    }

    /** Lets go of the directory; images stay. */
    @Override
    public void close() {
        disk.close();
    }
}
