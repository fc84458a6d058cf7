package io.aestus.store;

import io.aestus.linux.Directory;
import io.aestus.linux.SyscallException;
import io.aestus.linux.TreeUse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What all images take on disk, for who asks often: of trees, which never change, each is looked at once. What is on its way in, or was
 * cut short, does not count, and what a rendered tree shares with its images only there. Thread-safe.
 */
final class ImageUse {
    private final StoreDisk disk;
    private Map<Path, DiskTotal> known = Map.of();

    ImageUse(StoreDisk disk) {
        this.disk = disk;
    }

    synchronized DiskTotal total() throws IOException {
        var counted = new HashMap<Path, DiskTotal>();
        StoreLayout layout = disk.layout();
        for (Path all : List.of(layout.images(), layout.layers(), layout.rendered(), layout.blobs())) {
            try (Directory directory = disk.data().openDirectory(disk.below(all))) {
                for (String name : directory.list()) {
                    Path place = all.resolve(name);
                    DiskTotal before = known.get(place);
                    counted.put(place, before == null ? of(directory, name, all.equals(layout.rendered())) : before);
                }
            }
        }
        known = Map.copyOf(counted);
        return counted.values().stream().reduce(new DiskTotal(0, 0), DiskTotal::plus);
    }

    private static DiskTotal of(Directory directory, String name, boolean isRendered) throws SyscallException {
        var use = isRendered ? TreeUse.ofUnshared() : new TreeUse();
        use.add(directory, name);
        return new DiskTotal(use.bytes(), use.inodes());
    }
}
