package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.Volume;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.MountPropagation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A container's mounts as volumes of its app alone, and back. */
final class ContainerMounts {
    private ContainerMounts() {}

    /** In the order of depth, so that none hides another. */
    static List<io.aestus.appc.Mount> toMounts(List<Mount> mounts) {
        List<io.aestus.appc.Mount> result = new ArrayList<>();
        for (Mount mount : mounts) {
            requireSupported(mount);
            var volume =
                    new Volume.Host(AcName.parse("mount-" + result.size()), source(mount), mount.getReadonly(), true);
            result.add(io.aestus.appc.Mount.of(volume, AbsolutePath.parse(mount.getContainerPath())));
        }
        result.sort(Comparator.comparingLong(
                mount -> mount.path().value().chars().filter(c -> c == '/').count()));
        return result;
    }

    private static void requireSupported(Mount mount) {
        if (mount.hasImage()) {
            throw unsupported("ImageVolumeMountFailed: cannot mount image "
                    + Quoted.of(mount.getImage().getImage()) + ": images as volumes are not supported");
        }
        if (!mount.getImageSubPath().isEmpty()) {
            throw unsupported(
                    "cannot mount " + Quoted.of(mount.getHostPath()) + ": field image_sub_path: it is no image");
        }
        if (mount.getRecursiveReadOnly()) {
            throw unsupported("RROUnsupported: cannot mount " + Quoted.of(mount.getHostPath())
                    + " recursively read-only: not supported");
        }
        if (mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
            throw unsupported("cannot mount " + Quoted.of(mount.getHostPath())
                    + ": mounts that are passed on between host and container are not supported");
        }
        if (mount.getUidMappingsCount() + mount.getGidMappingsCount() > 0) {
            throw unsupported(
                    "cannot mount " + Quoted.of(mount.getHostPath()) + ": mapped users of mounts are not supported");
        }
    }

    private static AestusException unsupported(String message) {
        return new AestusException(Problem.UNSUPPORTED, message);
    }

    /** Links are followed on the host, as the kubelet expects; what is missing is a mistake of whoever prepared it. */
    private static AbsolutePath source(Mount mount) {
        try {
            return AbsolutePath.parse(Path.of(mount.getHostPath()).toRealPath().toString());
        } catch (IOException e) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot mount " + Quoted.of(mount.getHostPath()) + ": it is not there, or not to be read",
                    e);
        }
    }

    static List<Mount> fromApp(RuntimeApp app) {
        List<Mount> mounts = new ArrayList<>();
        for (io.aestus.appc.Mount mount : app.mounts()) {
            if (mount.appVolume().orElse(null) instanceof Volume.Host host) {
                mounts.add(Mount.newBuilder()
                        .setContainerPath(mount.path().value())
                        .setHostPath(host.source().value())
                        .setReadonly(host.readOnly())
                        .build());
            }
        }
        return mounts;
    }
}
