package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What pods see of the host and the network, and whether that can be said when they start. */
@Tag("host")
@Timeout(120)
class PodSurroundingsTest extends InABox {
    private static String ipcOfHost() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")).toString();
    }

    private List<String> seen(String... words) {
        return box.run(words).ok().lines().toList();
    }

    @Test
    void a_prepared_pod_starts_as_is_said_then() throws IOException {
        String look = "cat /proc/sys/kernel/hostname; ls -l /proc/self/ns; cat /etc/hosts /etc/resolv.conf";
        String pod = box.run("prepare", "--hostname=before", "--dns=192.0.2.1", box.image, "--", "-c", look)
                .ok()
                .strip();
        List<String> seen = seen(
                "run-prepared",
                "--hostname=after",
                "--hosts-entry=host",
                "--dns=192.0.2.2",
                "--ipc=parent",
                "--net=host",
                pod);
        assertEquals("after", seen.getFirst());
        String text = String.join("\n", seen);
        assertTrue(text.contains(ipcOfHost()), text);
        assertTrue(text.contains(Files.readString(Path.of("/etc/hosts")).strip()), text);
        assertTrue(text.endsWith("nameserver 192.0.2.2"), text);
        assertTrue(box.run("status", pod).ok().contains("\nnetworks=host\n"));
    }

    @Test
    void a_pod_has_shared_memory_of_its_own_unless_it_is_its_parents() throws IOException {
        String look = "ls -l /proc/self/ns";
        var own = box.run("run", "--ipc=private", box.image, "--", "-c", look).ok();
        assertTrue(!own.contains(ipcOfHost()), own);
        var parents =
                box.run("run", "--ipc=parent", box.image, "--", "-c", look).ok();
        assertTrue(parents.contains(ipcOfHost()), parents);
    }

    @Test
    void an_app_sees_the_processes_of_its_pod_its_own_or_those_of_the_host() throws IOException {
        String look = "echo $$; ls -l /proc/self/ns/pid";
        assertEquals(
                "1", seen("run", box.image, "--processes=app", "--", "-c", look).getFirst());
        assertNotEquals(
                "1", seen("run", box.image, "--processes=pod", "--", "-c", look).getFirst());
        String host = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        String all = box.run("run", "--private-users=off", box.image, "--processes=host", "--", "-c", look)
                .ok();
        assertTrue(all.contains(host), all);
        var refused = box.run("run", box.image, "--processes=all", "--", "-c", look);
        assertEquals(ExitCode.USAGE, refused.code());
        assertTrue(refused.err().contains("'all' is neither pod, app nor host"), refused.err());
    }

    @Test
    void a_pod_manifest_may_name_its_images() throws IOException {
        Path manifest = Files.writeString(dir.resolve("pod.json"), """
                {"acKind": "PodManifest", "acVersion": "0.8.11", "apps": [{"name": "web",
                 "image": {"name": "example.com/box"},
                 "app": {"exec": ["/bin/sh", "-c", "echo by name"], "user": "0", "group": "0"}}]}
                """);
        assertEquals(List.of("by name"), seen("run", "--pull-policy=never", "--pod-manifest", manifest.toString()));
        Files.writeString(manifest, Files.readString(manifest).replace("example.com/box", "example.com/other"));
        var refused = box.run("run", "--pull-policy=never", "--pod-manifest", manifest.toString());
        assertEquals(ExitCode.FAILED, refused.code());
        assertTrue(refused.err().contains("example.com/other"), refused.err());
    }

    @Test
    void shared_memory_has_the_size_of_a_volume_mounted_there() throws IOException {
        List<String> seen = seen(
                "run",
                "--volume=shm,kind=empty,medium=memory,size=3Mi,mode=1777",
                box.image,
                "--mount=volume=shm,target=/dev/shm",
                "--",
                "-c",
                "while read line; do case $line in *\" /dev/shm \"*) echo $line; esac; done < /proc/self/mountinfo");
        assertTrue(seen.getLast().contains("size=3072k"), seen::toString);
    }

    @Test
    void an_app_that_is_added_can_bring_a_volume() throws IOException {
        Path data = Files.createDirectories(dir.resolve("data"));
        Files.writeString(data.resolve("file"), "of the host\n");
        String pod = box.apart(List.of("app", "sandbox", "--detach"));
        box.run(
                        "app",
                        "add",
                        "--start",
                        pod,
                        box.image,
                        "--name=web",
                        "--mnt-volume=name=data,kind=host,source=" + data + ",target=/data,readOnly=true",
                        "--",
                        "-c",
                        "cat /data/file; touch /data/new || echo refused")
                .ok();
        box.await("of the host\nrefused\n", "logs", "--app=web", pod);
        assertTrue(!Files.exists(data.resolve("new")));
        assertTrue(box.run("app", "add", pod, box.image, "--mnt-volume=kind=empty,target=/a")
                .fails(2)
                .contains("it needs a name and a target"));
    }

    @Test
    void status_says_what_isolates_a_pod() {
        String pod = box.start("sleep 1000");
        assertTrue(box.run("status", pod).ok().contains("\nstage1=native\n"));
        assertTrue(box.run("status", "--format=json", pod).ok().contains("\"stage1\":\"native\""));
        assertTrue(box.shell.shown("list").ok().contains("\u001b[32mrunning\u001b[0m"));
    }

    @Test
    void fetches_are_shown_image_by_image() throws IOException {
        Path other = Files.copy(dir.resolve("box.aci"), dir.resolve("other.aci"));
        var shown = box.shell.answering(
                "",
                "--insecure-options=image",
                "prepare",
                dir.resolve("box.aci").toString(),
                other.toString(),
                "--name=other");
        shown.ok();
        assertNotEquals("", shown.err());
        for (String image : List.of("box.aci", "other.aci")) {
            assertTrue(shown.err().contains(image + ": "), shown.err());
        }
    }
}
