package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import io.aestus.testing.CgroupTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With the built-in isolation. */
@Tag("host")
class NativeSessionTest extends SessionContract {
    NativeSessionTest() {
        super(Isolation.NATIVE);
    }

    /** The parts of the app's cgroup. */
    private Set<String> parts(PodUuid pod) throws IOException {
        var parts = new TreeSet<String>();
        for (Path root : CgroupTrees.roots()) {
            Path app = root.resolve(Node.cgroupParent(directory)).resolve(pod + "/web");
            if (Files.isDirectory(app)) {
                try (var below = Files.newDirectoryStream(app, Files::isDirectory)) {
                    below.forEach(part -> parts.add(part.getFileName().toString()));
                }
            }
        }
        return parts;
    }

    /** Waits until there is but one, which was not there before. */
    private Set<String> awaitAnother(PodUuid pod, Set<String> before) throws IOException {
        long deadline = System.nanoTime() + Node.SOON.toNanos();
        Set<String> now = parts(pod);
        while (now.size() != 1 || before.containsAll(now)) {
            assertTrue(System.nanoTime() < deadline, "at last " + now);
            now = parts(pod);
        }
        return now;
    }

    @Test
    void after_one_the_next_finds_its_part_of_the_cgroup_made_and_there_is_never_more_than_that() throws Exception {
        var pod = run(Node.sandbox(Node.app("web", "exec sleep 1000")));
        assertEquals(Set.of(), parts(pod));
        Set<String> ready = Set.of();
        for (int i = 0; i < 5; i++) {
            Set<String> during;
            try (AppProcess process =
                    node().executor.exec(pod, Node.name("web"), ExecSpec.of(List.of("/bin/sleep", "1000")))) {
                during = parts(pod);
                assertEquals(1, during.size());
                assertTrue(during.containsAll(ready), "it was made before");
                process.signal(9);
                assertEquals(ExitStatus.ofSignal(9), process.waitFor(Node.SOON).orElseThrow());
            }
            ready = awaitAnother(pod, during);
        }
        node().executor.stopApp(pod, Node.name("web"), StopOptions.NOW);
        assertEquals(Set.of(), parts(pod));
    }
}
