package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import io.aestus.testing.CgroupTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is left on the host by what failed, however often. */
@Tag("host")
class LeftoversTest {
    @TempDir
    Path directory;

    private Stage1Host host;

    @BeforeEach
    void open() throws IOException {
        host = new Stage1Host(directory);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void a_thousand_apps_that_cannot_start_leave_nothing() throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT)) {
            var app = pod.prepare("app", Stage1Host.app("/not/there"), change -> change, AppOptions.DEFAULT);
            assertThrows(IOException.class, () -> pod.start(app));
            Map<String, Integer> before = Census.of(app.directory(), app.pod().cgroup());
            for (int i = 0; i < 1000; i++) {
                var failure = assertThrows(IOException.class, () -> pod.start(app));
                assertEquals("execute /not/there: ENOENT (No such file or directory)", failure.getMessage());
            }
            assertEquals(before, Census.of(app.directory(), app.pod().cgroup()));
        }
    }

    @Test
    void pods_that_cannot_start_leave_nothing() throws IOException {
        String hostname = "x".repeat(65); // one more than the kernel takes
        String parent = Node.cgroupParent(directory);
        var options = PodOptions.DEFAULT.withHostname(hostname).withCgroupParent(parent);
        assertThrows(IOException.class, () -> host.start(options));
        Map<String, Integer> before = Census.of(directory, parent);
        for (int i = 0; i < 50; i++) {
            var failure = assertThrows(IOException.class, () -> host.start(options));
            assertEquals("set hostname " + hostname + ": EINVAL (Invalid argument)", failure.getMessage());
        }
        assertEquals(before, Census.of(directory, parent));
    }

    @Test
    void pods_that_ran_leave_nothing() throws IOException {
        String parent = Node.cgroupParent(directory);
        var options = PodOptions.DEFAULT.withCgroupParent(parent);
        host.start(options).close();
        Map<String, Integer> before = Census.of(directory, parent);
        for (int i = 0; i < 20; i++) {
            try (var pod = host.start(options)) {
                assertEquals(
                        0,
                        pod.run("app", Stage1Host.shell("echo x > /file; true")).code());
            }
        }
        assertEquals(before, Census.of(directory, parent));
    }

    @Test
    void what_a_crash_left_goes_with_the_next_sweep() throws IOException {
        try (var living = host.start(PodOptions.DEFAULT)) {
            var gone = PodUuid.random();
            var young = PodUuid.random();
            List<Path> places = placesOf(living.place.uuid());
            for (Path place : places) {
                Files.createDirectories(place.resolve(gone + "/app"));
                Files.setLastModifiedTime(
                        place.resolve(gone.toString()),
                        FileTime.from(Instant.now().minusSeconds(120)));
                Files.createDirectory(place.resolve(young.toString()));
            }
            Path slot = Files.createSymbolicLink(directory.resolve("users/1"), Path.of(gone.toString()));

            host.stage1.sweep(living.place.uuid()::equals);

            assertFalse(Files.exists(slot, LinkOption.NOFOLLOW_LINKS));
            for (Path place : places) {
                assertFalse(Files.exists(place.resolve(gone.toString())), place::toString);
                assertTrue(Files.deleteIfExists(place.resolve(young.toString())), "somebody may be making it");
            }
            assertEquals(0, living.run("app", Stage1Host.shell("true")).code(), "what lives is left alone");
        }
    }

    /** Where the cgroup of a pod is, in all trees. */
    private static List<Path> placesOf(PodUuid pod) throws IOException {
        return CgroupTrees.roots().stream()
                .map(tree -> tree.resolve("aestus"))
                .filter(place -> Files.isDirectory(place.resolve(pod.toString())))
                .toList();
    }
}
