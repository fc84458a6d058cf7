package io.aestus.cri;

import io.aestus.appc.ImageId;
import io.aestus.store.StoredImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What this room asks of store and fetcher. Images are named as the kubelet does: see {@link ImageNames}. */
public interface NodeImages {
    /** Fetches the image unless it is here; verified. */
    StoredImage pull(String image) throws InterruptedException;

    Optional<StoredImage> find(String image);

    List<StoredImage> list();

    /** Removes an image; one that is not there has been removed. */
    void remove(ImageId id);

    /** Where images are kept. */
    Path directory();
}
