package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Files into an app and out of it, whatever the app does meanwhile. */
@Tag("host")
class CpCommandTest extends InABox {
    private void ready(String script, String... options) {
        var all =
                Stream.concat(Stream.of("--pod-name=shop"), Stream.of(options)).toArray(String[]::new);
        box.start(script + "\necho ready >/ready; while true; do sleep 1000; done", all);
        box.await("ready\n", "exec", "shop", "/bin/sh", "-c", "cat /ready");
    }

    private String inside(String script) {
        return box.run("exec", "shop", "/bin/sh", "-c", script).ok();
    }

    private static int owner(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void files_and_directories_come_out_with_the_owners_of_the_pod() throws IOException {
        ready("mkdir -p /data/sub; echo one >/data/one; echo two >/data/sub/two; ln -s /etc/motd /data/link;"
                + " chown 1000:2000 /data/one; chmod 4711 /data/one; ln /data/one /data/sub/again");
        Path out = Files.createDirectory(dir.resolve("out"));
        box.run("cp", "shop:/etc/motd", out.toString()).ok();
        box.run("cp", "shop:box:/etc/motd", out.resolve("renamed").toString()).ok();
        box.run("cp", "shop:/data", out.toString()).ok();
        box.run("cp", "shop:/data/.", out.resolve("content").toString()).ok();
        box.run("cp", "shop:/data/link", out.resolve("link").toString()).ok();
        assertEquals("welcome\n", Files.readString(out.resolve("motd")));
        assertEquals("welcome\n", Files.readString(out.resolve("renamed")));
        assertEquals("two\n", Files.readString(out.resolve("data/sub/two")));
        assertEquals("two\n", Files.readString(out.resolve("content/sub/two")));
        assertEquals("/etc/motd", Files.readSymbolicLink(out.resolve("link")).toString());
        assertEquals(
                "/etc/motd", Files.readSymbolicLink(out.resolve("data/link")).toString());
        assertEquals(1000, owner(out.resolve("data/one")));
        assertEquals(2000, Files.getAttribute(out.resolve("data/one"), "unix:gid"));
        assertEquals(04711, (int) Files.getAttribute(out.resolve("data/one"), "unix:mode") & 07777);
        assertEquals(2, Files.getAttribute(out.resolve("data/one"), "unix:nlink"), "a hard link stays one");
        assertEquals(0, owner(out.resolve("data/sub")));
    }

    @Test
    void files_and_directories_go_in_and_belong_to_users_of_the_pod() throws IOException {
        ready("mkdir /data; echo old >/data/file; ln -s /etc/motd /data/link");
        Path tree = Files.createDirectories(dir.resolve("tree/sub")).getParent();
        Path file = Files.writeString(tree.resolve("sub/file"), "new\n");
        Files.setAttribute(file, "unix:uid", 1000);
        box.run("cp", file.toString(), "shop:/data").ok();
        box.run("cp", file.toString(), "shop:/data/other").ok();
        box.run("cp", file.toString(), "shop:/data/link").ok();
        box.run("cp", tree.toString(), "shop:/data").ok();
        box.run("cp", tree + "/.", "shop:/data/content").ok();
        assertEquals(
                "new\nnew\nnew\nnew\nnew\n",
                inside("cat /data/file /data/other /data/link /data/tree/sub/file /data/content/sub/file"));
        assertEquals("welcome\n", inside("cat /etc/motd"), "what was a link is replaced itself");
        assertEquals("1000 0", inside("ls -ln /data/tree/sub/file | { read a b c d e; echo -n $c $d; }"));
        assertEquals("0 0", inside("ls -ldn /data/tree/sub | { read a b c d e; echo -n $c $d; }"));
        assertTrue(box.run("cp", "/nowhere", "shop:/data").fails(254).contains("cannot find '/nowhere'"));
        assertTrue(box.run("cp", file.toString(), "shop:/none/sub")
                .fails(254)
                .contains("cannot find '/none/sub' in the app"));
    }

    @Test
    void volumes_of_the_host_take_files_with_the_numbers_of_the_pod() throws IOException {
        Path volume = Files.createDirectory(dir.resolve("volume"));
        ready("true", "--volume=v,kind=host,source=" + volume, "--mount=volume=v,target=/v");
        Path file = Files.writeString(dir.resolve("file"), "new\n");
        Files.setAttribute(file, "unix:uid", 1000);
        box.run("cp", file.toString(), "shop:/v").ok();
        assertEquals(1000, owner(volume.resolve("file")));
        Path back = dir.resolve("back");
        box.run("cp", "shop:/v", back.toString()).ok();
        assertEquals(1000, owner(back.resolve("file")));
    }

    @Test
    void a_tar_goes_through_standard_input_and_output() throws Exception {
        ready("mkdir -p /data/sub /to; echo one >/data/sub/one; chown 7:8 /data/sub/one");
        var out = new ProcessBuilder("/bin/sh", "-c", box.command("cp shop:/data - | tar tvf - --numeric-owner"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String listed = new String(out.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(listed.contains("7/8") && listed.contains(" data/sub/one\n"), listed);
        var in = new ProcessBuilder(
                        "/bin/sh", "-c", "tar cf - -C %s rootfs/etc | ".formatted(dir) + box.command("cp - shop:/to"))
                .redirectErrorStream(true)
                .start();
        assertEquals("", new String(in.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(0, in.waitFor());
        assertEquals("welcome\n", inside("cat /to/rootfs/etc/motd"));
    }

    @Test
    void a_link_of_an_app_leads_nowhere_outside() throws IOException {
        Path secret = Files.createDirectory(dir.resolve("secret"));
        Files.writeString(secret.resolve("file"), "the host's\n");
        ready(
                "ln -s / /root-of-all; ln -s ../../../../../.. /up; ln -s %s /secret; mkdir -p /etc; ln -s /proc/1/root /magic"
                        .formatted(secret));
        Path out = Files.createDirectory(dir.resolve("out"));
        box.run("cp", "shop:/root-of-all/etc/motd", out.toString()).ok();
        box.run("cp", "shop:/up/etc/motd", out.resolve("up").toString()).ok();
        assertEquals("welcome\n", Files.readString(out.resolve("motd")));
        assertEquals("welcome\n", Files.readString(out.resolve("up")));
        for (String path : List.of("/secret/file", "/up" + secret + "/file", "/magic" + secret + "/file")) {
            assertFalse(
                    box.run("cp", "shop:" + path, out.resolve("got").toString()).code() == 0, path);
        }
        Path file = Files.writeString(dir.resolve("file"), "new\n");
        for (String path : List.of("/secret", "/secret/", "/up" + secret, "/root-of-all" + secret, "/magic" + secret)) {
            box.run("cp", file.toString(), "shop:" + path + "/file");
        }
        box.run("cp", file.toString(), "shop:/secret").ok(); // replaces the link
        assertEquals("the host's\n", Files.readString(secret.resolve("file")));
        assertEquals(List.of("file"), names(secret));
        assertFalse(Files.exists(out.resolve("got")));
    }

    private static List<String> names(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void links_that_are_swapped_in_during_the_copy_lead_nowhere() throws IOException {
        Path secret = Files.createDirectory(dir.resolve("secret"));
        Files.writeString(secret.resolve("file"), "the host's\n");
        Files.createDirectory(secret.resolve("sub"));
        ready("mkdir -p /d/x/sub /d/y; echo mine >/d/x/file;"
                + " (while true; do mv /d/x /d/y/x; ln -s %s /d/x; rm /d/x; ln -s / /d/x; rm -f /d/x; mv /d/y/x /d/x; done) 2>/dev/null &"
                        .formatted(secret));
        Path tree = Files.createDirectories(dir.resolve("tree/x/sub/deep"))
                .getParent()
                .getParent()
                .getParent();
        for (String name : List.of("x/new", "x/sub/new", "x/sub/deep/new")) {
            Files.writeString(tree.resolve(name), "copied\n");
        }
        int done = 0;
        for (int i = 0; i < 40; i++) {
            done += box.run("cp", tree + "/.", "shop:/d").code() == 0 ? 1 : 0;
            Path got = dir.resolve("got" + i);
            box.run("cp", "shop:/d/.", got.toString());
            box.run("cp", "shop:/d/x/file", dir.resolve("file" + i).toString());
        }
        assertEquals(List.of("file", "sub"), names(secret));
        assertEquals(List.of(), names(secret.resolve("sub")));
        try (var all = Files.walk(dir, 6)) {
            var stolen = all.filter(
                            path -> path.startsWith(dir.resolve("got")) || path.getNameCount() > dir.getNameCount())
                    .filter(path -> !path.startsWith(secret) && !path.startsWith(box.shell.data()))
                    .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .filter(CpCommandTest::isSecret)
                    .toList();
            assertEquals(List.of(), stolen);
        }
        assertTrue(done > 0, "no copy at all succeeded");
    }

    private static boolean isSecret(Path file) {
        try {
            return Files.size(file) < 100 && Files.readString(file).contains("the host's");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void what_stands_in_place_of_a_file_is_never_opened() {
        ready("mkdir /d; mkfifo /d/pipe; (while true; do echo x >/d/f; rm /d/f; mkfifo /d/f; rm /d/f; done) &");
        for (int i = 0; i < 30; i++) {
            box.run("cp", "shop:/d", dir.resolve("got" + i).toString());
        }
        assertTrue(Files.exists(dir.resolve("got0/pipe")));
    }

    @Test
    void what_an_app_left_can_still_be_had_but_not_be_changed() throws IOException {
        box.start("echo left >/left; chown 1000 /left; rm /etc/motd; echo done", "--pod-name=shop");
        box.await("state=exited", "status", "shop");
        Path out = Files.createDirectory(dir.resolve("out"));
        box.run("cp", "shop:/left", out.toString()).ok();
        assertEquals("left\n", Files.readString(out.resolve("left")));
        assertEquals(1000, owner(out.resolve("left")));
        box.run("cp", "shop:/bin/busybox", out.toString()).ok();
        assertEquals(0, owner(out.resolve("busybox")));
        assertTrue(box.run("cp", "shop:/etc/motd", out.toString()).fails(254).contains("no such file"));
        assertTrue(box.run("cp", out.resolve("left").toString(), "shop:/")
                .fails(254)
                .contains("cannot copy to an app that does not run"));
        box.run("prepare", "--pod-name=never", box.image).ok();
        box.run("cp", "never:/etc/motd", out.toString()).ok();
        assertEquals("welcome\n", Files.readString(out.resolve("motd")));
    }

    @Test
    void an_app_that_has_ended_becomes_an_image_that_runs() throws IOException {
        box.start(
                "echo more >>/etc/motd; mkdir -p /srv/sub; echo 1 >/srv/sub/f; chown 1000:1000 /srv/sub/f; rm /bin/touch; rm -r /gone",
                "--pod-name=shop");
        box.await("state=exited", "status", "shop");
        String file = dir.resolve("after.aci").toString();
        String id = box.run("export", "shop", file).ok().strip();
        assertTrue(box.run("export", "shop", file).fails(254).contains("it is there already"));
        box.run("export", "--overwrite", "shop", file).ok();
        assertTrue(box.run("image", "validate", file).code() == 0);
        assertEquals(id, box.run("fetch", "--full", file).ok().strip());
        var run = box.run(
                "run",
                id,
                "--name",
                "again",
                "--",
                "-c",
                "cat /etc/motd; ls -n /srv/sub/f | { read a b c d e; echo $c $d; }; test -e /bin/touch || echo no touch");
        assertEquals("welcome\nmore\n1000 1000\nno touch\n", run.ok());
    }

    @Test
    void an_app_that_runs_is_not_exported() {
        ready("true");
        String refused =
                box.run("export", "shop", dir.resolve("out.aci").toString()).fails(254);
        assertEquals(
                "aestus: cannot export app box: it runs, and its files may change meanwhile\n  try: aestus stop shop\n",
                refused);
        assertFalse(Files.exists(dir.resolve("out.aci")));
    }
}
