package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A part of the tree of cgroup v2 that belongs to an ordinary user, with a cgroup for the processes of a session of theirs. */
final class DelegatedCgroup implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String SUBTREE = "cgroup.subtree_control";

    private final Path root;
    private final Path given;
    private Optional<String> enabled = Optional.empty();

    private DelegatedCgroup(Path root, Path given) {
        this.root = root;
        this.given = given;
    }

    static DelegatedCgroup to(int user) throws IOException {
        Path unified = Files.readAllLines(Path.of("/proc/mounts")).stream()
                .map(line -> line.split(" ", -1))
                .filter(fields -> fields[2].equals("cgroup2"))
                .map(fields -> Path.of(fields[1]))
                .findFirst()
                .orElse(null);
        assumeTrue(unified != null && Files.isWritable(unified), "no cgroup v2");
        var made = new DelegatedCgroup(unified, Files.createTempDirectory(unified, "aestus-test-"));
        for (Path each : List.of(made.given, Files.createDirectory(made.session()))) {
            for (String file : List.of("", "cgroup.procs", SUBTREE)) {
                Files.setAttribute(each.resolve(file), "unix:uid", user);
            }
        }
        return made;
    }

    private Path session() {
        return given.resolve("session");
    }

    /** Hands a controller on to it; skips the test where version 2 has it not to give. */
    void withController(String name) throws IOException {
        assumeTrue(
                words(root.resolve("cgroup.controllers")).contains(name),
                "the cgroups of version 2 on this host have no controller " + name);
        if (!words(root.resolve(SUBTREE)).contains(name)) {
            Files.writeString(root.resolve(SUBTREE), "+" + name);
            enabled = Optional.of(name);
        }
    }

    private static List<String> words(Path file) throws IOException {
        return List.of(Files.readString(file).strip().split(" ", -1));
    }

    /** What has a shell of root's go on in the session. */
    String join() {
        return "echo $$ > " + session().resolve("cgroup.procs");
    }

    /** The cgroup of a pod of the user's. */
    Path of(String pod) {
        return given.resolve("aestus").resolve(pod);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(given.resolve("aestus"));
        Files.delete(session());
        Files.delete(given);
        if (enabled.isPresent()) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!takeBack(enabled.get())) {
                assertTrue(System.nanoTime() < deadline, () -> enabled + " is still handed on by " + root);
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    /** From all that hand it on: other pods that were started meanwhile have it as well. @return false if one more did so now */
    private boolean takeBack(String controller) {
        try (var all = Files.walk(root)) {
            for (Path each : all.filter(Files::isDirectory).toList().reversed()) {
                if (words(each.resolve(SUBTREE)).contains(controller)) {
                    Files.writeString(each.resolve(SUBTREE), "-" + controller);
                }
            }
            return true;
        } catch (IOException | UncheckedIOException _) { // EBUSY, or a cgroup has gone
            return false;
        }
    }
}
