package io.aestus.cri;

import io.aestus.cri.streaming.StreamingAddress;
import io.aestus.linux.CgroupDriver;
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
 * @param cgroups who makes those of sandboxes in slices
 */
public record CriSettings(
        Path socket,
        Optional<String> group,
        String version,
        SandboxNetwork network,
        StreamingAddress streaming,
        CdiSpecs devices,
        CgroupDriver cgroups) {
    /** With the usual devices, and cgroups that we make. */
    public CriSettings(
            Path socket, Optional<String> group, String version, SandboxNetwork network, StreamingAddress streaming) {
        this(socket, group, version, network, streaming, CdiSpecs.USUAL, CgroupDriver.CGROUPFS);
    }

    /** With streams on a port of the kernel's choice. */
    public CriSettings(Path socket, Optional<String> group, String version, SandboxNetwork network) {
        this(socket, group, version, network, StreamingAddress.DEFAULT);
    }

    public CriSettings withCgroups(CgroupDriver newCgroups) {
        return new CriSettings(socket, group, version, network, streaming, devices, newCgroups);
    }
}
