package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.operator.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The commands of crictl, in the order in which its users meet them. */
@Tag("cluster")
@Tag("host")
class CrictlClusterTest extends RealNode {
    private String crictl(String... arguments) throws IOException, InterruptedException {
        Path config = Files.writeString(
                directory.resolve("crictl.yaml"), "runtime-endpoint: unix://" + directory.resolve("run/cri.sock"));
        List<String> all = new ArrayList<>(List.of("--config=" + config, "--timeout=30s"));
        all.addAll(List.of(arguments));
        return Tool.named("crictl")
                .run(all.toArray(String[]::new))
                .orFail()
                .output()
                .strip();
    }

    private String write(String name, String json) throws IOException {
        return Files.writeString(directory.resolve(name), json).toString();
    }

    @Test
    void each_command_does_what_it_says() throws Exception {
        assertTrue(crictl("version").contains("RuntimeName:  aestus"));
        assertTrue(crictl("info").contains("\"RuntimeReady\""));
        assertTrue(crictl("images").contains("example.com/busybox"));
        assertTrue(crictl("inspecti", image.toString()).contains("example.com/busybox:1.36"));
        assertTrue(crictl("imagefsinfo").contains("usedBytes"));
        String pod = write("pod.json", """
                {"metadata": {"name": "web", "namespace": "default", "uid": "1"}, "log_directory": "%s",
                 "linux": {"cgroup_parent": "/aestus-crictl", "security_context": {"namespace_options": {"network": 2}}}}
                """.formatted(Files.createDirectories(directory.resolve("logs"))));
        String container = write("container.json", """
                {"metadata": {"name": "app"}, "image": {"image": "%s"}, "log_path": "app.log",
                 "command": ["sh", "-c", "echo hello; exec sleep 1000"], "linux": {}}
                """.formatted(image));
        String sandbox = crictl("runp", pod);
        String id = crictl("create", sandbox, container, pod);
        assertEquals(id, crictl("start", id));
        assertEquals(sandbox, crictl("pods", "-q", "--name", "web", "--state", "ready"));
        assertEquals(id, crictl("ps", "-q", "--name", "app"));
        String shown = id.substring(0, 13);
        assertTrue(crictl("inspect", shown).contains("CONTAINER_RUNNING"));
        assertTrue(crictl("inspectp", sandbox).contains("SANDBOX_READY"));
        assertEquals("in it", crictl("exec", "--sync", shown, "echo", "in it"));
        assertEquals("in it", crictl("exec", shown, "echo", "in it"));
        await(
                "a line in the log",
                () -> Files.exists(directory.resolve("logs/app.log"))
                        && !read("logs/app.log").isEmpty());
        assertEquals("hello", crictl("logs", id));
        assertTrue(crictl("stats", "-o", "json", id).contains(id));
        assertTrue(crictl("statsp", "-o", "json", sandbox).contains(sandbox));
        assertTrue(crictl("update", "--memory", "67108864", id).contains(id));
        assertEquals(67108864, status(id).getResources().getLinux().getMemoryLimitInBytes());
        crictl("stop", "--timeout", "1", id);
        assertEquals(id, crictl("ps", "-aq", "--state", "exited"));
        crictl("rm", id);
        crictl("stopp", sandbox);
        crictl("rmp", sandbox);
        assertEquals("", crictl("pods", "-q"));
        crictl("rmi", image.toString());
        assertEquals("", crictl("images", "-q"));
    }

    /** The cgroup belongs to who named it. */
    @AfterEach
    void removeCgroup() throws IOException {
        Path root = Path.of("/sys/fs/cgroup");
        Files.deleteIfExists(root.resolve("aestus-crictl"));
        try (var hierarchies = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path hierarchy : hierarchies) {
                Files.deleteIfExists(hierarchy.resolve("aestus-crictl"));
            }
        }
    }

    private String read(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
