package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.aci.Compression;
import io.aestus.aci.Owners;
import io.aestus.aci.TreeCopy;
import io.aestus.appc.Platform;
import io.aestus.linux.Directory;
import io.aestus.oci.Digest;
import io.aestus.oci.OciReference;
import io.aestus.store.ImageRecord;
import io.aestus.store.ImageStore;
import io.aestus.store.Scratch;
import io.aestus.store.StagedLayer;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Brings OCI images of this host into the store: from a directory of the OCI layout, an archive of one, or what {@code docker save}
 * writes. Nothing vouches for them, so they are used by their IDs, or where images need no signature.
 */
public final class ImageImport {
    private final ImageStore store;
    private final Platform host;

    public ImageImport(ImageStore store) {
        this(store, Platform.host());
    }

    ImageImport(ImageStore store, Platform host) {
        this.store = store;
        this.host = host;
    }

    /**
     * All images at {@code path} that are for this host.
     *
     * @param name what the only image is called from then on; empty for what the archive calls each
     * @param platforms whether one for another host will do
     * @throws AestusException {@link Problem#NOT_FOUND} if there is nothing, {@link Problem#INVALID} or {@link Problem#CORRUPT} for
     *     what is wrong with it
     */
    public List<StoredImage> run(
            Path path, Optional<OciReference> name, FetchPolicy.Platforms platforms, Progress progress) {
        try {
            if (Files.isDirectory(path)) {
                try (Directory directory = Directory.open(path)) {
                    return images(path, directory, name, platforms, progress);
                }
            }
            try (Scratch scratch = store.oci().scratch()) {
                try (InputStream file = Files.newInputStream(path);
                        InputStream tar = Compression.open(file, ImageFetcher.unpackLimits())) {
                    TreeCopy.fromTar(tar, scratch.directory(), ImageFetcher.unpackLimits(), Owners.ROOT);
                }
                return images(path, scratch.directory(), name, platforms, progress);
            }
        } catch (NoSuchFileException e) {
            throw new AestusException(
                    Problem.NOT_FOUND, "cannot import " + path + ": there is no file " + e.getFile(), e);
        } catch (IOException e) {
            throw FetchFailures.of(path.toString(), e);
        }
    }

    private List<StoredImage> images(
            Path path,
            Directory directory,
            Optional<OciReference> name,
            FetchPolicy.Platforms platforms,
            Progress progress)
            throws IOException {
        Optional<Platform> wanted =
                switch (platforms) {
                    case THIS_HOST -> Optional.of(host);
                    case ANY -> Optional.empty();
                };
        List<LocalImage> found = LocalImage.all(new LocalFiles(directory, path.toString()), host);
        if (name.isPresent() && found.size() != 1) {
            throw new AestusException(
                            Problem.INVALID,
                            "cannot import " + path + " as " + name.get() + ": it has " + found.size() + " images")
                    .withRemedy("leave the name out");
        }
        var images = new ArrayList<StoredImage>();
        for (LocalImage image : found) {
            List<OciReference> names = name.map(List::of).orElse(image.names());
            images.add(assemble(path, image, names, wanted, new Meter(path.toString(), progress)));
        }
        return List.copyOf(images);
    }

    private StoredImage assemble(
            Path path, LocalImage image, List<OciReference> names, Optional<Platform> wanted, Meter meter)
            throws IOException {
        var plan = new OciAssembly.Plan(
                Quoted.of(path.toString()),
                image.config(),
                image.manifest(),
                image.layers().size(),
                names);
        var source = new OciAssembly.Layers() {
            @Override
            public void receive(int at, Digest diffId, StagedLayer staged) throws IOException {
                image.receive(at, new LayerPass(path.toString(), diffId, meter), staged);
            }

            @Override
            public OptionalLong size(int at) {
                return image.layers().get(at).size();
            }
        };
        return new OciAssembly(store, meter).run(plan, source, wanted, ImageRecord.from(path.toString(), List.of()));
    }
}
