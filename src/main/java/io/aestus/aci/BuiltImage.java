package io.aestus.aci;

import io.aestus.appc.ImageId;
import java.util.List;

/**
 * What was written.
 *
 * @param tarBytes length before compression
 * @param notes what was left out, a line each
 */
public record BuiltImage(ImageId id, long tarBytes, List<String> notes) {
    public BuiltImage {
        notes = List.copyOf(notes);
    }
}
