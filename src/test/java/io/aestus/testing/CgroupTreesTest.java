package io.aestus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What tests make of cgroups goes, or is named. */
@Tag("host")
class CgroupTreesTest {
    @Test
    void one_with_a_process_is_named_until_that_ends_and_then_removed_with_all_below() throws Exception {
        Path root = CgroupTrees.roots().stream()
                .filter(each -> !each.endsWith("cpuset")) // where a new one takes no process
                .findFirst()
                .orElse(null);
        assumeTrue(root != null, "no cgroups");
        Path made = root.resolve(
                CgroupTrees.made("aestus-left-" + ProcessHandle.current().pid()));
        Path below = Files.createDirectories(made.resolve("pod/app"));
        var sleeper = new ProcessBuilder("sleep", "1000").start();
        try {
            Files.writeString(below.resolve("cgroup.procs"), Long.toString(sleeper.pid()));
            assertEquals(Set.of(made.toString()), CgroupTrees.removeMade());
        } finally {
            sleeper.destroyForcibly().waitFor();
        }
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!CgroupTrees.removeMade().isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(10_000_000);
        }
        assertFalse(Files.exists(made), made.toString());
    }
}
