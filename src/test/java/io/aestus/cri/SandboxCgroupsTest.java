package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.cri.v1.LinuxPodSandboxConfig;
import io.aestus.executor.PodSpec;
import io.aestus.linux.CgroupDriver;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where the cgroups of sandboxes are, by who makes them. */
class SandboxCgroupsTest {
    private static final String SLICE = "kubepods-burstable-pod1.slice";

    private static PodSpec spec(String parent) {
        return Sandboxes.toPod(
                ServedFakes.sandbox("web", 0)
                        .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(parent))
                        .build(),
                "",
                "node",
                FakeNetwork.MISSING);
    }

    private static Optional<String> parent(CgroupDriver driver, String parent) {
        return Sandboxes.in(driver, spec(parent)).options().cgroupParent();
    }

    @Test
    void in_a_slice_systemd_makes_a_scope_for_each_if_it_is_asked() {
        assertEquals(Optional.of(SLICE), parent(CgroupDriver.CGROUPFS, SLICE));
        assertEquals(Optional.of(SLICE + ":aestus"), parent(CgroupDriver.SYSTEMD, SLICE));
        assertEquals(Optional.of("/kubepods/pod1"), parent(CgroupDriver.SYSTEMD, "/kubepods/pod1"));
        assertEquals(Optional.empty(), parent(CgroupDriver.SYSTEMD, ""));
    }

    @Test
    void a_request_names_no_place_but_a_path_or_a_slice() {
        for (String parent : new String[] {SLICE + ":aestus", "/kubepods/../system.slice"}) {
            var refusal = assertThrows(AestusException.class, () -> spec(parent));
            assertEquals(Problem.INVALID, refusal.problem());
        }
    }

    @Test
    void the_kubelet_is_told_who_makes_them() {
        var settings = new CriSettings(Path.of("/run/cri.sock"), Optional.empty(), "0.1.0", FakeNetwork.MISSING);
        assertEquals(io.aestus.cri.v1.CgroupDriver.CGROUPFS, driver(settings));
        assertEquals(io.aestus.cri.v1.CgroupDriver.SYSTEMD, driver(settings.withCgroups(CgroupDriver.SYSTEMD)));
    }

    private static io.aestus.cri.v1.CgroupDriver driver(CriSettings settings) {
        return new NodeCalls(settings).runtimeConfig().getLinux().getCgroupDriver();
    }
}
