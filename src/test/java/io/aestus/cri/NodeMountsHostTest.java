package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.CDIDevice;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.MountPropagation;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What plugins of a node mount: its devices, its kernel's file systems; and what nobody may mount there. */
@Tag("host")
class NodeMountsHostTest extends RealNode {
    @Override
    CdiSpecs devices() {
        return new CdiSpecs(List.of(directory.resolve("cdi")));
    }

    private static Mount mount(String host, String path) {
        return Mount.newBuilder().setHostPath(host).setContainerPath(path).build();
    }

    private String created(boolean privileged, Mount... mounts) throws IOException {
        return create(sandbox("plugin" + System.nanoTime()), "app", "exec sleep 1000", config -> {
            config.addAllMounts(List.of(mounts));
            config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(privileged);
        });
    }

    private String inside(String id, String script) {
        var done = exec(id, 10, "/bin/sh", "-c", script);
        return (done.getStdout().toStringUtf8() + done.getStderr().toStringUtf8()).strip();
    }

    @Test
    void a_privileged_container_may_have_the_devices_of_its_node_with_terminals_of_its_own() throws Exception {
        Path mark = Path.of("/dev/aestus-test-" + ProcessHandle.current().pid());
        String id = created(true, mount("/dev", "/dev"));
        startContainer(id);
        Files.writeString(mark, "of the host");
        try {
            assertEquals("of the host", inside(id, "cat " + mark), "what appears on the host later is not seen");
            assertEquals("", inside(id, "echo x >/dev/null"));
            String mounts = inside(id, "cat /proc/self/mountinfo");
            assertTrue(mounts.contains(" /dev/pts ") && mounts.contains(" /dev/shm "), mounts);
            assertEquals("", inside(id, "touch /dev/shm/aestus-mark"));
            assertTrue(!Files.exists(Path.of("/dev/shm/aestus-mark")), "its shared memory is the host's");
        } finally {
            Files.delete(mark);
        }
    }

    @Test
    void a_volume_of_a_privileged_container_may_have_devices_in_it() throws Exception {
        Path volume = Files.createDirectory(directory.resolve("volume"));
        assertEquals(
                0,
                new ProcessBuilder("mknod", volume.resolve("zero").toString(), "c", "1", "5")
                        .start()
                        .waitFor());
        String id = created(true, mount(volume.toString(), "/volume"));
        startContainer(id);
        assertEquals("1", inside(id, "head -c 1 /volume/zero >/dev/null && echo 1"));
        String confined = created(false, mount(volume.toString(), "/volume"));
        startContainer(confined);
        assertTrue(inside(confined, "head -c 1 /volume/zero").contains("denied"));
    }

    @ParameterizedTest
    @CsvSource({"/sys, true", "/sys, false", "/sys/fs/cgroup, true", "/sys/fs/cgroup, false", "/sys/kernel, true"})
    void the_kernels_tree_of_the_node_is_seen_where_it_is_given(String path, boolean privileged) throws Exception {
        String id = created(privileged, mount(path, path));
        startContainer(id);
        String mounts = inside(id, "cat /proc/self/mountinfo");
        assertTrue(mounts.contains(" " + path + " "), mounts);
        assertEquals(
                Files.exists(Path.of("/sys/kernel/mm")) ? "mm" : "",
                path.equals("/sys/fs/cgroup") ? "mm" : inside(id, "test -e /sys/kernel/mm && echo mm"));
    }

    @Test
    void what_the_node_mounts_in_it_later_shows_if_that_is_asked_for() throws Exception {
        Path shared = Files.createDirectory(directory.resolve("sys"));
        Files.createDirectory(shared.resolve("bpf"));
        tool("mount", "-t", "tmpfs", "tmpfs", shared.toString());
        tool("mount", "--make-shared", shared.toString());
        try {
            Files.createDirectory(shared.resolve("bpf"));
            String id = created(
                    true,
                    mount(shared.toString(), "/sys/fs/cgroup").toBuilder()
                            .setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL)
                            .build());
            startContainer(id);
            tool("mount", "-t", "tmpfs", "tmpfs", shared.resolve("bpf").toString());
            Files.createFile(shared.resolve("bpf/late"));
            assertEquals("late", inside(id, "cd /sys/fs/cgroup/bpf && echo *"));
        } finally {
            tool("umount", "--recursive", shared.toString());
        }
    }

    private static void tool(String... command) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), () -> String.join(" ", command));
    }

    @Test
    void figures_of_the_kernel_may_be_replaced_by_better_ones() throws Exception {
        Path better = Files.writeString(directory.resolve("meminfo"), "MemTotal: 1 kB\n");
        String id = created(false, mount(better.toString(), "/proc/meminfo"));
        startContainer(id);
        assertEquals("MemTotal: 1 kB", inside(id, "cat /proc/meminfo"));
    }

    /** CVE-2019-16884: a file over {@code /proc/self/attr} and no label is ever set. */
    @ParameterizedTest
    @CsvSource({
        "/tmp, /proc, false",
        "/tmp, /proc, true",
        "/tmp, /proc/self, true",
        "/tmp, /proc/sys, true",
        "/etc/hostname, /proc/self/attr/exec, false",
        "/etc/hostname, /proc/sysrq-trigger, true",
        "/dev, /dev, false",
        "/tmp, /dev/pts, true",
        "/tmp, /, true",
        "/tmp, /tmp/../proc, false",
        "/tmp, proc, false",
    })
    void nothing_stands_in_for_what_the_kernel_says_of_a_container(String host, String path, boolean privileged) {
        var refused = assertThrows(
                StatusRuntimeException.class, () -> startContainer(created(privileged, mount(host, path))));
        assertTrue(
                refused.getMessage().matches("(?s).*(cannot mount volume|nothing can be mounted|container_path).*"),
                refused.getMessage());
    }

    @Test
    void a_device_that_its_vendor_describes_is_there_and_may_be_used() throws Exception {
        Files.createDirectory(directory.resolve("cdi"));
        Files.writeString(directory.resolve("given"), "by its vendor");
        Files.writeString(directory.resolve("cdi/zero.yaml"), """
                cdiVersion: "0.6.0"
                kind: example.com/zero
                devices:
                - name: one
                  containerEdits:
                    env: ["ZERO=/dev/zero-one"]
                    deviceNodes: [{path: /dev/zero-one, hostPath: /dev/zero, permissions: r}]
                    mounts: [{hostPath: "%s", containerPath: /given, options: [ro]}]
                """.formatted(directory.resolve("given")));
        String id = create(
                sandbox("vendor"),
                "app",
                "exec sleep 1000",
                config -> config.addCDIDevices(CDIDevice.newBuilder().setName("example.com/zero=one")));
        startContainer(id);
        assertEquals("1", inside(id, "head -c 1 $ZERO >/dev/null && echo 1"));
        assertEquals("by its vendor", inside(id, "cat /given"));
        assertTrue(inside(id, "echo x >/given").contains("Read-only"));
    }
}
