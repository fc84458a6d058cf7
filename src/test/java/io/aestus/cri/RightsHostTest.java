package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.aci.Aci;
import io.aestus.cri.v1.Capability;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatsRequest;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.Int64Value;
import io.aestus.cri.v1.LinuxContainerSecurityContext;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.cri.v1.SecurityProfile;
import io.aestus.cri.v1.Signal;
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.SupplementalGroupsPolicy;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As whom containers run and what they may, in real ones. */
@Tag("host")
class RightsHostTest extends RealNode {
    private interface Context {
        void change(LinuxContainerSecurityContext.Builder context);
    }

    private String running(String sandbox, String name, Context context) throws IOException {
        String id = create(sandbox, name, "exec sleep 1000", config -> change(config, context));
        startContainer(id);
        return id;
    }

    private static void change(ContainerConfig.Builder config, Context context) {
        context.change(config.getLinuxBuilder().getSecurityContextBuilder());
    }

    private String inside(String id, String script) {
        var done = exec(id, 10, "/bin/sh", "-c", script);
        return (done.getStdout().toStringUtf8() + done.getStderr().toStringUtf8()).strip();
    }

    private static Int64Value number(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }

    /** The same tools, in an image that knows users. */
    private void storeImageWithUsers() throws Exception {
        var aci = Aci.named("example.com/users")
                .version("1")
                .directory("bin")
                .directory("tmp")
                .directory("etc")
                .file("bin/busybox", 0755, Files.readAllBytes(Path.of("/bin/busybox")))
                .file(
                        "etc/passwd",
                        0644,
                        "root:x:0:0::/:/bin/sh\nweb:x:1000:1000::/:/bin/sh\n".getBytes(StandardCharsets.UTF_8))
                .file(
                        "etc/group",
                        0644,
                        "web:x:1000:\nimage:x:50000:web\nother:x:50001:\n".getBytes(StandardCharsets.UTF_8));
        for (String tool : List.of("sh", "sleep", "id", "cat")) {
            aci.symlink("bin/" + tool, "busybox");
        }
        image = stored(aci);
    }

    @ParameterizedTest
    @CsvSource({
        "Merge, -1, 1000, '1000 50000 60000'",
        "Merge, 7, 7, '7 50000 60000'",
        "Strict, -1, 1000, '1000 60000'",
        "Strict, 7, 7, '7 60000'",
    })
    void groups_are_the_primary_one_those_asked_for_and_the_images_unless_that_is_forbidden(
            SupplementalGroupsPolicy policy, long group, long primary, String all) throws Exception {
        storeImageWithUsers();
        String id = running(sandbox("groups"), "app", context -> {
            context.setRunAsUser(number(1000)).addSupplementalGroups(60000).setSupplementalGroupsPolicy(policy);
            if (group >= 0) {
                context.setRunAsGroup(number(group));
            }
        });
        assertEquals(
                "1000 " + primary + " " + all, inside(id, "id -u; id -g; id -G").replace('\n', ' '));
        var user = status(id).getUser().getLinux();
        assertEquals(
                "1000 " + primary + " " + all,
                user.getUid() + " " + user.getGid() + " "
                        + String.join(
                                " ",
                                user.getSupplementalGroupsList().stream()
                                        .map(String::valueOf)
                                        .toList()));
    }

    @Test
    void a_user_by_name_is_found_in_the_image_or_the_container_does_not_start() throws Exception {
        storeImageWithUsers();
        String sandbox = sandbox("names");
        String web = running(sandbox, "web", context -> context.setRunAsUsername("web"));
        assertEquals("1000 1000", inside(web, "id -u; id -g").replace('\n', ' '));
        String nobody = create(
                sandbox,
                "nobody",
                "true",
                config -> change(config, context -> context.setRunAsUsername("nobody-here")));
        assertThrows(StatusRuntimeException.class, () -> startContainer(nobody));
        assertTrue(
                status(nobody).getMessage().contains("nobody-here"),
                status(nobody).getMessage());
    }

