package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Platform;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.linux.Fd;
import io.aestus.oci.Content;
import io.aestus.oci.Descriptor;
import io.aestus.oci.OciArtifact;
import io.aestus.oci.OciDocument;
import io.aestus.oci.OciIndex;
import io.aestus.oci.OciManifest;
import io.aestus.oci.OciReference;
import io.aestus.store.StagedLayer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One image of a layout, or of what {@code docker save} writes.
 *
 * @param manifest empty where there was none
 */
record LocalImage(
        LocalFiles files, Content config, Optional<Content> manifest, List<Layer> layers, List<OciReference> names) {
    private static final int DEEPEST = 4;
    private static final int MOST = 1000;
    /** Of a layer that nothing describes: true of most, and looked at by nobody. */
    private static final String TAR = "application/vnd.oci.image.layer.v1.tar";

    LocalImage {
        layers = List.copyOf(layers);
        names = List.copyOf(names);
    }

    /**
     * A layer.
     *
     * @param path of its file
     * @param descriptor empty where nothing describes it
     */
    record Layer(String path, Optional<Descriptor> descriptor) {
        OptionalLong size() {
            return descriptor.map(known -> OptionalLong.of(known.size())).orElseGet(OptionalLong::empty);
        }
    }

    /** All images, of those for several machines the one for {@code host}. */
    static List<LocalImage> all(LocalFiles files, Platform host) throws IOException {
        var images = new ArrayList<LocalImage>();
        try (Fd index = files.open("index.json").orElse(null)) {
            if (index != null) {
                addAll(files, files.read("index.json"), host, images);
                return images;
            }
        }
        try (Fd manifest = files.open("manifest.json").orElse(null)) {
            if (manifest == null) {
                throw new AestusException(
                                Problem.INVALID,
                                "cannot import " + files.shown()
                                        + ": it has neither an index.json, as the OCI layout has, nor a"
                                        + " manifest.json, as docker save writes")
                        .withRemedy("an App Container Image is brought by aestus fetch FILE");
            }
        }
        JsonView list = JsonReader.read(files.read("manifest.json"), "manifest.json");
        for (JsonView image : list.elements()) {
            images.add(ofDocker(files, image));
        }
        return images;
    }

    private static void addAll(LocalFiles files, byte[] json, Platform host, List<LocalImage> images)
            throws IOException {
        if (!(OciDocument.read(json) instanceof OciIndex index)) {
            throw new AestusException(
                    Problem.INVALID, "cannot import " + files.shown() + ": its index.json is no index");
        }
        boolean isOneForSeveral = index.manifests().size() > 1
                && index.manifests().stream().allMatch(each -> each.platform().isPresent())
                && index.manifests().stream().map(Descriptor::name).distinct().count() == 1;
        List<Descriptor> chosen = isOneForSeveral ? List.of(index.choose(host)) : index.manifests();
        for (Descriptor each : chosen) {
            images.add(ofLayout(files, each, host, names(each), 0));
            if (images.size() > MOST) {
                throw new AestusException(
                        Problem.EXHAUSTED, "cannot import " + files.shown() + ": it has more than " + MOST + " images");
            }
        }
    }

    /** A name that says no more than a tag does not say of what. */
    private static List<OciReference> names(Descriptor descriptor) {
        return descriptor
                .name()
                .filter(name -> name.indexOf('/') >= 0 || name.indexOf(':') >= 0)
                .map(OciReference::parse)
                .map(List::of)
                .orElse(List.of());
    }

    private static LocalImage ofLayout(
            LocalFiles files, Descriptor descriptor, Platform host, List<OciReference> names, int depth)
            throws IOException {
        Content content = files.read(descriptor);
        switch (OciDocument.read(content.bytes())) {
            case OciIndex index -> {
                if (depth >= DEEPEST) {
                    throw new AestusException(
                            Problem.INVALID,
                            "cannot import " + files.shown() + ": its indexes are nested more than " + DEEPEST
                                    + " deep");
                }
                return ofLayout(files, index.choose(host), host, names, depth + 1);
            }
            case OciArtifact _ ->
                throw new AestusException(
                        Problem.UNSUPPORTED,
                        "cannot import " + files.shown() + ": it is an artifact, which only a registry can give");
            case OciManifest manifest -> {
                var layers = manifest.layers().stream()
                        .map(layer -> new Layer(LocalFiles.blob(layer.digest()), Optional.of(layer)))
                        .toList();
                return new LocalImage(files, files.read(manifest.config()), Optional.of(content), layers, names);
            }
        }
    }

    private static LocalImage ofDocker(LocalFiles files, JsonView image) throws IOException {
        return new LocalImage(
                files,
                Content.of(files.read(image.required("Config").string())),
                Optional.empty(),
                image.strings("Layers").stream()
                        .map(path -> new Layer(path, Optional.empty()))
                        .toList(),
                image.list("RepoTags", tag -> tag.parsed(OciReference::parse)));
    }

    /** Brings a layer. */
    void receive(int at, LayerPass pass, StagedLayer staged) throws IOException {
        Layer layer = layers.get(at);
        try (Fd file = files.require(layer.path())) {
            if (layer.descriptor().isPresent()) {
                pass.receive(file.inputStream(), layer.descriptor().get(), staged, () -> {});
            } else {
                pass.receive(file.inputStream(), TAR, staged);
            }
        }
    }
}
