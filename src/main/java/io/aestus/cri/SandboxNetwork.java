package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.util.Optional;

/** The network to which sandboxes are attached that do not use the host's. */
public interface SandboxNetwork {
    /**
     * Its name. It may change between calls: on many nodes a sandbox on the host's network is what configures it.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} when the node has none
     */
    String name();

    /** Why no sandbox can be attached now; empty when they can. Asked every few seconds. */
    Optional<String> obstacle();
}
