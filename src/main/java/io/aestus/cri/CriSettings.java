package io.aestus.cri;

import io.aestus.cri.streaming.StreamingAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the interface is served.
 *
 * @param socket where; its directory is made if it is not there
 * @param group a group that may connect besides root
 * @param version of this program
 * @param network of sandboxes
 * @param streaming where exec, attach and port-forward are served
 * @param devices that containers may name
 */
public record CriSettings(
        Path socket,
        Optional<String> group,
        String version,
        SandboxNetwork network,
        StreamingAddress streaming,
        CdiSpecs devices) {
    /** With the usual devices. */
    public CriSettings(
            Path socket, Optional<String> group, String version, SandboxNetwork network, StreamingAddress streaming) {
        this(socket, group, version, network, streaming, CdiSpecs.USUAL);
    }

    /** With streams on a port of the kernel's choice. */
    public CriSettings(Path socket, Optional<String> group, String version, SandboxNetwork network) {
        this(socket, group, version, network, StreamingAddress.DEFAULT);
    }
}