    @Test
    void ambient_capabilities_are_of_use_to_users_other_than_root() throws Exception {
        String sandbox = sandbox("ambient");
        String id = running(sandbox, "app", context -> context.setRunAsUser(number(1000))
                .setCapabilities(Capability.newBuilder()
                        .addDropCapabilities("ALL")
                        .addAddAmbientCapabilities("NET_BIND_SERVICE")));
        String status = inside(id, "cat /proc/self/status");
        for (String set : List.of("Inh", "Prm", "Eff", "Bnd", "Amb")) {
            assertTrue(status.contains("Cap" + set + ":\t0000000000000400"), status);
        }
        String usual = running(sandbox, "usual", context -> context.setRunAsUser(number(1000)));
        assertTrue(inside(usual, "cat /proc/self/status").contains("CapEff:\t0000000000000000"));
    }

    @Test
    void a_profile_in_a_file_decides_what_may_be_called() throws Exception {
        Path profile = Files.writeString(directory.resolve("no-directories.json"), """
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}""");
        Context local = context -> context.setSeccomp(SecurityProfile.newBuilder()
                .setProfileType(SecurityProfile.ProfileType.Localhost)
                .setLocalhostRef(profile.toString()));
        String sandbox = sandbox("calls");
        String id = running(sandbox, "app", local);
        String said = inside(id, "mkdir /tmp/new; touch /tmp/file && echo touched; cat /proc/self/status");
        assertTrue(said.contains("Function not implemented") && said.contains("touched"), said);
        assertTrue(said.contains("Seccomp:\t2") && said.contains("NoNewPrivs:\t0"), said);
        Files.delete(profile);
        close();
        open();
        assertTrue(
                inside(id, "mkdir /tmp/new").contains("Function not implemented"), "after the agent was started anew");
        String free = running(sandbox, "free", context -> context.setPrivileged(true));
        assertEquals("", inside(free, "mkdir /tmp/new"));
    }

    @Test
    void a_profile_that_allows_a_list_of_calls_lets_a_program_start_and_no_more() throws Exception {
        Path profile = Files.writeString(directory.resolve("few.json"), """
                {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"action": "SCMP_ACT_ALLOW", "names": [
                 "execve", "exit_group", "exit", "write", "read", "brk", "arch_prctl", "set_tid_address", "set_robust_list",
                 "rseq", "mprotect", "prlimit64", "readlinkat", "readlink", "getrandom", "uname", "mmap", "munmap", "getuid",
                 "geteuid", "getgid", "getegid", "setuid", "setgid", "getpid", "getppid", "rt_sigaction", "rt_sigprocmask",
                 "fstat", "newfstatat", "stat", "getcwd", "ioctl", "fcntl", "dup2", "close", "open", "openat", "prctl"]}]}""");
        String id = create(
                sandbox("few"),
                "app",
                "echo it runs; mkdir /tmp/new && echo made; exit 0",
                config -> change(config, context -> context.setNoNewPrivs(true)
                        .setSeccomp(SecurityProfile.newBuilder()
                                .setProfileType(SecurityProfile.ProfileType.Localhost)
                                .setLocalhostRef(profile.toString()))));
        startContainer(id);
        exited(id);
        assertTrue(log("app").contains("it runs") && !log("app").contains("made"), log("app"));
    }

    @Test
    void a_container_among_the_processes_of_another_one_sees_and_ends_with_those() throws Exception {
        String sandbox = sandbox("debugged");
        String target = create(sandbox, "target", "touch /tmp/mark; exec sleep 12345", config -> {});
        Context among = context -> context.setNamespaceOptions(
                NamespaceOption.newBuilder().setPid(NamespaceMode.TARGET).setTargetId(target));
        var early = assertThrows(
                StatusRuntimeException.class, () -> create(sandbox, "early", "true", config -> change(config, among)));
        assertEquals(Status.Code.FAILED_PRECONDITION, early.getStatus().getCode());
        startContainer(target);
        String id = running(sandbox, "debugger", among);
        assertTrue(inside(id, "cat /proc/1/cmdline").contains("12345"), "process 1 is another one");
        assertEquals("0", inside(id, "kill -0 1; echo $?"));
        client.runtime.stopContainer(
                StopContainerRequest.newBuilder().setContainerId(target).build());
        exited(id);
        assertEquals(ContainerState.CONTAINER_EXITED, status(target).getState());
        String late = create(sandbox("other"), "late", "true", config -> {});
        var foreign = assertThrows(
                StatusRuntimeException.class,
                () -> create(
                        sandbox,
                        "foreign",
                        "true",
                        config -> change(
                                config,
                                context -> context.setNamespaceOptions(NamespaceOption.newBuilder()
                                        .setPid(NamespaceMode.TARGET)
                                        .setTargetId(late)))));
        assertEquals(Status.Code.INVALID_ARGUMENT, foreign.getStatus().getCode());
        assertTrue(foreign.getMessage().contains("target_id"), foreign.getMessage());
    }

