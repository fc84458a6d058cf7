package io.aestus.store;

import io.aestus.appc.AbsolutePath;
import io.aestus.appc.ImageId;
import io.aestus.linux.Directory;
import io.aestus.linux.FileStatus;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which image each path of a rendered tree comes from. Layers are applied in order, later ones win: a file replaces what was
 * there with all below it, a directory joins a directory and replaces anything else. A path that some whitelist does not
 * list is not applied; the directories above a path that is, are, listed or not.
 */
final class TreePlan {
    /**
     * Where a path comes from.
     *
     * @param isDescribed false for a directory that its archive implied only: it gets 0755 and root as owner
     */
    record Source(ImageId image, FileStatus status, boolean isDescribed) {}

    private final StoreDisk disk;
    /** By path, so that a directory comes before what is in it. */
    private final TreeMap<String, Source> sources = new TreeMap<>();

    private TreePlan(StoreDisk disk) {
        this.disk = disk;
    }

    static TreePlan of(StoreDisk disk, List<Layering.Layer> layers) throws IOException {
        var plan = new TreePlan(disk);
        for (Layering.Layer layer : layers) {
            plan.apply(layer);
        }
        return plan;
    }

    /** The paths, relative to the root (which is the empty one), with their sources. */
    SortedMap<String, Source> sources() {
        return Collections.unmodifiableSortedMap(sources);
    }

    /** The store's directory of an image's own files, to be closed. */
    Directory open(ImageId image) throws IOException {
        return disk.data().openDirectory(disk.below(disk.layout().rootfs(image)));
    }

    private void apply(Layering.Layer layer) throws IOException {
        Set<String> implied = new HashSet<>(layer.image().record().impliedDirectories());
        try (Directory root = open(layer.image().id())) {
            put("", new Source(layer.image().id(), root.fd().status(), !implied.contains("")));
            walk(layer, root, "", implied);
        }
    }

    private void walk(Layering.Layer layer, Directory directory, String prefix, Set<String> implied)
            throws IOException {
        for (String name : directory.list()) {
            String path = prefix + name;
            FileStatus status = directory.status(name);
            if (isListed(layer, path)) {
                put(path, new Source(layer.image().id(), status, !implied.contains(path)));
                putParents(layer, path, implied);
            }
            if (status.isDirectory()) {
                try (Directory below = directory.openDirectory(name)) {
                    walk(layer, below, path + '/', implied);
                }
            }
        }
    }

    private static boolean isListed(Layering.Layer layer, String path) {
        if (layer.whitelists().isEmpty()) {
            return true;
        }
        var absolute = new AbsolutePath('/' + path);
        return layer.whitelists().stream().allMatch(whitelist -> whitelist.contains(absolute));
    }

    private void putParents(Layering.Layer layer, String path, Set<String> implied) throws IOException {
        if (layer.whitelists().isEmpty()) {
            return; // all of them are listed, and were put on the way down
        }
        try (Directory root = open(layer.image().id())) {
            for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                String above = path.substring(0, slash);
                Source known = sources.get(above);
                if (known == null || !known.image().equals(layer.image().id())) {
                    put(above, new Source(layer.image().id(), root.status(above), !implied.contains(above)));
                }
            }
        }
    }

    private void put(String path, Source source) {
        Source before = sources.get(path);
        boolean areDirectories = before != null
                && before.status().isDirectory()
                && source.status().isDirectory();
        if (areDirectories && !source.isDescribed()) {
            return;
        }
        if (before != null && before.status().isDirectory() && !areDirectories) {
            sources.subMap(path + '/', path + '0').clear(); // '0' follows '/'
        }
        sources.put(path, source);
    }
}
