package io.aestus.cri;

import io.aestus.appc.ImageId;
import io.aestus.cri.v1.AuthConfig;
import io.aestus.store.StoredImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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

    /** Removes an image; one that is not there has been removed. */
    void remove(ImageId id);

    /** Where images are kept. */
    Path directory();
}
