package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.aci.RawTar;
import io.aestus.oci.OciBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An OCI image from a file to a running app. */
@Tag("host")
@Timeout(180)
class OciRunHostTest extends InABox {
    private static final String NAME = "docker://example.com/box:1";

    private String id;

    @BeforeEach
    void prepare() throws IOException {
        Path archive = Files.write(dir.resolve("box.tar"), OciBox.build().ociArchive("example.com/box:1"));
        id = box.run("image", "import", archive.toString()).ok().strip();
    }

    private String run(String options, String script) {
        var line = new ArrayList<>(List.of("run", "--net=none"));
        if (!options.isEmpty()) {
            line.addAll(List.of(options.split(" ", -1)));
        }
        line.addAll(List.of(NAME, "--name", "box"));
        if (!script.isEmpty()) {
            line.addAll(List.of("--", script));
        }
        return box.apart(line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--private-users=off"})
    void an_app_of_layers_sees_what_they_come_to(String users) {
        String said = run(
                users,
                "id; pwd; echo $GREETING; ls /etc/gone 2>&1; ls /old; cat /data/seed; echo; stat -c '%a %u:%g' /data /data/seed;"
                        + " touch /data/mine && echo written");
        assertTrue(said.contains("uid=1001(web) gid=1002(web) groups=1002(web),1003(extra)"), said);
        assertTrue(said.contains("/srv/made"), said);
        assertTrue(said.contains("hello"), said);
        assertTrue(said.contains("/etc/gone: No such file"), said);
        assertTrue(said.contains("\nb\n") || said.contains(" b\n"), said);
        assertTrue(said.contains("seed"), said);
        assertTrue(said.contains("750 1001:1002"), said);
        assertTrue(said.contains("644 1001:1002"), said);
        assertTrue(said.contains("written"), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "fly", "oci:/usr/bin/crun"})
    void an_image_is_a_volume_in_every_isolation(String stage1) throws IOException {
        assumeTrue(!stage1.startsWith("oci:") || Files.isExecutable(Path.of("/usr/bin/crun")), "no crun");
        var models = new OciBuild()
                .layer(new RawTar().directory("weights").file("weights/old", "old"))
                .layer(new RawTar()
                        .file("weights/.wh.old", "")
                        .file("weights/new", "new")
                        .symlink("latest", "/weights"));
        Path archive = Files.write(dir.resolve("models.tar"), models.ociArchive("example.com/models:1"));
        String volume = box.run("image", "import", archive.toString()).ok().strip();
        Path manifest = Files.writeString(dir.resolve("pod.json"), """
                {"acKind": "PodManifest", "acVersion": "0.8.11",
                 "volumes": [{"name": "models", "kind": "image", "image": "%s", "path": "latest"}],
                 "apps": [{"name": "box", "image": {"id": "%s"}, "mounts": [{"volume": "models", "path": "/m"}],
                           "app": {"user": "0", "group": "0",
                                   "exec": ["/bin/sh", "-c", "ls /m; cat /m/new; touch /m/mine 2>&1; cat /proc/mounts"]}}]}
                """.formatted(volume, id));
        String said =
                box.apart(List.of("run", "--stage1=" + stage1, "--net=none", "--pod-manifest", manifest.toString()));
        assertTrue(said.contains("new") && !said.contains("old"), said);
        assertTrue(said.contains("Read-only file system"), said);
        String mount = said.lines()
                .filter(line -> line.contains(" /m overlay "))
                .findFirst()
                .orElse("");
        assertTrue(mount.contains("ro,nosuid,nodev,noexec"), said);
        assertTrue(
                box.run("image", "rm", volume).err().contains("a pod uses it"), "the volume of a pod can be removed");
    }

    @Test
    void arguments_take_the_place_of_the_default_ones() {
        assertTrue(run("", "").contains("default"));
        assertTrue(run("", "echo other").contains("other"));
        String listed = box.run("list", "--full", "--no-legend").ok();
        assertTrue(listed.contains("example.com/box"), listed);
    }

    @Test
    void the_signal_of_the_image_ends_the_app() {
        String pod = box.apart(List.of(
                "run",
                "--detach",
                "--net=none",
                NAME,
                "--name",
                "box",
                "--",
                "trap 'exit 7' USR1; echo ready; while :; do sleep 0.05; done"));
        box.await("ready", "logs", pod);
        box.run("stop", "--time=30s", pod).ok();
        box.await("\"exit_code\":7", "--format=json", "status", pod);
    }

    @Test
    void a_tag_needs_the_option_and_an_id_does_not() {
        String refusal = box.shell.run("run", "--net=none", NAME).fails(254);
        assertTrue(refusal.contains("nobody signs OCI images"), refusal);
        assertTrue(refusal.contains("--insecure-options=image"), refusal);
        String named = box.shell.run("prepare", "--net=none", id).ok();
        assertEquals(36, named.strip().length(), named);
    }

    @Test
    void what_is_done_to_images_is_done_to_these() throws IOException {
        String list = box.run("image", "list", "--fields=name", "--no-legend").ok();
        assertTrue(list.contains("example.com/box:1"), list);
        String json = box.run("image", "list", "--format=json").ok();
        assertTrue(json.contains("\"references\":[\"example.com/box:1\"]"), json);
        assertTrue(box.run("image", "verify", NAME).ok().contains("sound"));
        assertTrue(box.run("image", "du").ok().contains("example.com/box:1"));
        String manifest = box.run("image", "cat-manifest", "example.com/box:1").ok();
        assertTrue(manifest.contains("\"appc.io/docker/entrypoint\""), manifest);
        Path rendered = dir.resolve("rendered");
        box.run("image", "render", id, rendered.toString()).ok();
        assertEquals("b", Files.readString(rendered.resolve("rootfs/old/b")));
        assertTrue(Files.notExists(rendered.resolve("rootfs/old/a")));
        Path exported = dir.resolve("exported.tar");
        box.run("image", "export", NAME, exported.toString()).ok();
        box.run("image", "rm", NAME).ok();
        assertTrue(box.run("image", "rm", NAME).fails(254).contains("it is not in the store"));
        assertEquals(id, box.run("image", "import", exported.toString()).ok().strip());
        String gone = box.run("image", "gc", "--grace-period=0s").ok();
        assertTrue(gone.contains(id), gone);
    }
}
