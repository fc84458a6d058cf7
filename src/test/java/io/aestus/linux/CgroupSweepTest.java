package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cgroups that nobody wants any more, in a hybrid tree. */
class CgroupSweepTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(50);

    private final FakeCgroupFiles files = new FakeCgroupFiles();
    private Cgroups cgroups;

    @BeforeEach
    void make() throws IOException {
        Map<String, String> empty = Map.of("cgroup.procs", "", "cgroup.events", "populated 0");
        files.mount("/cg/memory", empty).mount("/cg/unified", empty);
        var layout = new CgroupLayout(
                Map.of("memory", Path.of("/cg/memory")), List.of(), Optional.of(Path.of("/cg/unified")));
        cgroups = new Cgroups(layout, files, new DeviceFilters(), "pods");
        for (String path : List.of("pods/gone/app", "pods/kept", "pods/busy/app", "pods/young")) {
            cgroups.create(path);
        }
        files.put("/cg/unified/pods/busy/app/cgroup.procs", "17");
        files.made("/cg/memory/pods/young", Instant.now());
    }

    private List<String> sweep() throws IOException {
        return cgroups.sweep("pods", name -> !name.equals("kept"), MINUTE, SHORT);
    }

    @Test
    void what_is_empty_and_old_and_nobodys_goes_with_all_below_in_every_tree() throws IOException {
        assertEquals(List.of("gone"), sweep());
        assertFalse(cgroups.open("pods/gone").exists());
        for (String left : List.of("pods/kept", "pods/busy/app", "pods/young")) {
            assertTrue(cgroups.open(left).exists(), left);
        }
    }

    @Test
    void what_was_young_or_busy_goes_later() throws IOException {
        sweep();
        files.made("/cg/memory/pods/young", Instant.EPOCH);
        files.put("/cg/unified/pods/busy/app/cgroup.procs", "");
        assertEquals(List.of("busy", "young"), sweep());
    }

    @Test
    void where_there_are_none_nothing_is_done() throws IOException {
        assertEquals(List.of(), cgroups.sweep("others", _ -> true, MINUTE, SHORT));
    }
}
