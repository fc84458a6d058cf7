package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.ImageId;
import io.aestus.appc.Volume;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.MountChange;
import io.aestus.linux.Mounts;
import io.aestus.linux.NewFileSystem;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An image as a volume: its layers below nothing that takes what somebody would write. Nobody's root is that overlay, so no path of
 * the image leads out of it, whatever links it has.
 */
public final class ImageVolume {
    private ImageVolume() {}

    /**
     * Makes sure that an image has something at a path.
     *
     * @param path empty for all of it, which it has
     * @throws AestusException {@link Problem#NOT_FOUND} if it has not, or there is no such image
     */
    public static void require(ImageTrees images, ImageId image, String path) throws IOException {
        if (!path.isEmpty()) {
            try (Fd all = overlay(images.layers(image), image, Optional.empty())) {
                find(all, image, path).close();
            }
        }
    }

    /** The mount, detached; to be made read-only. The caller closes it. */
    static Fd open(ImageTrees images, Volume.Image volume, Optional<Fd> users) throws IOException {
        Fd all = overlay(images.layers(volume.image()), volume.image(), users);
        if (volume.path().isEmpty()) {
            return all;
        }
        try (all;
                Fd part = find(all, volume.image(), volume.path())) {
            return Mounts.clone(part, MountChange.Depth.THIS_MOUNT);
        } catch (SyscallException e) {
            if (e.errno() == Errno.EINVAL) {
                throw new AestusException(
                        Problem.UNSUPPORTED,
                        "cannot mount " + Quoted.of(volume.path()) + " of image "
                                + volume.image().abbreviated() + ": a part of an image needs Linux 6.15",
                        e);
            }
            throw e;
        }
    }

    private static Fd find(Fd all, ImageId image, String path) throws IOException {
        try {
            return Directory.of(all).openPathInRoot(path);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                throw new AestusException(
                        Problem.NOT_FOUND,
                        "cannot mount " + Quoted.of(path) + " of image " + image.abbreviated()
                                + ": there is nothing at that path",
                        e);
            }
            throw e;
        }
    }

    /** An overlay, even of one layer: marks of what it takes from those below are no files. */
    private static Fd overlay(List<Path> layers, ImageId image, Optional<Fd> users) throws IOException {
        try (var overlay = NewFileSystem.open("overlay");
                var owned = new Cleanup()) {
            overlay.with("source", image.abbreviated());
            if (!OwnUsers.areHosts()) {
                overlay.with("userxattr"); // trusted ones are the host's root's
            }
            for (Path layer : layers.reversed()) { // overlayfs wants the topmost first
                Fd tree = owned.owns(Mounts.clone(layer, MountChange.Depth.THIS_MOUNT));
                if (users.isPresent()) {
                    Mounts.change(tree, MountChange.setting().mappedInto(users.get()));
                }
                overlay.with("lowerdir+", tree);
            }
            try (var nothing = NewFileSystem.open("tmpfs").with("mode", "0755")) {
                overlay.with("lowerdir+", owned.owns(nothing.mount(Set.of(MountAttribute.RDONLY))));
            }
            return overlay.mount(Set.of(MountAttribute.RDONLY));
        }
    }
}
