package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.appc.ImageId;
import io.aestus.cri.v1.AuthConfig;
import io.aestus.store.DiskTotal;
import io.aestus.store.StoredImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What this room asks of store and fetcher. Images are named as the kubelet does: see {@link ImageNames}. */
public interface NodeImages {
    /**
     * Fetches the image unless it is here; verified.
     *
     * @param auth how the user of an OCI image is known to its registry
     */
    StoredImage pull(String image, AuthConfig auth) throws InterruptedException;

    Optional<StoredImage> find(String image);

    List<StoredImage> list();

    /**
     * Makes sure that an image has something at a path; empty stands for all of it.
     *
     * @throws AestusException {@link io.aestus.Problem#NOT_FOUND} if it has not
     */
    void requirePath(ImageId id, String path);

    /** What all of them take on disk. */
    DiskTotal use();

    /** Those that nobody is to collect. */
    Set<ImageId> pinned();

    /** Removes an image; one that is not there has been removed. */
    void remove(ImageId id);

    /** Where images are kept. */
    Path directory();
}
