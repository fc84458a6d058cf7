package io.aestus.cri;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the interface is served.
 *
 * @param socket where; its directory is made if it is not there
 * @param group a group that may connect besides root
 * @param version of this program
 * @param network of sandboxes
 */
public record CriSettings(Path socket, Optional<String> group, String version, SandboxNetwork network) {}
