package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MountInfoTest {
    @Test
    void a_line_is_taken_apart() {
        var mount = MountInfo.parse(
                "36 35 98:0 /mnt1 /a\\040b\\134c rw,noatime shared:1 master:2 - ext3 /dev/r\\011t rw,errors=continue");
        assertEquals(36, mount.id());
        assertEquals(35, mount.parent());
        assertEquals("98:0", mount.device());
        assertEquals("/mnt1", mount.root());
        assertEquals(Path.of("/a b\\c"), mount.mountPoint());
        assertEquals(List.of("rw", "noatime"), mount.options());
        assertEquals(List.of("shared:1", "master:2"), mount.propagation());
        assertEquals("ext3", mount.type());
        assertEquals("/dev/r\tt", mount.source());
        assertEquals(List.of("rw", "errors=continue"), mount.superOptions());
    }

    @Test
    void a_private_mount_has_no_propagation_and_nonsense_is_refused() {
        assertEquals(
                List.of(), MountInfo.parse("1 0 0:1 / / rw - rootfs rootfs rw").propagation());
        assertThrows(IllegalArgumentException.class, () -> MountInfo.parse("1 0 0:1 / / rw rootfs"));
    }

    @Test
    void the_kernels_own_table_is_readable() throws IOException {
        assertTrue(MountInfo.all().stream().anyMatch(mount -> mount.mountPoint().equals(Path.of("/proc"))));
    }

    private static CgroupLayout layout(String... lines) {
        return CgroupLayout.of(
                java.util.Arrays.stream(lines).map(MountInfo::parse).toList());
    }

    @Test
    void the_versions_of_cgroups_are_told_apart() {
        String cpu = "30 25 0:26 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct";
        String systemd = "31 25 0:27 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd";
        String unified = "32 25 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw";
        var hybrid = layout(cpu, systemd, unified);
        assertEquals(CgroupLayout.Mode.HYBRID, hybrid.mode());
        assertEquals(
                Map.of("cpu", Path.of("/sys/fs/cgroup/cpu,cpuacct"), "cpuacct", Path.of("/sys/fs/cgroup/cpu,cpuacct")),
                hybrid.v1());
        assertEquals(1, hybrid.hierarchies().size());
        assertEquals(List.of(Path.of("/sys/fs/cgroup/systemd")), hybrid.v1Named());
        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/unified")), hybrid.unified());
        assertEquals(CgroupLayout.Mode.LEGACY, layout(cpu, systemd).mode());
        assertEquals(CgroupLayout.Mode.UNIFIED, layout(unified).mode());
        assertEquals(CgroupLayout.Mode.NONE, layout().mode());
    }
}
