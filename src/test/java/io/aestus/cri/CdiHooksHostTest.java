package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.CDIDevice;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.IDMapping;
import io.aestus.cri.v1.LinuxPodSandboxConfig;
import io.aestus.cri.v1.LinuxSandboxSecurityContext;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.RemoveContainerRequest;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.UserNamespace;
import io.aestus.executor.Hook;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hooks of devices, by real programs: where each kind runs, what it is told, and what becomes of one that fails. */
@Tag("host")
class CdiHooksHostTest extends RealNode {
    private static final Path BUNDLES = Path.of("/run/aestus/hooks");
    private static final long USERS = 0x7000_0000L;
    private static final int USER_COUNT = 65536;

    /** Of programs and of what they write: a hook may be the root of a pod, who cannot pass the test's own directory. */
    private Path place;

    @Override
    CdiSpecs devices() {
        return new CdiSpecs(List.of(directory.resolve("cdi")));
    }

    @BeforeEach
    void makePlace() throws IOException {
        Files.createDirectory(directory.resolve("cdi"));
        place = Files.createTempDirectory("aestus-hooks-");
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @AfterEach
    void removePlace() throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(place);
    }

    /** A container's users: the node's, or some of its own. */
    private enum Users {
        NODE,
        OWN
    }

    private String sandbox(String name, Users users, NamespaceMode processes) {
        var namespaces =
                NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).setPid(processes);
        if (users == Users.OWN) {
            var map = IDMapping.newBuilder()
                    .setContainerId(0)
                    .setHostId((int) USERS)
                    .setLength(USER_COUNT);
            namespaces.setUsernsOptions(UserNamespace.newBuilder()
                    .setMode(NamespaceMode.POD)
                    .addUids(map)
                    .addGids(map));
        }
        var config = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("default")
                        .setUid("uid-" + name))
                .setLogDirectory(directory.resolve("logs").toString())
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setSecurityContext(
                                LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(namespaces)));
        return client.runtime
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(config).build())
                .getPodSandboxId();
    }

    /** A hook that does something when it has put away what it was told. */
    private String hook(String moment, String script) throws IOException {
        Path program = place.resolve(moment + ".sh");
        Path told = place.resolve(moment + ".json");
        Files.writeString(program, "#!/bin/sh\ncat >" + told + "\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return "{hookName: " + moment + ", path: " + program + ", args: [hook, one], env: [\"PATH=/usr/bin:/bin\"]}";
    }

    private void describe(String... hooks) throws IOException {
        Files.writeString(directory.resolve("cdi/gpu.yaml"), """
                cdiVersion: "0.6.0"
                kind: example.com/gpu
                devices: [{name: one, containerEdits: {hooks: [%s]}}]
                """.formatted(String.join(", ", hooks)));
    }

    private String container(String sandbox, String script) throws IOException {
        return create(sandbox, "app", script, config -> {
            config.addCDIDevices(CDIDevice.newBuilder().setName("example.com/gpu=one"));
            config.putAnnotations("example.com/why", "to compute");
            config.getLinuxBuilder()
                    .getSecurityContextBuilder()
                    .getNamespaceOptionsBuilder()
                    .setPid(processes);
        });
    }

    private NamespaceMode processes = NamespaceMode.CONTAINER;

    private JsonView told(String moment) throws IOException {
        return JsonReader.read(Files.readAllBytes(place.resolve(moment + ".json")), "the state");
    }

    private String said(String moment) throws IOException {
        return Files.readString(place.resolve(moment + ".txt")).strip();
    }

    private void assertNothingLeft() throws IOException {
        if (Files.exists(BUNDLES)) {
            try (Stream<Path> left = Files.list(BUNDLES)) {
                assertEquals(List.of(), left.toList(), "of hooks");
            }
        }
    }

    /** Files of the host are seen by all but the hook of the start, which writes where its container's root is. */
    private void everyKind(Users users) throws Exception {
        describe(
                hook("prestart", "test -d /proc/$(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/' " + place + "/prestart.json)"),
                hook(
                        "createRuntime",
                        "readlink /proc/self/ns/mnt >" + place + "/createRuntime.txt; echo $1 >>" + place
                                + "/createRuntime.txt"),
                hook("createContainer", """
                        readlink /proc/self/ns/mnt >%1$s/createContainer.txt
                        root=$(sed 's/.*"path":"\\([^"]*\\)".*/\\1/' config.json)
                        ls $root/proc/self >/dev/null || exit 7
                        echo made by a hook >$root/made || exit 8
                        id -u >>%1$s/createContainer.txt""".formatted(place)),
                "{hookName: startContainer, path: /bin/sh, args: [sh, -c, 'cat >/state; id -u >/who; test -f /made']}",
                hook("poststart", ":"),
                hook(
                        "poststop",
                        "test -d $(sed 's/.*\"bundle\":\"\\([^\"]*\\)\".*/\\1/' " + place + "/poststop.json)"));
        String id = container(sandbox("all-" + users, users, processes), "cat /made; exec sleep 1000");
        assertFalse(Files.exists(place.resolve("createRuntime.json")), "a hook ran before the start");
        startContainer(id);

        for (String before : List.of("prestart", "createRuntime", "createContainer")) {
            assertEquals(id, told(before).required("id").string());
            assertEquals("creating", told(before).required("status").string());
            assertEquals(
                    "to compute",
                    told(before)
                            .required("annotations")
                            .required("example.com/why")
                            .string());
            told(before).required("ociVersion").string();
        }
        String host = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString();
        assertEquals(host + "\none", said("createRuntime"), "on the host");
        String[] inContainer = said("createContainer").split("\n", -1);
        assertTrue(inContainer[0].startsWith("mnt:") && !inContainer[0].equals(host), "in mounts of the container's");
        assertEquals("0", inContainer[1]);
        assertEquals("running", told("poststart").required("status").string());
        assertTrue(inside(id, "cat /state").contains("\"status\":\"created\""), inside(id, "cat /state"));
        assertEquals("0", inside(id, "cat /who"));
        assertEquals("made by a hook", inside(id, "cat /made"));
        await("the container's own words", () -> log("app").contains("made by a hook"));
        String mounts = inside(id, "cat /proc/self/mountinfo");
        assertFalse(mounts.contains(BUNDLES.toString()), mounts);
        assertFalse(Files.exists(place.resolve("poststop.json")), "a hook ran before the end");

        client.runtime.stopContainer(
                StopContainerRequest.newBuilder().setContainerId(id).build());
        await("the hook of the end", () -> Files.exists(place.resolve("poststop.json")));
        client.runtime.removeContainer(
                RemoveContainerRequest.newBuilder().setContainerId(id).build());
        assertEquals("stopped", told("poststop").required("status").string());
        assertNothingLeft();
    }

    private String inside(String id, String script) {
        var done = exec(id, 10, "/bin/sh", "-c", script);
        return (done.getStdout().toStringUtf8() + done.getStderr().toStringUtf8()).strip();
    }

    @ParameterizedTest
    @EnumSource
    void each_kind_of_hook_runs_where_it_belongs(Users users) throws Exception {
        everyKind(users);
    }

    @ParameterizedTest
    @EnumSource
    void hooks_of_containers_that_share_their_processes(Users users) throws Exception {
        processes = NamespaceMode.POD;
        everyKind(users);
    }

    @ParameterizedTest
    @EnumSource
    void what_a_hook_mounts_in_the_root_is_there(Users users) throws Exception {
        describe(
                hook(
                        "createContainer",
                        "root=$(sed 's/.*\"path\":\"\\([^\"]*\\)\".*/\\1/' config.json); mount -t tmpfs hooked $root/tmp; touch $root/tmp/on-it"));
        String id = container(sandbox("mounts-" + users, users, processes), "exec sleep 1000");
        startContainer(id);
        assertTrue(inside(id, "cat /proc/self/mountinfo").contains(" /tmp "), "the hook's mount");
        assertEquals("", inside(id, "cat /tmp/on-it"));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"PRESTART", "CREATE_RUNTIME", "CREATE_CONTAINER"},
            value = Hook.Moment.class)
    void one_that_fails_fails_the_start(Hook.Moment moment) throws Exception {
        describe(hook(moment.toString(), "echo no such card >&2; exit 3"), hook("poststop", ":"));
        String id = container(sandbox("fails"), "exec sleep 1000");
        var refused = assertThrows(StatusRuntimeException.class, () -> startContainer(id));
        String program = place.resolve(moment + ".sh").toString();
        assertTrue(
                String.valueOf(refused.getMessage())
                        .endsWith("cannot run hook " + moment + " " + program
                                + " of app app-0: it ended with 3: 'no such card'"),
                refused.getMessage());
        assertEquals(ContainerState.CONTAINER_EXITED, status(id).getState());
        assertTrue(status(id).getMessage().contains("no such card"), status(id).getMessage());
        assertTrue(Files.exists(place.resolve("poststop.json")), "nothing takes back what earlier hooks did");
        assertNothingLeft();
    }

    @ParameterizedTest
    @EnumSource
    void one_in_the_container_that_fails_fails_the_start(Users users) throws Exception {
        describe("{hookName: startContainer, path: /bin/sh, args: [sh, -c, 'echo not here >&2; exit 4']}");
        String id = container(sandbox("inside-" + users, users, processes), "exec sleep 1000");
        var refused = assertThrows(StatusRuntimeException.class, () -> startContainer(id));
        assertTrue(
                String.valueOf(refused.getMessage())
                        .endsWith("cannot run hook startContainer /bin/sh of app app-0: it ended with 4: 'not here'"),
                refused.getMessage());
        assertNothingLeft();
    }

    @Test
    void one_that_is_not_there_or_goes_on_too_long_fails_the_start() throws Exception {
        describe("{hookName: createRuntime, path: /nowhere/hook}");
        String sandbox = sandbox("late");
        String id = container(sandbox, "exec sleep 1000");
        var missing = assertThrows(StatusRuntimeException.class, () -> startContainer(id));
        assertTrue(String.valueOf(missing.getMessage()).contains("/nowhere/hook"), missing.getMessage());

        describe(hook("createContainer", "sleep 1000").replace("}", ", timeout: 1}"));
        String other = create(
                sandbox,
                "other",
                "exec sleep 1000",
                config -> config.addCDIDevices(CDIDevice.newBuilder().setName("example.com/gpu=one")));
        var late = assertThrows(StatusRuntimeException.class, () -> startContainer(other));
        assertTrue(String.valueOf(late.getMessage()).endsWith("did not end within 1000 ms"), late.getMessage());
        assertNothingLeft();
    }

    @Test
    void those_that_nothing_waits_for_spoil_nothing() throws Exception {
        describe(hook("poststart", "exit 1"), hook("poststop", "exit 1"));
        String id = container(sandbox("spoilt"), "exec sleep 1000");
        startContainer(id);
        assertEquals(ContainerState.CONTAINER_RUNNING, status(id).getState());
        client.runtime.stopContainer(
                StopContainerRequest.newBuilder().setContainerId(id).build());
        await("the hook of the end", () -> Files.exists(place.resolve("poststop.json")));
    }

    @ParameterizedTest
    @EnumSource
    void nobody_of_the_pod_sees_the_host_while_a_hook_does(Users users) throws Exception {
        processes = NamespaceMode.POD;
        Path secret = Files.writeString(place.resolve("secret.txt"), "of the host");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
        String sandbox = sandbox("onlooker-" + users, users, processes);
        describe(hook(
                "createContainer",
                "cat " + secret + " >" + place + "/seen.txt; until test -e " + place + "/go.txt; do sleep 0.05; done"));
        String onlooker = create(sandbox, "onlooker", "exec sleep 1000", config -> {
            var security = config.getLinuxBuilder().getSecurityContextBuilder();
            security.getNamespaceOptionsBuilder().setPid(processes);
            security.getCapabilitiesBuilder().addAddCapabilities("SYS_PTRACE").addAddCapabilities("SYS_ADMIN");
        });
        startContainer(onlooker);
        String id = container(sandbox, "exec sleep 1000");
        var start = CompletableFuture.runAsync(
                () -> startContainer(id), task -> Thread.ofPlatform().daemon().start(task));
        await("the hook", () -> Files.exists(place.resolve("seen.txt")));
        String look = "for each in /proc/[0-9]*; do echo $each; cat $each/root" + secret + "; cat $each/cwd" + secret
                + "; done 2>/dev/null";
        String seen = inside(onlooker, look);
        Files.writeString(place.resolve("go.txt"), "");
        start.get(60, TimeUnit.SECONDS);
        assertEquals("of the host", Files.readString(place.resolve("seen.txt")), "what the hook sees");
        assertTrue(seen.contains("/proc/1") && !seen.contains("of the host"), seen);
        assertEquals("", inside(id, "cat " + secret + " 2>/dev/null"), "what is left of the host in the container");
    }

    @Test
    void a_container_that_is_stopped_meanwhile_does_not_start() throws Exception {
        describe(hook("createContainer", "sleep 1000"));
        String id = container(sandbox("stopped"), "exec sleep 1000");
        var start = CompletableFuture.runAsync(
                () -> startContainer(id), task -> Thread.ofPlatform().daemon().start(task));
        await("the hook", () -> Files.exists(place.resolve("createContainer.json")));
        client.runtime.stopContainer(
                StopContainerRequest.newBuilder().setContainerId(id).build());
        assertThrows(Exception.class, () -> start.get(30, TimeUnit.SECONDS));
        assertEquals(ContainerState.CONTAINER_EXITED, status(id).getState());
        assertNothingLeft();
    }
}
