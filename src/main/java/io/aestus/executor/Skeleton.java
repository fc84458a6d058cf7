package io.aestus.executor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The lowest layer of every app's root: the places that something is mounted on in each of them. Where an image has them too,
 * its own are seen; where it has not, none need be made on disk while somebody waits for the app's start.
 */
final class Skeleton {
    private static final List<String> DIRECTORIES = List.of("dev", "etc", "proc", "sys");

    private Skeleton() {}

    /** Makes what is missing at {@code directory}. */
    static Path make(Path directory) throws IOException {
        for (String name : DIRECTORIES) {
            Files.createDirectories(directory.resolve(name));
        }
        for (String name : PodConfiguration.ALL) {
            Path file = directory.resolve("etc").resolve(name);
            if (!Files.exists(file)) {
                Files.write(file, new byte[0]);
            }
        }
        return directory;
    }
}
