package io.aestus.store;

import io.aestus.appc.ImageId;
import java.util.List;

/**
 * What checking a stored image against its archive showed.
 *
 * @param differences what is not as it was unpacked, a line each; empty if all is well
 */
public record Verification(ImageId id, List<String> differences) {
    public Verification {
        differences = List.copyOf(differences);
    }

    /** True if the archive has its ID and the tree is what the archive holds. */
    public boolean isSound() {
        return differences.isEmpty();
    }
}
