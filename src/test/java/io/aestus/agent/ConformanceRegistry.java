package io.aestus.agent;

import io.aestus.fetch.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A registry with all {@link ConformanceImages}, as a process of its own, until it is killed. Arguments: the program for {@link
 * ConformanceImages#serve}; a configuration directory, in which it tells the agent that it stands for every registry; the file in
 * which it writes, when all is there, the digest that is asked for.
 */
final class ConformanceRegistry {
    private ConformanceRegistry() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        var registry = TestRegistry.open();
        String digest = ConformanceImages.serve(registry, Path.of(args[0]));
        Path mirrors = Files.createDirectories(Path.of(args[1]).resolve("certs.d/_default"));
        Files.writeString(mirrors.resolve("hosts.toml"), "server = \"http://" + registry.name() + "\"\n");
        Path written = Files.writeString(Path.of(args[2] + ".new"), digest);
        Files.move(written, Path.of(args[2]));
        new CountDownLatch(1).await();
    }
}
