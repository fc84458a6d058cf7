package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
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
            Map<String, Integer> before = census(app.directory(), app.pod().cgroup());
            for (int i = 0; i < 1000; i++) {
                var failure = assertThrows(IOException.class, () -> pod.start(app));
                assertEquals("execute /not/there: ENOENT (No such file or directory)", failure.getMessage());
            }
            assertEquals(before, census(app.directory(), app.pod().cgroup()));
        }
    }

    @Test
    void pods_that_cannot_start_leave_nothing() throws IOException {
        String hostname = "x".repeat(65); // one more than the kernel takes
        var options = PodOptions.DEFAULT.withHostname(hostname);
        assertThrows(IOException.class, () -> host.start(options));
        Map<String, Integer> before = census(directory, "aestus");
        for (int i = 0; i < 50; i++) {
            var failure = assertThrows(IOException.class, () -> host.start(options));
            assertEquals("set hostname " + hostname + ": EINVAL (Invalid argument)", failure.getMessage());
        }
        assertEquals(before, census(directory, "aestus"));
    }

    @Test
    void pods_that_ran_leave_nothing() throws IOException {
        host.start(PodOptions.DEFAULT).close();
        Map<String, Integer> before = census(directory, "aestus");
        for (int i = 0; i < 20; i++) {
            try (var pod = host.start(PodOptions.DEFAULT)) {
                assertEquals(
                        0,
                        pod.run("app", Stage1Host.shell("echo x > /file; true")).code());
            }
        }
        assertEquals(before, census(directory, "aestus"));
    }

    /** Descriptors, children, mounts, files in our directory, cgroups below ours. */
    private static Map<String, Integer> census(Path files, String cgroup) throws IOException {
        var counts = new TreeMap<String, Integer>();
        try (var descriptors = Directory.open(Path.of("/proc/self/fd"))) {
            counts.put("descriptors", descriptors.list().size());
        }
        counts.put("children", (int) ProcessHandle.current().children().count());
        counts.put("mounts", Files.readAllLines(Path.of("/proc/self/mountinfo")).size());
        try (var tree = Files.walk(files)) {
            counts.put("files", (int) tree.count());
        }
        try (var hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            int cgroups = 0;
            for (Path hierarchy : hierarchies.map(each -> each.resolve(cgroup)).toList()) {
                if (Files.isDirectory(hierarchy)) {
                    try (var below = Files.walk(hierarchy)) {
                        cgroups += (int) below.filter(Files::isDirectory).count();
                    }
                }
            }
            counts.put("cgroups", cgroups);
        }
        return counts;
    }
}
