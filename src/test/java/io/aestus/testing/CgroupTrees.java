package io.aestus.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The cgroup file systems of this host, as the tests look into them. */
public final class CgroupTrees {
    private static final Path PLACE = Path.of("/sys/fs/cgroup");
    private static final String PROCESSES = "cgroup.procs";

    private CgroupTrees() {}

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
