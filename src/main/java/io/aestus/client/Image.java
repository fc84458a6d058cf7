package io.aestus.client;

import java.util.List;

/**
 * An image in the node's store.
 *
 * @param id {@code sha512-} and 128 digits
 * @param names with their versions, as pods name it
 * @param bytes it takes on disk
 */
public record Image(String id, List<String> names, long bytes) {
    public Image {
        names = List.copyOf(names);
    }
}
