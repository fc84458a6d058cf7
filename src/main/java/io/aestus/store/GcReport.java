package io.aestus.store;

import io.aestus.appc.ImageId;
import java.util.List;

/**
 * What a collection took away.
 *
 * @param trees number of rendered trees
 * @param bytes freed, as far as records tell
 */
public record GcReport(List<ImageId> images, int trees, long bytes) {
    public GcReport {
        images = List.copyOf(images);
    }
}
