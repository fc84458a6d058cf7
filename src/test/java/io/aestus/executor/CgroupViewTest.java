package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.appc.Annotations;
import io.aestus.appc.App;
import io.aestus.appc.Isolators;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.appc.RuntimeApp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What apps see of their cgroups. */
@Tag("host")
@Timeout(60)
class CgroupViewTest {
    private static final boolean IS_V1 = !Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    private static final String LIMIT = IS_V1 ? "memory/memory.limit_in_bytes" : "memory.max";

    @TempDir
    Path directory;

    static Stream<Isolation> isolations() {
        return Stream.of(Isolation.NATIVE, Isolation.OCI_CRUN, Isolation.OCI_RUNC, Isolation.OCI_RUNSC);
    }

    private List<String> log(Isolation isolation, RuntimeApp app) throws Exception {
        assumeTrue(isolation.isThere(), () -> "there is no " + isolation);
        try (var node = Node.on(directory, isolation)) {
            var pod = node.run(Node.pod(app));
            node.end(pod);
            var log = node.log(pod, "web");
            node.executor.remove(pod);
            assertEquals(List.of(), isolation.left(directory));
            return log;
        }
    }

    private static RuntimeApp limited(String script) {
        return Node.app("web", script)
                .withApp(App.running(List.of("/bin/sh", "-c", script))
                        .isolators(Isolators.of(ResourceIsolator.Memory.limit(Quantity.of(64L << 20))))
                        .build());
    }

    private static RuntimeApp asking(RuntimeApp app) {
        return app.withAnnotations(Annotations.NONE.with(Annotations.CGROUP_FILES, "true"));
    }

    @ParameterizedTest
    @MethodSource("isolations")
    void an_app_that_asks_reads_its_limit_and_cannot_change_it(Isolation isolation) throws Exception {
        String own = LIMIT.replaceAll("[^/]*$", "");
        String script = "cd /sys/fs/cgroup; cat " + LIMIT + "; echo 1 > " + LIMIT + "; echo 0 > " + own
                + "cgroup.procs; mkdir own; mkdir " + own + "own; cat " + LIMIT;
        var log = log(isolation, asking(limited(script)));
        assertEquals(
                List.of("stdout F 67108864", "stdout F 67108864"),
                log.stream().filter(line -> line.startsWith("stdout")).toList(),
                log::toString);
        int refused =
                IS_V1 && isolation == Isolation.OCI_RUNC ? 3 : 4; // it has the hierarchies in a directory of the app's
        assertEquals(
                refused, log.stream().filter(line -> line.contains("ead-only")).count(), log::toString);
    }

    @ParameterizedTest
    @MethodSource("isolations")
    void what_it_sees_is_its_own_cgroup_alone(Isolation isolation) throws Exception {
        String script =
                "grep cgroup /proc/self/mountinfo | cut -d' ' -f4 | sort -u; ls -d /sys/fs/cgroup/*/_first /sys/fs/cgroup/*/web";
        var log = log(isolation, asking(limited(script)));
        assertEquals("stdout F /", log.getFirst(), log::toString);
        assertTrue(log.stream().skip(1).allMatch(line -> line.startsWith("stderr")), log::toString);
    }

    @ParameterizedTest
    @MethodSource("isolations")
    void one_that_does_not_ask_sees_them_with_version_2_alone(Isolation isolation) throws Exception {
        var log = log(isolation, limited("ls /sys/fs/cgroup | wc -l"));
        assertEquals(IS_V1, log.equals(List.of("stdout F 0")), log::toString);
    }
}
