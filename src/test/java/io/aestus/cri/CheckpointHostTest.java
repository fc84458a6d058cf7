package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.cri.v1.CheckpointContainerRequest;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.LinuxContainerSecurityContext;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Containers written down by a real CRIU; skipped where none knows the kernel. */
@Tag("host")
class CheckpointHostTest extends RealNode {
    private static final String COUNTS =
            "i=0; while true; do i=$((i+1)); echo $i; echo $i >/tmp/count; sleep 0.1; done";

    private Path checkpoints;

    @BeforeEach
    void requireCriu() throws Exception {
        checkpoints = Files.createDirectory(directory.resolve("checkpoints"));
        String id = started(sandbox("probe"), "probe", NamespaceMode.CONTAINER);
        try {
            checkpoint(id, "probe.tar", 60);
        } catch (StatusRuntimeException e) {
            assumeTrue(
                    e.getStatus().getCode() != Status.Code.UNIMPLEMENTED,
                    () -> "skipped: " + e.getStatus().getDescription());
            throw e;
        }
    }

    private String started(String sandbox, String name, NamespaceMode processes) throws IOException {
        String id = create(sandbox, name, COUNTS, config -> config.getLinuxBuilder()
                .setSecurityContext(LinuxContainerSecurityContext.newBuilder()
                        .setNamespaceOptions(NamespaceOption.newBuilder()
                                .setNetwork(NamespaceMode.NODE)
                                .setPid(processes))));
        startContainer(id);
        await("it counts", () -> log(name).contains("stdout F 2\n"));
        return id;
    }

    private Path checkpoint(String id, String file, int seconds) {
        Path archive = checkpoints.resolve(file);
        client.runtime.checkpointContainer(CheckpointContainerRequest.newBuilder()
                .setContainerId(id)
                .setLocation(archive.toString())
                .setTimeout(seconds)
                .build());
        return archive;
    }

    private static Map<String, byte[]> contents(InputStream archive) throws IOException {
        var contents = new TreeMap<String, byte[]>();
        try (var tar = new TarArchiveInputStream(archive)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                contents.put(entry.getName(), tar.readAllBytes());
            }
        }
        return contents;
    }

    @Test
    void a_container_is_written_down_and_goes_on() throws Exception {
        String id = started(sandbox("web"), "web", NamespaceMode.CONTAINER);
        Path archive = checkpoint(id, "web.tar", 60);
        int before = log("web").length();
        await("it goes on", () -> log("web").length() > before);
        assertEquals(ContainerState.CONTAINER_RUNNING, status(id).getState());
        assertEquals(
                PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(archive), "it has secrets");
        var contents = contents(Files.newInputStream(archive));
        assertTrue(
                contents.containsKey("checkpoint/pstree.img"), contents.keySet().toString());
        assertTrue(
                contents.containsKey("checkpoint/core-1.img"), contents.keySet().toString());
        assertTrue(contents.containsKey("dump.log"), contents.keySet().toString());
        JsonView config = JsonReader.read(contents.get("config.dump"), "config.dump");
        assertEquals(id, config.required("id").string());
        assertEquals("web", config.required("name").string());
        String spec = new String(contents.get("spec.dump"), StandardCharsets.UTF_8);
        assertTrue(spec.contains("echo $i"), spec);
        var changes = contents(new ByteArrayInputStream(contents.get("rootfs-diff.tar")));
        int count = Integer.parseInt(new String(changes.get("./tmp/count"), StandardCharsets.UTF_8).strip());
        assertTrue(count >= 2, "what it had written: " + count);
        try (Stream<Path> left = Files.list(checkpoints)) {
            assertEquals(2, left.count(), "two archives and nothing else");
        }
        assertEquals(0, exec(id, 30, "/bin/echo").getExitCode());
    }

    @Test
    void what_criu_cannot_do_it_says_itself() throws Exception {
        String id = create(sandbox("terminal"), "terminal", COUNTS, config -> config.setTty(true));
        startContainer(id);
        await("it counts", () -> log("terminal").contains("stdout F 2"));
        var refused = assertThrows(StatusRuntimeException.class, () -> checkpoint(id, "terminal.tar", 60));
        assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode(), refused.getMessage());
        assertTrue(refused.getMessage().contains("CRIU refused: 'Error (criu/"), refused.getMessage());
        assertFalse(Files.exists(checkpoints.resolve("terminal.tar")));
        assertEquals(ContainerState.CONTAINER_RUNNING, status(id).getState());
    }

    @Test
    void what_cannot_be_written_down_leaves_nothing() throws Exception {
        String shared = started(sandbox("shared"), "shared", NamespaceMode.POD);
        var refused = assertThrows(StatusRuntimeException.class, () -> checkpoint(shared, "shared.tar", 60));
        assertEquals(Status.Code.UNIMPLEMENTED, refused.getStatus().getCode(), refused.getMessage());
        assertTrue(refused.getMessage().contains("shares its processes"), refused.getMessage());
        String id = started(sandbox("web"), "web", NamespaceMode.CONTAINER);
        var nowhere = assertThrows(StatusRuntimeException.class, () -> checkpoint(id, "none/web.tar", 60));
        assertEquals(Status.Code.UNAVAILABLE, nowhere.getStatus().getCode(), nowhere.getMessage());
        var directory = assertThrows(StatusRuntimeException.class, () -> checkpoint(id, "", 60));
        assertEquals(Status.Code.INVALID_ARGUMENT, directory.getStatus().getCode(), directory.getMessage());
        assertFalse(Files.exists(checkpoints.resolve("shared.tar")));
        try (Stream<Path> left = Files.list(checkpoints)) {
            assertEquals(1, left.count(), "that of the probe");
        }
        int before = log("web").length();
        await("it goes on", () -> log("web").length() > before);
    }
}
