package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pods of users who are not root. */
@Tag("host")
class WithoutRootTest extends OrdinaryUsers {
    @Test
    void root_in_the_pod_is_the_user_and_others_are_of_the_range_of_theirs() {
        String said = run(alice, "", "id -u; cat /proc/self/uid_map; stat -c %u /etc/motd; cat /etc/motd");
        List<String> lines =
                said.lines().map(line -> line.strip().replaceAll(" +", " ")).toList();
        assertEquals(List.of("0", "0 " + ALICE + " 1", "1 " + FIRST + " " + COUNT, "1000", "welcome"), lines, said);
    }

    @Test
    void files_of_an_image_belong_to_whom_its_users_are_on_the_host() throws IOException {
        Path motd = alice.data().resolve("images").resolve(fullId(alice)).resolve("rootfs/etc/motd");
        assertEquals(FIRST + 999, Files.getAttribute(motd, "unix:uid"));
        assertTrue(alice.aestus("image verify " + image).ok().contains(": sound"), "verified");
    }

    private static String fullId(Account user) throws IOException {
        try (var images = Files.list(user.data().resolve("images"))) {
            return images.map(each -> each.getFileName().toString())
                    .filter(id -> id.startsWith(image))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void an_app_can_be_another_user() {
        String said = alice.aestus("run " + image + " --user=1000 --group=1000 -- -c 'id -u; id -g; echo x > /etc/motd;"
                        + " touch /etc/new || echo denied'")
                .ok();
        assertEquals("1000\n1000\ndenied\n", said);
    }

    @Test
    void further_commands_find_the_pod_of_the_first_and_nothing_is_left() throws IOException {
        String pod = alice.aestus("run --detach " + image
                        + " --name box -- -c 'trap \"exit 7\" TERM; echo hello; while true; do sleep 0.1; done'")
                .ok()
                .strip();
        assertTrue(alice.aestus("list").ok().contains("running"));
        alice.await("hello", "logs " + pod);
        assertEquals("0\n", alice.aestus("enter " + pod + " id -u").ok());
        assertEquals(
                "bound\n",
                alice.aestus("exec --privileged " + pod + " sh -c 'echo bound'").out());
        assertTrue(alice.aestus("stats " + pod).ok().contains("box"));
        assertTrue(alice.aestus("rm " + pod).fails(254).contains("cannot remove"), "it runs");
        alice.aestus("stop " + pod).ok();
        assertTrue(alice.aestus("status " + pod).ok().contains("app-box=7"));
        alice.aestus("rm " + pod).ok();
        assertFalse(alice.aestus("list").ok().contains(pod.substring(0, 8)));
        run(alice, "", "exit 0");
        alice.aestus("gc --grace-period=0s").ok();
        for (String place : List.of("pods", "staging", "owners")) {
            try (var left = Files.list(alice.data().resolve(place))) {
                assertEquals(List.of(), left.toList(), place);
            }
        }
        assertEquals(List.of(), alice.processes(ALICE, 1));
        assertEquals(List.of(), alice.processes(FIRST, COUNT));
    }

    @Test
    void what_an_app_leaves_running_ends_with_it() throws IOException {
        run(alice, "", "sleep 1000 & (sleep 2000 &); exit 0");
        assertEquals(List.of(), alice.processes(ALICE, 1));
    }

    @Test
    void nobody_else_gets_at_it() {
        String pod = alice.aestus("run --detach " + image + " --name box -- -c 'while true; do sleep 0.1; done'")
                .ok()
                .strip();
        for (String words : List.of("list", "status " + pod, "logs " + pod, "enter " + pod + " id", "stop " + pod)) {
            var refused = bob.aestus("--dir " + alice.data() + " " + words);
            assertEquals(254, refused.code(), words + refused);
            assertTrue(refused.err().contains("ermission denied"), words + refused);
            assertEquals("", refused.out(), words);
        }
        alice.aestus("stop --force " + pod).ok();
    }

    @Test
    void a_user_without_further_ones_runs_apps_as_root_alone() throws IOException {
        var first = bob.aestus("run " + image + " -- -c 'id -u; cat /proc/self/uid_map; stat -c %u /etc/motd'");
        assertEquals(
                List.of("0", "0 " + BOB + " 1", "0"),
                first.ok()
                        .lines()
                        .map(line -> line.strip().replaceAll(" +", " "))
                        .toList());
        assertTrue(
                first.err().contains("note: apps can run as their root alone, no range in /etc/subuid"), first.err());
        Path motd = bob.data().resolve("images").resolve(fullId(bob)).resolve("rootfs/etc/motd");
        assertEquals(BOB, Files.getAttribute(motd, "unix:uid"));
        assertTrue(bob.aestus("image verify " + image).ok().contains(": sound"), "verified");
        assertTrue(bob.aestus("run " + image + " --user=1000 -- -c id")
                .fails(254)
                .contains("cannot run as user 1000: the pod's users end at 0"));
    }

    @Test
    void an_app_is_confined_as_any_other() throws IOException {
        Path secret = Files.writeString(dir.resolve("secret"), "roots\n");
        Files.setAttribute(secret, "unix:mode", 0600);
        String said = alice.aestus(
                        "run --volume d,kind=host,source=" + secret + " --mount volume=d,target=/secret " + image
                                + " -- -c 'cat /secret; chown 0:0 /secret; mount -t tmpfs none /tmp; mknod /n c 1 3;"
                                + " echo c > /proc/sysrq-trigger; echo 1 > /proc/sys/kernel/panic; echo x > /sys/kernel/x;"
                                + " cat /proc/1/environ; ls /proc/1/root/; kill -9 1; ls /home " + dir
                                + "; kill -9 -1; id -u' 2>&1")
                .ok();
        assertFalse(said.contains("roots"), said);
        assertTrue(said.endsWith("\n0\n"), said);
        assertEquals(
                12,
                said.lines()
                        .filter(line ->
                                line.matches(".*(denied|permitted|No such|Read-only|can't open|can't create).*"))
                        .count(),
                said);
    }

    @Test
    void limits_are_unsupported_and_a_strict_pod_does_not_start() {
        var strict = alice.aestus("run --strict " + image + " --memory 64Mi -- -c id");
        assertTrue(
                strict.fails(254)
                        .contains("resource/memory is not enforced, memory: no cgroup was delegated to this user"),
                strict.err());
        String pod = alice.aestus("run --detach " + image + " --memory 64Mi -- -c 'while true; do sleep 0.1; done'")
                .ok()
                .strip();
        String status = alice.aestus("status --format=json " + pod).ok();
        assertTrue(status.contains("\"unsupported\"") && status.contains("no cgroup was delegated"), status);
        assertTrue(alice.aestus("pause " + pod).fails(254).contains("no cgroup was delegated"), "pause");
        alice.aestus("stop --force " + pod).ok();
    }

    @Test
    void a_delegated_cgroup_is_used() throws IOException {
        try (var given = DelegatedCgroup.to(ALICE)) {
            String join = given.join();
            String pod = alice.aestusIn(join, "run --detach " + image + " -- -c 'while true; do sleep 0.1; done'")
                    .ok()
                    .strip();
            assertTrue(Files.isDirectory(given.of(pod)), "its cgroup");
            alice.aestusIn(join, "pause " + pod).ok();
            assertTrue(alice.aestusIn(join, "list").ok().contains("paused"));
            alice.aestusIn(join, "resume " + pod).ok();
            alice.aestusIn(join, "stop --force " + pod).ok();
            alice.aestusIn(join, "rm " + pod).ok();
            assertFalse(Files.exists(given.of(pod)), "its cgroup");
        }
    }

    @Test
    void a_controller_that_was_delegated_limits_apps() throws IOException {
        try (var given = DelegatedCgroup.to(ALICE)) {
            given.withController("hugetlb");
            String limit = "--isolator aestus.io/hugepages={\\\"2MB\\\":\\\"4Mi\\\"}";
            String pod = alice.aestusIn(
                            given.join(),
                            "run --strict --detach " + image + " --name box " + limit
                                    + " -- -c 'while true; do sleep 0.1; done'")
                    .ok()
                    .strip();
            Path app = given.of(pod).resolve("box");
            assertEquals(
                    "4194304", Files.readString(app.resolve("hugetlb.2MB.max")).strip());
            assertFalse(Files.readString(app.resolve("cgroup.procs")).isBlank(), "the app is elsewhere");
            String status =
                    alice.aestusIn(given.join(), "status --format=json " + pod).ok();
            assertTrue(status.contains("aestus.io/hugepages") && status.contains("\"enforced\""), status);
            assertFalse(status.contains("\"unsupported\""), status);
            alice.aestusIn(given.join(), "stop --force " + pod).ok();
            alice.aestusIn(given.join(), "rm " + pod).ok();
            assertFalse(Files.exists(given.of(pod)), "its cgroup");
        }
    }

    @Test
    void an_image_of_layers_hides_what_its_layers_take_away() throws IOException {
        Path layout = OciBox.build().layout(Files.createDirectories(dir.resolve("layout")), "1.0");
        for (Account user : List.of(alice, bob)) {
            String id = user.aestus("image import --name=example.com/layers oci:" + layout)
                    .ok()
                    .strip();
            String said = user.aestus(
                            "run " + id + " --user=0 --group=0 -- 'ls /old; ls /etc/gone 2>&1; stat -c %u /data'")
                    .out();
            assertEquals(
                    List.of("b", "ls: /etc/gone: No such file or directory", user == alice ? "1001" : "0"),
                    said.lines().toList());
            assertTrue(user.aestus("image verify " + id).ok().contains(": sound"), "verified");
        }
    }

    @Test
    void what_an_app_removes_of_its_image_stays_removed() throws IOException {
        String pod = alice.aestus(
                        "run --detach " + image
                                + " --name box -- -c 'rm -r /srv/old; mkdir /srv/old; ls /srv/old; echo done; while true; do sleep 0.1; done'")
                .ok()
                .strip();
        alice.await("done", "logs " + pod);
        assertEquals("done\n", alice.aestus("logs " + pod).ok());
        alice.aestus("stop --force " + pod).ok();
        Path copy = alice.home.resolve("copy");
        alice.aestus("cp " + pod + ":/srv/old " + copy).ok();
        assertTrue(Files.isDirectory(copy) && !Files.exists(copy.resolve("a")), "what was removed came back");
        alice.aestus("rm " + pod).ok();
    }

    @Test
    void what_cannot_be_done_without_root_is_said() throws IOException {
        String part = alice.aestus("run " + image + " --device /dev/zero:/dev/nought:r -- -c id")
                .fails(254);
        assertTrue(part.contains("cannot lend device '/dev/zero' in part"), part);
        String alone = alice.aestus("run --volume d,kind=host,source=/,recursive=false --mount volume=d,target=/d "
                        + image + " -- -c id")
                .fails(254);
        assertTrue(alone.contains("without root it comes with what is mounted below it"), alone);
    }

    @Test
    void other_isolations_are_for_root() {
        for (String other : List.of("fly", "oci:/bin/true")) {
            assertTrue(alice.aestus("run --stage1=" + other + " " + image)
                    .fails(254)
                    .contains("without being root of the host"));
        }
    }

    @Test
    void doctor_says_what_a_user_lacks() {
        String ofAlice = alice.aestus("doctor").ok();
        assertTrue(ofAlice.contains("ok       user namespace"), ofAlice);
        assertTrue(ofAlice.contains((COUNT + 1) + " users and groups"), ofAlice);
        assertTrue(ofAlice.contains("missing  cgroups"), ofAlice);
        assertTrue(ofAlice.endsWith("Pods can run here.\n"), ofAlice);
        String ofBob = bob.aestus("doctor").ok();
        assertTrue(ofBob.contains("no range in /etc/subuid\n"), ofBob);
        assertTrue(ofBob.contains("usermod --add-subuids"), ofBob);
    }

    @Test
    void keys_and_settings_are_the_users_own() throws IOException {
        assertTrue(alice.aestus("config --no-legend").ok().contains(alice.data().toString()));
        Path config = alice.home.resolve(".config/aestus");
        alice.sh("", "mkdir -p " + config + " && echo aestus.gc.grace=1h > " + config + "/aestus.properties")
                .ok();
        String refused = alice.sh("", "true").ok() + alice.aestus("config").out();
        assertTrue(refused.contains(config.resolve("aestus.properties").toString()), refused);
        Files.delete(config.resolve("aestus.properties"));
    }
}
