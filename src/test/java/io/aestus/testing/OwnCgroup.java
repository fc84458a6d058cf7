package io.aestus.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A part of the tree of cgroup v2 for a test, which ends with all that is in it. */
final class OwnCgroup implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path path;

    private OwnCgroup(Path path) {
        this.path = path;
    }

    /** Skips a test where there is no such tree. */
    static void require() throws IOException {
        tree();
    }

    private static Path tree() throws IOException {
        var trees = Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                .map(line -> line.split(" ", -1))
                .filter(words -> words[2].equals("cgroup2"))
                .map(words -> Path.of(words[1]))
                .toList();
        assumeTrue(!trees.isEmpty(), "no cgroup v2 on this host");
        return trees.getFirst();
    }

    /** Makes it. Skips a test where there is no such tree. */
    static OwnCgroup make(String name) throws IOException {
        return new OwnCgroup(Files.createDirectory(
                tree().resolve("aestus-" + name + "-" + ProcessHandle.current().pid())));
    }

    /** What goes before the words of a command that is to be in it. */
    List<String> entering() {
        return List.of(
                "sh",
                "-c",
                "echo $$ > \"$0\" && exec \"$@\"",
                path.resolve("cgroup.procs").toString());
    }

    @Override
    public void close() throws IOException {
        Files.writeString(path.resolve("cgroup.kill"), "1");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (Files.readString(path.resolve("cgroup.events")).contains("populated 1")
                && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        List<Path> tree;
        try (var all = Files.walk(path)) {
            tree = all.filter(Files::isDirectory).toList();
        }
        for (Path each : tree.reversed()) {
            Files.delete(each);
        }
    }
}
