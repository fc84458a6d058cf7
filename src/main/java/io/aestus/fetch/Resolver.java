package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.PodManifest;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.util.Optional;

/**
 * Turns a pod as it was asked for into one that can run: every app by the ID of an image that is in the store, verified, with
 * all it depends on. The step where names end.
 */
public final class Resolver {
    private final ImageStore store;
    private final ImageFetcher fetcher;

    public Resolver(ImageStore store, ImageFetcher fetcher) {
        this.store = store;
        this.fetcher = fetcher;
    }

    /**
     * The same pod, reified. Apps are resolved in their order; the first that cannot be ends it.
     *
     * @throws AestusException as {@link ImageFetcher#fetch}
     */
    public PodManifest reify(PodManifest template, FetchPolicy policy, Progress progress) {
        return template.withApps(template.apps().stream()
                .map(app -> reify(app, policy, progress))
                .toList());
    }

    /** What a reference means, where a pod has no words for it. */
    public StoredImage resolve(ImageReference reference, FetchPolicy policy, Progress progress) {
        return fetcher.fetch(reference, policy, progress);
    }

    /** One app, reified. */
    public RuntimeApp reify(RuntimeApp app, FetchPolicy policy, Progress progress) {
        RuntimeImage image = app.image();
        StoredImage stored = resolve(image, policy, progress);
        return app.withImage(image.resolvedTo(stored.id()));
    }

    private StoredImage resolve(RuntimeImage image, FetchPolicy policy, Progress progress) {
        Optional<ImageQuery> query = image.query();
        if (image.id().isEmpty()) {
            return fetcher.fetch(new ImageReference.Name(query.orElseThrow()), policy, progress);
        }
        ImageId id = image.id().get();
        Optional<StoredImage> stored = find(id);
        if (stored.isPresent()) {
            fetcher.complete(stored.get(), policy, progress);
            return stored.get();
        }
        if (query.isEmpty()) {
            throw new AestusException(
                            Problem.NOT_FOUND,
                            "cannot find image " + id.abbreviated()
                                    + ": it is not in the store, and no name says where to ask")
                    .withRemedy("fetch it first, or name it beside the ID");
        }
        return fetcher.fetchExactly(id, query.get(), policy, progress);
    }

    private Optional<StoredImage> find(ImageId id) {
        try {
            return store.find(id);
        } catch (IOException e) {
            throw FetchFailures.of(id.abbreviated(), e);
        }
    }
}
