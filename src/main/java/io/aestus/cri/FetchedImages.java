package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Platform;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.cri.v1.AuthConfig;
import io.aestus.executor.ImageVolume;
import io.aestus.executor.StoreTrees;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.Progress;
import io.aestus.fetch.PullPolicy;
import io.aestus.fetch.Resolver;
import io.aestus.oci.OciReference;
import io.aestus.store.DiskTotal;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The images of the node's store, and those that discovery finds. Thread-safe. */
public final class FetchedImages implements NodeImages {
    private final ImageStore store;
    private final ImageFetcher fetcher;
    private final FetchPolicy policy;

    /**
     * Everything is lent.
     *
     * @param policy what images must fulfil; when servers are asked is decided here, since the kubelet has decided it before
     */
    public FetchedImages(ImageStore store, ImageFetcher fetcher, FetchPolicy policy) {
        this.store = store;
        this.fetcher = fetcher;
        this.policy = policy;
    }

    @Override
    public StoredImage pull(String image, AuthConfig auth) {
        ImageNames names = ImageNames.parse(image);
        if (names.id().isPresent()) {
            return pullExactly(names.id().get(), names.query());
        }
        if (names.isWithoutName()) {
            return find(image)
                    .orElseThrow(() -> new AestusException(
                            Problem.NOT_FOUND,
                            "cannot find image " + image + ": it is not in the store, and no name says where to ask"));
        }
        return names.oci().isPresent() && !isAppc(names) ? pullOci(names.oci().get(), auth) : pullNamed(names.query());
    }

    /** A name without a prefix means what the store has of it; of what it has nothing, an OCI image. */
    private boolean isAppc(ImageNames names) {
        return disk(
                "find image " + names.oci().orElseThrow(),
                () -> names.query().isPresent()
                        && store.oci().find(names.oci().orElseThrow()).isEmpty()
                        && store.find(names.query().get(), Platform.host().labels())
                                .isPresent());
    }

    /** Which images a node runs is the kubelet's to decide: OCI images have no signature that could be demanded besides. */
    private StoredImage pullOci(OciReference name, AuthConfig auth) {
        return fetcher.pull(
                name,
                policy.allowing(Insecure.IMAGE).pulling(PullPolicy.UPDATE),
                RegistryLogins.of(auth, name),
                Progress.NONE);
    }

    private StoredImage pullNamed(Optional<ImageQuery> query) {
        return fetcher.fetch(
                new ImageReference.Name(query.orElseThrow()), policy.pulling(PullPolicy.UPDATE), Progress.NONE);
    }

    private StoredImage pullExactly(ImageId id, Optional<ImageQuery> query) {
        RuntimeImage wanted =
                query.map(RuntimeImage::of).map(named -> named.resolvedTo(id)).orElseGet(() -> RuntimeImage.of(id));
        new Resolver(store, fetcher)
                .reify(RuntimeApp.of(AcName.parse("pull"), wanted), policy.pulling(PullPolicy.NEW), Progress.NONE);
        return disk("find image " + id.abbreviated(), () -> store.require(id));
    }

    @Override
    public Optional<StoredImage> find(String image) {
        ImageNames names = ImageNames.parse(image);
        return disk("find image " + image, () -> {
            Optional<StoredImage> oci = names.config().isPresent()
                    ? store.oci().find(names.config().get())
                    : names.oci().isPresent() ? store.oci().find(names.oci().get()) : Optional.empty();
            Optional<StoredImage> found = oci.isPresent() ? oci : findAppc(names);
            return found.isPresent() || names.beginning().isEmpty()
                    ? found
                    : store.beginning(names.beginning().get());
        });
    }

    private Optional<StoredImage> findAppc(ImageNames names) throws IOException {
        if (names.id().isEmpty() && names.query().isEmpty()) {
            return Optional.empty();
        }
        return names.id().isPresent()
                ? store.find(names.id().get()).filter(found -> names.query()
                        .map(query -> query.name().equals(found.manifest().name()))
                        .orElse(true))
                : store.find(names.query().orElseThrow(), Platform.host().labels(), policy::admits);
    }

    @Override
    public List<StoredImage> list() {
        return disk("list images", store::list);
    }

    @Override
    public DiskTotal use() {
        return disk("measure images", store::use);
    }

    @Override
    public Set<ImageId> pinned() {
        return disk("list pinned images", store::pinned);
    }

    @Override
    public void requirePath(ImageId id, String path) {
        disk("look into image " + id.abbreviated(), () -> {
            ImageVolume.require(new StoreTrees(store), id, path);
            return id;
        });
    }

    @Override
    public void remove(ImageId id) {
        disk("remove image " + id.abbreviated(), () -> {
            if (store.find(id).isPresent()) {
                store.remove(id);
            }
            return id;
        });
    }

    @Override
    public Path directory() {
        return store.layout().data();
    }

    private interface DiskWork<T> {
        T run() throws IOException;
    }

    private static <T> T disk(String what, DiskWork<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot " + what + ": " + e.getMessage(), e);
        }
    }
}
