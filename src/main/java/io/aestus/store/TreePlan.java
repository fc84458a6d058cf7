package io.aestus.store;

import io.aestus.appc.AbsolutePath;
import io.aestus.linux.Directory;
import io.aestus.linux.FileStatus;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which tree each path of a rendered tree comes from. Trees are applied in order, later ones win: a file replaces what was
 * there with all below it, a directory joins a directory and replaces anything else. A path that some whitelist does not
 * list is not applied; the directories above a path that is, are, listed or not. What a layer takes away goes first; where it only
 * implies a directory, a link that stands there is followed, inside.
 */
final class TreePlan {
    /** Links that lead to links end somewhere, or here. */
    private static final int MOST_LINKS = 40;

    /**
     * Where a path comes from.
     *
     * @param path in that tree, mostly the same
     * @param isDescribed false for a directory that its archive implied only: it gets 0755 and root as owner
     */
    record Source(FileTree tree, String path, FileStatus status, boolean isDescribed) {}

    private final StoreDisk disk;
    /** By path, so that a directory comes before what is in it. */
    private final TreeMap<String, Source> sources = new TreeMap<>();

    private TreePlan(StoreDisk disk) {
        this.disk = disk;
    }

    static TreePlan of(StoreDisk disk, List<Layering.Layer> layers) throws IOException {
        var plan = new TreePlan(disk);
        var stacking = new Stacking(disk);
        for (Layering.Layer layer : layers) {
            for (FileTree tree : stacking.trees(layer.image())) {
                plan.new Application(tree, layer.whitelists()).run();
            }
        }
        return plan;
    }

    /** The paths, relative to the root (which is the empty one), with their sources. */
    SortedMap<String, Source> sources() {
        return Collections.unmodifiableSortedMap(sources);
    }

    /** The directory of a tree, to be closed. */
    Directory open(FileTree tree) throws IOException {
        return disk.data().openDirectory(disk.below(tree.rootfs()));
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
            removeBelow(path);
        }
        sources.put(path, source);
    }

    private void removeBelow(String path) {
        if (path.isEmpty()) {
            sources.tailMap("", false).clear();
        } else {
            sources.subMap(path + '/', path + '0').clear(); // '0' follows '/'
        }
    }

    /** One tree being laid over those that were. */
    private final class Application {
        private final FileTree tree;
        private final List<Set<AbsolutePath>> whitelists;

        Application(FileTree tree, List<Set<AbsolutePath>> whitelists) {
            this.tree = tree;
            this.whitelists = whitelists;
        }

        void run() throws IOException {
            for (String path : tree.opaque()) {
                removeBelow(target(path));
            }
            for (String path : tree.whiteouts()) {
                String gone = target(path);
                removeBelow(gone);
                sources.remove(gone);
            }
            try (Directory root = open(tree)) {
                put("", new Source(tree, "", root.fd().status(), isDescribed("")));
                walk(root, "", "");
            }
        }

        private boolean isDescribed(String path) {
            return !tree.impliedDirectories().contains(path);
        }

        /** Where the tree's {@code path} goes: through the links that the directories on the way do not replace. */
        private String target(String path) throws IOException {
            String at = "";
            for (int from = 0; from < path.length(); ) {
                int slash = path.indexOf('/', from);
                int end = slash < 0 ? path.length() : slash;
                String next = at.isEmpty() ? path.substring(from, end) : at + '/' + path.substring(from, end);
                boolean isLast = slash < 0;
                at = isLast || isDescribed(path.substring(0, end)) ? next : followed(next);
                from = end + 1;
            }
            return at;
        }

        /** What stands at {@code path}, if that is a link to a directory inside, and so on; else the path. */
        private String followed(String path) throws IOException {
            if (tree.kind() == FileTree.Kind.IMAGE) {
                return path;
            }
            String at = path;
            for (int links = 0; links < MOST_LINKS; links++) {
                Source source = sources.get(at);
                if (source == null || !source.status().isSymbolicLink()) {
                    return source != null && source.status().isDirectory() ? at : path;
                }
                String link;
                try (Directory from = open(source.tree())) {
                    link = from.readLink(source.path());
                }
                at = resolved(link, at);
            }
            return path;
        }

        /** Component by component as a process with that root would, but for links among the parents of a link's target. */
        private static String resolved(String link, String from) {
            var parts = new ArrayDeque<String>();
            if (!link.startsWith("/")) {
                int slash = from.lastIndexOf('/');
                if (slash >= 0) {
                    parts.addAll(List.of(from.substring(0, slash).split("/", -1)));
                }
            }
            for (String part : link.split("/", -1)) {
                switch (part) {
                    case "", "." -> {}
                    case ".." -> parts.pollLast();
                    default -> parts.addLast(part);
                }
            }
            return String.join("/", parts);
        }

        private void walk(Directory directory, String prefix, String targetPrefix) throws IOException {
            for (String name : directory.list()) {
                String path = prefix + name;
                FileStatus status = directory.status(name);
                if (isWhiteout(status)) {
                    continue;
                }
                String target = targetPrefix + name;
                if (status.isDirectory() && !isDescribed(path)) {
                    target = followed(target);
                }
                boolean isFollowed = !target.equals(targetPrefix + name);
                if (!isFollowed && isListed(path)) {
                    put(target, new Source(tree, path, status, isDescribed(path)));
                    putParents(path);
                }
                if (status.isDirectory()) {
                    try (Directory below = directory.openDirectory(name)) {
                        walk(below, path + '/', target.isEmpty() ? "" : target + '/');
                    }
                }
            }
        }

        private boolean isWhiteout(FileStatus status) {
            return tree.kind() == FileTree.Kind.LAYER
                    && status.isCharacterDevice()
                    && status.specialMajor() == 0
                    && status.specialMinor() == 0;
        }

        private boolean isListed(String path) {
            if (whitelists.isEmpty()) {
                return true;
            }
            var absolute = new AbsolutePath('/' + path);
            return whitelists.stream().allMatch(whitelist -> whitelist.contains(absolute));
        }

        private void putParents(String path) throws IOException {
            if (whitelists.isEmpty()) {
                return; // all of them are listed, and were put on the way down
            }
            try (Directory root = open(tree)) {
                for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                    String above = path.substring(0, slash);
                    Source known = sources.get(above);
                    if (known == null || !known.tree().equals(tree)) {
                        put(above, new Source(tree, above, root.status(above), isDescribed(above)));
                    }
                }
            }
        }
    }
}
