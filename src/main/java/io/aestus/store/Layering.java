package io.aestus.store;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.Dependency;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Labels;
import io.aestus.appc.PathWhitelist;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The images whose files make up one root file system, in the order in which they are laid over each other: dependencies
 * first, in their order, each after its own, and an image that is reached twice is applied twice.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#filesystem-setup">appc: Filesystem Setup</a>
 */
final class Layering {
    private static final int DEEPEST = 64;
    private static final int MOST = 1024;

    /**
     * One image's part.
     *
     * @param whitelists the sets of paths that this image and those above it, on this way, leave visible; a path of it is
     *     there if all list it
     */
    record Layer(StoredImage image, List<Set<AbsolutePath>> whitelists) {}

    private final ImageIndex index;
    private final Labels platform;
    private final List<Layer> layers = new ArrayList<>();
    private final Set<ImageId> open = new LinkedHashSet<>();

    private Layering(ImageIndex index, Labels platform) {
        this.index = index;
        this.platform = platform;
    }

    /** The layers of {@code top}, the lowest first and {@code top} itself last. */
    static List<Layer> of(StoredImage top, ImageIndex index) throws IOException {
        var layering = new Layering(index, top.manifest().labels().platform());
        layering.add(top, List.of());
        return List.copyOf(layering.layers);
    }

    private void add(StoredImage image, List<Set<AbsolutePath>> above) throws IOException {
        if (!open.add(image.id())) {
            throw refused(image, "it depends on itself");
        }
        if (open.size() > DEEPEST) {
            throw refused(image, "its dependencies are nested more than " + DEEPEST + " deep");
        }
        List<Set<AbsolutePath>> whitelists = above;
        PathWhitelist own = image.manifest().pathWhitelist();
        if (!own.isEmpty()) {
            whitelists = new ArrayList<>(above);
            whitelists.add(own.asSet());
        }
        for (Dependency dependency : image.manifest().dependencies()) {
            add(resolve(dependency, image), whitelists);
        }
        layers.add(new Layer(image, whitelists));
        if (layers.size() > MOST) {
            throw refused(image, "it stands on more than " + MOST + " images");
        }
        open.remove(image.id());
    }

    private StoredImage resolve(Dependency dependency, StoredImage dependent) throws IOException {
        var found = dependency.imageId().isPresent()
                ? index.find(dependency.imageId().get())
                : byName(dependency.query(), dependent);
        return found.orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND,
                        "cannot lay out " + dependent.manifest().name() + ": its dependency " + dependency.query()
                                + dependency
                                        .imageId()
                                        .map(id -> " (" + id.abbreviated() + ")")
                                        .orElse("")
                                + " is not in the store")
                .withRemedy("aestus fetch " + dependency.query()));
    }

    /** What a signed image stands on by name alone is signed as well, if the store has any that is. */
    private Optional<StoredImage> byName(ImageQuery query, StoredImage dependent) throws IOException {
        Optional<StoredImage> signed =
                dependent.isSigned() ? index.find(query, platform, StoredImage::isSigned) : Optional.empty();
        return signed.isPresent() ? signed : index.find(query, platform, _ -> true);
    }

    private static AestusException refused(StoredImage image, String reason) {
        return new AestusException(
                Problem.INVALID,
                "cannot lay out " + image.manifest().name() + " (" + image.id().abbreviated() + "): " + reason);
    }
}
