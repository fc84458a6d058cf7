package io.aestus.aci;

import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import java.util.List;

/**
 * What an archive came to when it was unpacked.
 *
 * @param id the SHA-512 of the tar; nothing in the target may be used before this is what was asked for
 * @param tarBytes length of the tar, uncompressed
 * @param fileBytes apparent size of all files together
 * @param impliedDirectories directories below the root file system that no entry describes, in the archive's order; they
 *     were made with 0755 and root as owner
 * @param notes what was left out or could not be kept, to be shown: a line each
 */
public record UnpackedImage(
        ImageId id,
        ImageManifest manifest,
        long tarBytes,
        long fileBytes,
        long entries,
        List<String> impliedDirectories,
        List<String> notes) {
    public UnpackedImage {
        impliedDirectories = List.copyOf(impliedDirectories);
        notes = List.copyOf(notes);
    }
}
