package io.aestus.api;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * How the API is served, and what it says of the node.
 *
 * @param socket where; its directory is made if it is not there
 * @param group a group that may connect besides root
 * @param version of this program
 * @param dir the data directory
 * @param configDir of the highest priority, besides the system's
 * @param insecure what is not checked, in rkt's words
 */
public record ApiSettings(
        Path socket, Optional<String> group, String version, Path dir, Optional<Path> configDir, Set<String> insecure) {
    public ApiSettings {
        insecure = Set.copyOf(insecure);
    }
}
