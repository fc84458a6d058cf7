package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.HostKernel.Feature;
import io.aestus.linux.HostKernel.Need;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class HostKernelTest {
    @Test
    void versions_are_compared_as_numbers() {
        var version = KernelVersion.parse("6.18.44-fc-v595");
        assertEquals(new KernelVersion(6, 18), version);
        assertTrue(version.isAtLeast(6, 9));
        assertTrue(version.isAtLeast(5, 19));
        assertFalse(version.isAtLeast(6, 19));
        assertFalse(version.isAtLeast(7, 0));
        assertEquals(new KernelVersion(5, 10), KernelVersion.parse("5.10"));
        assertThrows(IllegalArgumentException.class, () -> KernelVersion.parse("next"));
    }

    private static HostKernel with(Feature... features) {
        var none = new CgroupLayout(Map.of(), List.of(), Optional.empty());
        return new HostKernel("6.1", new KernelVersion(6, 1), none, 40, CapabilitySet.ALL, List.of(features));
    }

    @Test
    void pods_run_unless_something_required_is_missing() {
        var overlay = new Feature("overlay", Need.REQUIRED, true, "", "");
        var kill = new Feature("cgroup.kill", Need.WANTED, false, "", "");
        assertTrue(with(overlay, kill).canRunPods());
        assertEquals(List.of(kill), with(overlay, kill).missing().toList());
        assertTrue(with(overlay, kill).has("overlay"));
        assertFalse(with(overlay, kill).has("cgroup.kill"));
        assertFalse(with(new Feature("clone3", Need.REQUIRED, false, "", "")).canRunPods());
    }

    @Test
    void this_kernel_is_described_in_full() throws IOException {
        var kernel = HostKernel.probe();
        assertTrue(kernel.features().size() >= 20, kernel.toString());
        var names = new HashSet<String>();
        for (Feature feature : kernel.features()) {
            assertTrue(names.add(feature.name()), feature.name() + " twice");
            assertFalse(feature.consequence().isBlank(), feature.name());
            assertFalse(feature.detail().isBlank(), feature.name());
        }
        assertTrue(kernel.lastCapability() >= 37, "only the first digit was read: " + kernel.lastCapability());
    }

    @Test
    @Tag("host")
    void where_the_other_host_tests_run_pods_can_run() throws IOException {
        var kernel = HostKernel.probe();
        assertTrue(kernel.canRunPods(), () -> kernel.missing().toList().toString());
    }
}
