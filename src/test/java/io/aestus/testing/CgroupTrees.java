package io.aestus.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The cgroup file systems of this host, as the tests look into them. */
public final class CgroupTrees {
    private static final Path PLACE = Path.of("/sys/fs/cgroup");
    private static final String PROCESSES = "cgroup.procs";

    /** Parents of cgroups that tests of this process have asked for. */
    private static final Set<String> MADE = ConcurrentHashMap.newKeySet();

    private CgroupTrees() {}

    /** Has a parent of pods' cgroups removed after the tests of a class: whoever makes pods in it leaves it. @return the same */
    public static String made(String parent) {
        MADE.add(parent);
        return parent;
    }

    /**
     * Removes those in which no process is, with what lies below: a test that kills the owners of pods leaves theirs.
     *
     * @return those that are left
     */
    static Set<String> removeMade() throws IOException {
        var left = new TreeSet<String>();
        for (Path root : roots()) {
            for (String parent : MADE) {
                Path cgroup = root.resolve(parent);
                if (Files.isDirectory(cgroup) && !(isEmpty(cgroup) && remove(cgroup))) {
                    left.add(cgroup.toString());
                }
            }
        }
        return left;
    }

    /** What follows is another class's. */
    static void forgetMade() {
        MADE.clear();
    }

    private static boolean isEmpty(Path cgroup) throws IOException {
        for (Path each : tree(cgroup)) {
            if (!Files.readString(each.resolve(PROCESSES)).isBlank()) {
                return false;
            }
        }
        return true;
    }

    /** @return false if the kernel is still busy with processes that ended there */
    private static boolean remove(Path cgroup) throws IOException {
        for (Path each : tree(cgroup).reversed()) {
            try {
                Files.delete(each);
            } catch (FileSystemException _) { // EBUSY, as long as that
                return false;
            }
        }
        return true;
    }

    /** A cgroup and all below, parents first. */
    private static List<Path> tree(Path cgroup) throws IOException {
        try (var all = Files.walk(cgroup)) {
            return all.filter(Files::isDirectory).toList();
        }
    }

    /** The root of each: one on a host that has version 2 alone. */
    public static List<Path> roots() throws IOException {
        if (Files.exists(PLACE.resolve(PROCESSES))) {
            return List.of(PLACE);
        }
        var roots = new ArrayList<Path>();
        try (var below = Files.newDirectoryStream(PLACE, each -> Files.exists(each.resolve(PROCESSES)))) {
            below.forEach(roots::add);
        }
        return roots;
    }

    /** Skips a test where cgroups cannot limit what this controller limits. */
    public static void requireController(String name) throws IOException {
        boolean isThere = Files.exists(PLACE.resolve(PROCESSES))
                ? List.of(Files.readString(PLACE.resolve("cgroup.controllers"))
                                .strip()
                                .split(" ", -1))
                        .contains(name)
                : Files.exists(PLACE.resolve(name));
        assumeTrue(isThere, "the cgroups of this host have no controller " + name);
    }
}
