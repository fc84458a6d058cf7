package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pods by name, by file and by label. */
@Tag("host")
class PodNamesTest extends InABox {
    @Test
    void a_pod_is_found_by_its_name_wherever_a_uuid_is_taken() {
        String uuid = box.start("echo hello; sleep 1000", "--pod-name=shop");
        assertTrue(box.run("status", "shop").ok().startsWith("name=shop\nstate=running\n"));
        assertTrue(box.run("cat-manifest", "shop").ok().contains("PodManifest"));
        assertEquals(
                "it runs\n",
                box.run("exec", "shop", "--", "/bin/sh", "-c", "echo it runs").ok());
        assertTrue(box.run("list", "--format=json").ok().contains("\"pod_name\":\"shop\""));
        assertTrue(
                box.run("list").ok().lines().skip(1).findFirst().orElseThrow().contains(" shop "));
        assertEquals("\"" + uuid + "\"\n", box.run("stop", "shop").ok());
        assertEquals("hello\n", box.run("logs", "shop").ok());
        assertEquals("\"" + uuid + "\"\n", box.run("rm", "shop").ok());
        assertTrue(box.run("status", "shop").fails(254).contains("cannot find pod 'shop': there is none"));
    }

    @Test
    void an_app_that_ended_while_nobody_looked_after_it_is_seen_to_have_ended() {
        box.start("sleep 0.3; exit 3", "--pod-name=shop");
        box.await("state=exited\n", "status", "shop");
        assertTrue(box.run("status", "shop").ok().contains("app-box=3\n"));
        assertTrue(box.run("list").ok().contains(" exited "));
    }

    @Test
    void only_a_pod_that_lives_keeps_others_from_its_name() {
        String first = box.start("sleep 1000", "--pod-name=shop");
        String refused =
                box.run("run", "--detach", "--pod-name=shop", box.image).fails(254);
        assertTrue(refused.startsWith("aestus: cannot name a pod shop: pod " + first + " has that name\n"), refused);
        assertEquals(1, box.run("list", "--no-legend").ok().lines().count(), "nothing is left of the refused one");
        box.run("stop", "--force", "shop").ok();
        assertTrue(box.run("status", "shop").ok().contains("state=exited"), "the last one keeps it");

        String second = box.run("prepare", "--pod-name=shop", box.image).ok().strip();
        assertTrue(box.run("status", "shop").ok().contains("state=prepared"));
        box.run("rm", first).ok();
        assertTrue(box.run("status", "shop").ok().contains("state=prepared"), "the first one has it no more");
        assertTrue(box.run("prepare", "--pod-name=shop", box.image).fails(254).contains(second));
    }

    @Test
    void of_many_processes_that_want_a_name_one_gets_it() throws Exception {
        box.run("prepare", "--pod-name=other", box.image).ok();
        String script = "for i in 1 2 3 4 5; do ("
                + box.command("prepare --pod-name=shop " + box.image)
                + " 2>>" + dir.resolve("refused") + " || true) & done; wait";
        Process process = new ProcessBuilder("/bin/sh", "-c", script).start();
        List<String> made = process.inputReader().lines().toList();
        assertEquals(0, process.waitFor());
        assertEquals(1, made.size(), () -> made + "");
        var refused = new ArrayList<>(Files.readAllLines(dir.resolve("refused")));
        refused.removeIf(line -> !line.startsWith("aestus: cannot name a pod shop: pod " + made.getFirst()));
        assertEquals(4, refused.size());
        assertTrue(box.run("status", "--format=json", "shop").ok().contains(made.getFirst()));
    }

    @Test
    void a_name_that_a_crash_left_is_in_nobodys_way() throws IOException {
        box.run("prepare", "--pod-name=other", box.image).ok();
        Path names = box.shell.data().resolve("names");
        Files.createSymbolicLink(names.resolve("shop"), Path.of("11111111-2222-3333-4444-555555555555"));
        Files.createSymbolicLink(names.resolve("gone"), Path.of("11111111-2222-3333-4444-555555555555"));
        assertTrue(box.run("status", "shop").fails(254).contains("there is none"));
        box.run("prepare", "--pod-name=shop", box.image).ok();
        assertTrue(box.run("status", "shop").ok().contains("state=prepared"));
        box.run("gc").ok();
        assertFalse(Files.exists(names.resolve("gone"), java.nio.file.LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void what_could_be_a_uuid_or_no_name_at_all_is_refused() {
        for (String name : List.of("5d0f", "cafe", "-web", "web-", "Web", "a/b", "", "..", "z".repeat(64))) {
            String refused = box.run("prepare", "--pod-name=" + name, box.image).fails(2);
            assertTrue(
                    refused.startsWith("aestus: cannot name a pod '" + name.substring(0, Math.min(9, name.length()))),
                    refused);
        }
    }

    @Test
    void a_file_names_the_pod_for_every_command_that_takes_one() {
        String file = dir.resolve("shop.uuid").toString();
        box.start("echo hello; sleep 1000", "--uuid-file-save=" + file);
        assertTrue(box.run("status", "--uuid-file", file).ok().startsWith("state=running\n"));
        assertEquals(
                "it runs\n",
                box.run("exec", "--uuid-file", file, "/bin/sh", "-c", "echo it runs")
                        .ok());
        assertTrue(box.run("exec").fails(2).contains("cannot choose a pod: none is named"));
        assertTrue(box.run("cat-manifest", "--uuid-file", file).ok().contains("PodManifest"));
        box.run("stop", "--uuid-file", file).ok();
        assertEquals("hello\n", box.run("logs", "--uuid-file", file).ok());
        box.run("rm", "--uuid-file", file).ok();
    }

    @Test
    void pods_are_listed_by_their_labels() {
        box.run("prepare", "--pod-name=one", "--label=app=web", "--label", "tier=front", box.image)
                .ok();
        box.run("prepare", "--pod-name=two", "--label=app=db", box.image).ok();
        box.run("prepare", "--pod-name=three", box.image).ok();
        assertEquals(List.of("one"), names("app=web"));
        assertEquals(List.of("two", "three"), names("tier!=front"));
        assertEquals(List.of("one", "two"), names("app in (web,db)"));
        assertTrue(box.run("list", "--selector", "app=web", "--format=json")
                .ok()
                .contains("\"labels\":{\"app\":\"web\",\"tier\":\"front\"}"));
        assertEquals(
                "[]\n", box.run("list", "--selector=app=none", "--format=json").ok());
        assertTrue(box.run("list", "--selector=app=").ok().lines().count() == 1);
        box.run("list", "--selector=,").fails(2);
    }

    private List<String> names(String selector) {
        return box.run("list", "--no-legend", "--selector", selector)
                .ok()
                .lines()
                .map(line -> line.split(" +", -1)[1])
                .toList();
    }
}
