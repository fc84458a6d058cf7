package io.aestus.executor;

import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.NewFileSystem;
import io.aestus.linux.OwnUsers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * The root that an app left: what it wrote lies over the layers of its image, read-only, as a mount that no path of the host
 * leads to. Users are as they are on the disk: the pod's own range in what was written, the image's numbers in the rest.
 */
final class StoppedRoot {
    private StoppedRoot() {}

    static AppFiles open(Stage1.AppPlace app, ImageTrees images) throws IOException {
        var layers = new ArrayList<Path>(images.layers(app.app().image().id().orElseThrow()));
        Path upper = app.directory().resolve("upper");
        if (Files.isDirectory(upper)) { // else it never ran
            layers.add(upper);
        }
        UserRange users = app.pod().record().isEmpty()
                ? UserRange.HOST
                : PodContext.read(app.pod().record()).users();
        return AppFiles.stopped(root(layers), users);
    }

    /** An overlay of one layer is none. */
    private static Directory root(List<Path> layers) throws IOException {
        if (layers.size() == 1) {
            return Directory.open(layers.getFirst());
        }
        try (var overlay = NewFileSystem.open("overlay")) {
            overlay.with("source", "aestus").with("ro");
            if (!OwnUsers.areHosts()) {
                overlay.with("userxattr"); // as when it was written
            }
            for (Path layer : layers.reversed()) { // overlayfs wants the topmost first
                try (Directory tree = Directory.open(layer)) {
                    overlay.with("lowerdir+", tree.fd());
                }
            }
            Fd root = overlay.mount(EnumSet.of(MountAttribute.RDONLY, MountAttribute.NOSUID, MountAttribute.NODEV));
            return Directory.of(root);
        }
    }
}
