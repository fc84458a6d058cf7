package io.aestus.aci;

import java.util.List;

/**
 * What a layer came to when it was unpacked.
 *
 * @param hash of the tar, in hexadecimal digits; nothing in the target may be used before this is what was asked for
 * @param tarBytes length of the tar, uncompressed
 * @param fileBytes apparent size of all files together
 * @param impliedDirectories directories that no entry describes, the root among them if none does; they were made with 0755 and
 *     root as owner
 * @param whiteouts paths that lower layers may have and an app does not see
 * @param opaque directories of which an app sees only what this layer and those above have; empty for the root
 * @param notes what was left out or could not be kept, to be shown: a line each
 */
public record UnpackedLayer(
        String hash,
        long tarBytes,
        long fileBytes,
        List<String> impliedDirectories,
        List<String> whiteouts,
        List<String> opaque,
        List<String> notes) {
    public UnpackedLayer {
        impliedDirectories = List.copyOf(impliedDirectories);
        whiteouts = List.copyOf(whiteouts);
        opaque = List.copyOf(opaque);
        notes = List.copyOf(notes);
    }
}