    @Test
    void a_target_that_ends_before_the_start_is_missed() throws Exception {
        String sandbox = sandbox("missed");
        String target = started(sandbox, "target", "exec sleep 1000");
        String id = create(
                sandbox,
                "debugger",
                "true",
                config -> change(
                        config,
                        context -> context.setNamespaceOptions(NamespaceOption.newBuilder()
                                .setPid(NamespaceMode.TARGET)
                                .setTargetId(target))));
        client.runtime.stopContainer(
                StopContainerRequest.newBuilder().setContainerId(target).build());
        assertThrows(StatusRuntimeException.class, () -> startContainer(id));
        assertEquals("StartError", status(id).getReason());
    }

    @Test
    void what_a_container_wrote_is_counted_and_what_its_volumes_hold_is_not() throws Exception {
        Path volume = Files.createDirectory(directory.resolve("volume"));
        String id = create(
                sandbox("writer"),
                "app",
                "exec sleep 1000",
                config -> config.addMounts(
                        Mount.newBuilder().setHostPath(volume.toString()).setContainerPath("/volume")));
        startContainer(id);
        inside(id, "dd if=/dev/zero of=/tmp/mine bs=1M count=2; dd if=/dev/zero of=/volume/other bs=1M count=8");
        var request = ContainerStatsRequest.newBuilder().setContainerId(id).build();
        await("a count", () -> client.runtime.containerStats(request).getStats().hasWritableLayer());
        var layer = client.runtime.containerStats(request).getStats().getWritableLayer();
        long bytes = layer.getUsedBytes().getValue();
        assertTrue(bytes >= 2 << 20 && bytes < 4 << 20, layer.toString());
        assertTrue(layer.getInodesUsed().getValue() >= 2, layer.toString());
        assertTrue(Files.isDirectory(Path.of(layer.getFsId().getMountpoint())), layer.toString());
    }

    @ParameterizedTest
    @CsvSource({"SIGRTMINPLUS3, 37", "SIGRTMAXMINUS2, 62", "SIGUSR1, 10"})
    void a_container_is_asked_to_end_by_the_signal_of_its_choice(Signal signal, int number) throws Exception {
        String id = create(
                sandbox("asked"),
                "app",
                "trap 'exit 5' " + number + "; touch /tmp/ready; while :; do sleep 0.05; done",
                config -> config.setStopSignal(signal));
        startContainer(id);
        await("it listens", () -> exec(id, 10, "/bin/cat", "/tmp/ready").getExitCode() == 0);
        client.runtime.stopContainer(StopContainerRequest.newBuilder()
                .setContainerId(id)
                .setTimeout(60)
                .build());
        assertEquals(5, status(id).getExitCode());
        assertEquals(signal, status(id).getStopSignal());
    }

    @Test
    void images_are_named_by_what_they_are() throws IOException {
        String id = create(
                sandbox("named"),
                "app",
                "true",
                config -> config.setImage(ImageSpec.newBuilder()
                        .setImage(image.toString())
                        .setUserSpecifiedImage("example.com/busybox:1.36")));
        assertEquals("example.com/busybox:1.36", status(id).getImage().getUserSpecifiedImage());
        assertEquals(image.toString(), status(id).getImageId());
    }
}
