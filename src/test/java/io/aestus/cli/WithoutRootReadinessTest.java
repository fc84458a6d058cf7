package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.testing.BuiltProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Apps of users who are not root tell when they are ready, and start when somebody connects. */
@Tag("host")
@Timeout(180)
class WithoutRootReadinessTest {
    private static final int CAROL = 1_400_003;

    @TempDir
    Path dir;

    private Account carol;
    private String image;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/newuidmap")), "no newuidmap (package uidmap)");
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "no /bin/busybox");
        carol = new Account(dir, "carol", CAROL, "carol:1500200000:65536\n");
        Path bin = Files.createDirectories(dir.resolve("rootfs/bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        for (String tool : List.of("sh", "sleep", "nc")) {
            Files.createSymbolicLink(bin.resolve(tool), Path.of("busybox"));
        }
        BuiltProgram.tell(bin);
        BuiltProgram.serve(bin);
        Path manifest = Files.writeString(dir.resolve("manifest.json"), """
                {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/box",
                 "app": {"exec": ["/bin/sh"], "user": "0", "group": "0"},
                 "annotations": [{"name": "appc.io/executor/supports-systemd-notify", "value": "true"}]}
                """);
        Path file = dir.resolve("box.aci");
        new Shell(dir)
                .run(
                        "image",
                        "build",
                        "--owner-root",
                        "--manifest",
                        manifest.toString(),
                        dir.resolve("rootfs").toString(),
                        file.toString())
                .ok();
        image = carol.aestus("fetch --full " + file).ok().strip();
    }

    @AfterEach
    void close() throws IOException {
        if (carol != null) {
            carol.close();
        }
    }

    @Test
    void an_image_that_tells_is_ready_when_it_says_so() {
        String pod = carol.aestus("run --detach " + image + " --name box -- -c 'exec tell --stay READY=1 STATUS=up'")
                .ok()
                .strip();
        String status = carol.aestus("status --wait-ready=60s " + pod).ok();
        assertTrue(status.contains("\napp-box-ready=true\n") && status.contains("\napp-box-status='up'"), status);
        carol.aestus("stop --force " + pod).ok();
        carol.aestus("rm " + pod).ok();
    }

    @Test
    void an_app_starts_when_another_of_its_pod_connects() throws IOException {
        Path manifest = Files.writeString(dir.resolve("pod.json"), """
                {"acKind": "PodManifest", "acVersion": "0.8.11",
                 "apps": [{"name": "web", "image": {"id": "%1$s"},
                   "annotations": [{"name": "appc.io/executor/supports-systemd-notify", "value": "false"}],
                   "app": {"exec": ["/bin/serve", "--once"], "user": "0", "group": "0",
                     "ports": [{"name": "http", "protocol": "tcp", "port": 8080, "socketActivated": true}]}},
                  {"name": "client", "image": {"id": "%1$s"},
                   "app": {"exec": ["/bin/sh", "-c", "nc 127.0.0.1 8080; exit 5"], "user": "0", "group": "0"}}]}
                """.formatted(image));
        var result = carol.aestus("run --pod-manifest " + manifest);
        assertEquals(5, result.code(), result.err());
        assertTrue(result.out().contains("client: http user 0 answer 1\n"), result.out());
    }
}
