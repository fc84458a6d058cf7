package io.aestus.agent;

import io.aestus.operator.Tool;
import io.aestus.testing.NetworkPlugins;
import io.aestus.testing.SystemdHost;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kubernetes' own conformance suite for runtimes, the whole of it, against the agent as it is shipped. Its images are made here, since nothing of it
 * can be had without the Internet.
 */
@Tag("cluster")
@Tag("host")
class ConformanceIT {
    @TempDir
    Path directory;

    @BeforeAll
    static void requireAll() {
        NetworkPlugins.require();
        List.of("critest", "ginkgo", "nsenter", "ip", "ipcmk", "busybox", "gcc").forEach(Tool::named);
    }

    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void every_spec_passes_but_those_that_this_host_cannot_run() throws Exception {
        try (var enclosure = Enclosure.open(directory)) {
            var suite = ConformanceSuite.start(enclosure, directory);
            List<String> failures = suite.run("all");
            failures.addAll(suite.run(
                    "streams",
                    "--ginkgo.focus=Streaming",
                    "--websocket-exec",
                    "--websocket-attach",
                    "--websocket-portforward"));
            suite.assertGood(failures);
        }
    }

    /** The one that is left out waits for a want of memory, which a kernel without that controller in version 2 does not see. */
    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void every_spec_passes_where_systemd_makes_the_cgroups() throws Exception {
        SystemdHost.require();
        try (var enclosure = Enclosure.openWithSystemd(directory)) {
            var suite = ConformanceSuite.start(enclosure, directory);
            boolean hasMemory = enclosure
                            .run("grep", "-qw", "memory", "/sys/fs/cgroup/cgroup.controllers")
                            .code()
                    == 0;
            suite.assertGood(hasMemory ? suite.run("all") : suite.run("all", "--ginkgo.skip=OOMKilled"));
        }
    }
}
