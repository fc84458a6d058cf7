package io.aestus.trust;

import java.nio.file.Path;

/**
 * A file in a key store that cannot be what it pretends to be; it counts for nothing, and its presence should be shown.
 *
 * @param reason one clause
 */
public record RefusedKeyFile(Path file, String reason) {}
