package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.IDMapping;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.MountPropagation;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.UserNamespace;
import io.aestus.linux.MountInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What containers may do in mounts of the host, and who sees those that are made later. */
@Tag("host")
class MountsHostTest extends RealNode {
    private static final String DATA = "/data";

    private Path volume;

    /** A volume that the host shares, with a mount in it. */
    @BeforeEach
    void mountBelow() throws Exception {
        volume = Files.createDirectory(directory.resolve("volume"));
        tool("mount", "--bind", volume.toString(), volume.toString());
        tool("mount", "--make-shared", volume.toString());
        mountAt("below");
    }

    private void mountAt(String name) throws Exception {
        Path place = Files.createDirectory(volume.resolve(name));
        tool("mount", "-t", "tmpfs", "tmpfs", place.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        for (MountInfo mount : MountInfo.all().reversed()) {
            if (mount.mountPoint().startsWith(directory)) {
                tool("umount", "--lazy", mount.mountPoint().toString());
            }
        }
    }

    private static void tool(String... command) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), () -> String.join(" ", command));
    }

    private Mount.Builder mount() {
        return Mount.newBuilder().setHostPath(volume.toString()).setContainerPath(DATA);
    }

    private String running(String name, Mount.Builder mount, boolean privileged) throws IOException {
        String id = create(sandbox(name), "app", "exec sleep 1000", config -> {
            config.addMounts(mount);
            config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(privileged);
        });
        startContainer(id);
        assertEquals(List.of(mount.build()), status(id).getMountsList());
        return id;
    }

    private int touch(String id, String path) {
        return exec(id, 10, "/bin/touch", DATA + "/" + path).getExitCode();
    }

    @Test
    void what_is_read_only_is_so_at_the_top_alone_unless_it_is_asked_for_throughout() throws Exception {
        String top = running("top", mount().setReadonly(true), false);
        assertEquals(List.of(1, 0), List.of(touch(top, "new"), touch(top, "below/new")));
        String throughout = running("throughout", mount().setReadonly(true).setRecursiveReadOnly(true), false);
        assertEquals(List.of(1, 1), List.of(touch(throughout, "new"), touch(throughout, "below/new")));
        String open = running("open", mount(), false);
        assertEquals(List.of(0, 0), List.of(touch(open, "new"), touch(open, "below/new")));
    }

    @Test
    void what_the_host_mounts_later_is_seen_by_those_who_asked_for_it() throws Exception {
        String own = running("own", mount(), false);
        String following =
                running("following", mount().setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER), false);
        mountAt("late");
        Files.createFile(volume.resolve("late/file"));
        String[] look = {"/bin/cat", DATA + "/late/file"};
        assertEquals(
                List.of(1, 0),
                List.of(
                        exec(own, 10, look).getExitCode(),
                        exec(following, 10, look).getExitCode()));
    }

    @Test
    void what_a_container_mounts_the_host_sees_if_it_is_asked_for() throws Exception {
        String id = running("both", mount().setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL), true);
        String script = "mkdir /data/own && /bin/busybox mount -t tmpfs tmpfs /data/own";
        var made = exec(id, 10, "/bin/sh", "-c", script);
        assertEquals(0, made.getExitCode(), made.getStderr().toStringUtf8());
        assertTrue(
                MountInfo.all().stream().anyMatch(mount -> mount.mountPoint().equals(volume.resolve("own"))),
                "the host does not see it");
    }

    /** The kubelet takes ranges anywhere among 32 bits. */
    @ParameterizedTest
    @ValueSource(ints = {0x1000_0000, 0xF000_0000})
    void users_of_a_pod_that_has_its_own_own_their_volumes_too(int base) throws Exception {
        var range = IDMapping.newBuilder().setHostId(base).setLength(65536).build();
        var users = UserNamespace.newBuilder()
                .setMode(NamespaceMode.POD)
                .addUids(range)
                .addGids(range);
        for (String name : List.of("first", "second")) {
            String id = create(
                    sandbox(name, users),
                    "app",
                    "exec sleep 1000",
                    config -> config.addMounts(mount().addUidMappings(range).addGidMappings(range)));
            startContainer(id);
            assertEquals(0, touch(id, name));
            assertEquals(0, Files.getAttribute(volume.resolve(name), "unix:uid"), "its root is the host's there");
            var map = exec(id, 10, "/bin/cat", "/proc/self/uid_map").getStdout().toStringUtf8();
            assertEquals(
                    "0 " + Integer.toUnsignedString(base) + " 65536",
                    String.join(" ", map.strip().split(" +", -1)));
        }
    }

    /** The kernel's view of processes is made by the host for such a pod, and entered by its users. */
    @Test
    void among_the_processes_of_another_container_its_users_are_the_pods_too() throws Exception {
        var range =
                IDMapping.newBuilder().setHostId(0x1000_0000).setLength(65536).build();
        String sandbox = sandbox(
                "mapped",
                UserNamespace.newBuilder()
                        .setMode(NamespaceMode.POD)
                        .addUids(range)
                        .addGids(range));
        String target = started(sandbox, "target", "exec sleep 12345");
        String id = create(sandbox, "debugger", "exec sleep 1000", config -> config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setPid(NamespaceMode.TARGET)
                .setTargetId(target));
        startContainer(id);
        String first = exec(id, 10, "/bin/cat", "/proc/1/cmdline").getStdout().toStringUtf8();
        assertTrue(first.contains("12345"), first);
        var refused = exec(id, 10, "/bin/sh", "-c", "echo 1 >/proc/sys/kernel/panic");
        assertTrue(refused.getExitCode() != 0, "it may write to what is the host's");
    }

    private String sandbox(String name, UserNamespace.Builder users) {
        var config = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid(name))
                .setLogDirectory(directory.resolve("logs").toString());
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE)
                .setPid(NamespaceMode.CONTAINER)
                .setUsernsOptions(users);
        return client.runtime
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(config).build())
                .getPodSandboxId();
    }

    /** As most hosts do, for systemd makes all of their mounts so. */
    @Test
    void nothing_that_a_pod_mounts_shows_on_a_host_that_shares_its_mounts() throws Exception {
        String data = directory.resolve("data").toString();
        tool("mount", "--bind", data, data);
        tool("mount", "--make-shared", data);
        List<Path> before = mountPoints();
        var range =
                IDMapping.newBuilder().setHostId(0x1000_0000).setLength(65536).build();
        var own = UserNamespace.newBuilder()
                .setMode(NamespaceMode.POD)
                .addUids(range)
                .addGids(range);
        startContainer(create(sandbox("own", own), "app", "exec sleep 1000", config -> {}));
        startContainer(create(sandbox("host"), "app", "exec sleep 1000", config -> {}));
        assertEquals(before, mountPoints());
    }

    private static List<Path> mountPoints() throws IOException {
        return MountInfo.all().stream().map(MountInfo::mountPoint).toList();
    }

    @Test
    void mounts_of_a_host_that_shares_none_are_refused() throws Exception {
        tool("mount", "--make-private", volume.toString());
        String id = create(
                sandbox("private"),
                "app",
                "true",
                config -> config.addMounts(mount().setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)));
        var refused = assertThrows(StatusRuntimeException.class, () -> startContainer(id));
        assertTrue(refused.getMessage().contains("is no shared mount of the host"), refused.getMessage());
        var impossible = assertThrows(
                StatusRuntimeException.class,
                () -> create(
                        sandbox("writable"),
                        "app",
                        "true",
                        config -> config.addMounts(mount().setRecursiveReadOnly(true))));
        assertEquals(Status.Code.INVALID_ARGUMENT, impossible.getStatus().getCode());
    }
}
