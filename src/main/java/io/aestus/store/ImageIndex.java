package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.aci.ImageArchive;
import io.aestus.appc.DockerOrigin;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Labels;
import io.aestus.linux.Directory;
import io.aestus.linux.FileStatus;
import io.aestus.oci.Digest;
import io.aestus.oci.OciReference;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Which images there are. The disk is asked each time, since other processes change it; only manifests, which an ID fixes
 * for ever, are remembered. Thread-safe.
 */
final class ImageIndex {
    private static final Comparator<StoredImage> NEWEST_FIRST = Comparator.comparing(
                    (StoredImage image) -> image.record().imported())
            .thenComparing(StoredImage::id)
            .reversed();

    private final StoreDisk disk;
    private final Map<ImageId, ImageManifest> manifests = new ConcurrentHashMap<>();

    ImageIndex(StoreDisk disk) {
        this.disk = disk;
    }

    /** All images, newest first. */
    List<StoredImage> list() throws IOException {
        var images = new ArrayList<StoredImage>();
        List<References.Entry> names = References.all(disk.layout());
        for (ImageId id : ids()) {
            find(id, () -> names).ifPresent(images::add);
        }
        images.sort(NEWEST_FIRST);
        return List.copyOf(images);
    }

    List<ImageId> ids() throws IOException {
        try (Directory images =
                disk.data().openDirectory(disk.below(disk.layout().images()))) {
            return images.list().stream()
                    .filter(name -> name.startsWith(ImageId.PREFIX))
                    .map(ImageId::parse)
                    .toList();
        }
    }

    Optional<StoredImage> find(ImageId id) throws IOException {
        return find(id, () -> References.all(disk.layout()));
    }

    private interface Names {
        List<References.Entry> all() throws IOException;
    }

    private Optional<StoredImage> find(ImageId id, Names names) throws IOException {
        Optional<byte[]> record = disk.read(disk.layout().record(id));
        Optional<ImageManifest> manifest = manifest(id);
        Optional<FileStatus> status = disk.data().find(disk.below(disk.layout().record(id)));
        if (record.isEmpty() || manifest.isEmpty() || status.isEmpty()) {
            manifests.remove(id);
            return Optional.empty(); // not here, or removed while we looked
        }
        Instant lastUsed = status.get().modified();
        ImageRecord read = ImageRecord.read(record.get());
        return Optional.of(new StoredImage(
                id,
                manifest.get(),
                disk.layout().rootfs(id),
                read,
                read.oci().isEmpty() ? List.of() : References.of(id, names.all()),
                lastUsed));
    }

    /** Read but once: an image that was removed since may still have one. */
    Optional<ImageManifest> manifest(ImageId id) throws IOException {
        ImageManifest known = manifests.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<ImageManifest> read = disk.read(disk.layout().manifest(id)).map(ImageArchive::readManifest);
        read.filter(manifest -> DockerOrigin.of(manifest).isEmpty()) // whose name is what it was first called
                .ifPresent(manifest -> manifests.put(id, manifest));
        return read;
    }

    /**
     * The image of that name with all labels that are asked for, among those admitted. Where no version is asked, one that was fetched that way is
     * preferred; among equals the newest import.
     */
    Optional<StoredImage> find(ImageQuery query, Labels defaults, Predicate<StoredImage> admits) throws IOException {
        List<StoredImage> matches = list().stream()
                .filter(image -> !image.isOci()) // whose names are others
                .filter(image -> query.matches(image.manifest(), defaults))
                .filter(admits)
                .toList();
        boolean isAnyVersion = query.labels().version().isEmpty();
        return matches.stream()
                .filter(image -> isAnyVersion && image.record().isLatest())
                .findFirst()
                .or(() -> matches.stream().findFirst());
    }

    /** The OCI image of that name: the digest, if there is one, decides alone. */
    Optional<StoredImage> find(OciReference name) throws IOException {
        Optional<ImageId> id = References.find(disk, name.decisive());
        return id.isPresent() ? find(id.get()) : Optional.empty();
    }

    /** The OCI image with this configuration: what Docker calls its ID. */
    Optional<StoredImage> find(Digest config) throws IOException {
        return list().stream()
                .filter(image -> image.record()
                        .oci()
                        .filter(parts -> parts.config().equals(config))
                        .isPresent())
                .findFirst();
    }

    /** The one image of which an ID, of the two that it may have, begins so. */
    Optional<StoredImage> beginning(String text) throws IOException {
        List<StoredImage> found = list().stream()
                .filter(image -> image.id().toString().startsWith(text)
                        || image.id().hex().startsWith(text)
                        || image.record()
                                .oci()
                                .map(OciParts::config)
                                .filter(config -> config.toString().startsWith(text)
                                        || config.hex().startsWith(text))
                                .isPresent())
                .toList();
        if (found.size() > 1) {
            throw new AestusException(
                    Problem.INVALID, "cannot find image " + Quoted.of(text) + ": " + found.size() + " IDs begin so");
        }
        return found.stream().findFirst();
    }

    /** The one image whose ID begins with {@code text}: {@code sha512-} and at least two digits. */
    ImageId byPrefix(String text) throws IOException {
        String prefix = text.toLowerCase(Locale.ROOT);
        if (!prefix.matches(ImageId.PREFIX + "[0-9a-f]{2,128}")) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot find image " + Quoted.of(text) + ": an ID is sha512- and at least two hexadecimal digits");
        }
        List<ImageId> found =
                ids().stream().filter(id -> id.toString().startsWith(prefix)).toList();
        return switch (found.size()) {
            case 0 ->
                throw new AestusException(
                        Problem.NOT_FOUND, "cannot find image " + Quoted.of(text) + ": no such ID is stored");
            case 1 -> found.getFirst();
            default ->
                throw new AestusException(
                        Problem.INVALID,
                        "cannot find image " + Quoted.of(text) + ": " + found.size() + " IDs begin so");
        };
    }
}
