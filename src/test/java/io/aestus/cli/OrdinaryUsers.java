package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Users who are not root, with one image: one to whom the host grants further users, and one who has but their own. */
abstract class OrdinaryUsers {
    static final int COUNT = 65_536;

    /** Tests of several processes run at a time, and each looks for what its users have left running. */
    private static final int OWN = (int) (ProcessHandle.current().pid() % 4096);

    static final int ALICE = 1_410_001 + 2 * OWN;
    static final int BOB = ALICE + 1;
    static final int FIRST = 1_500_000_000 + COUNT * OWN;

    @TempDir
    static Path dir;

    static Account alice;
    static Account bob;
    static String image;

    @BeforeAll
    static void open() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/newuidmap")), "no newuidmap (package uidmap)");
        assumeTrue(
                !Files.readString(Path.of("/proc/sys/user/max_user_namespaces"))
                        .strip()
                        .equals("0"),
                "no user namespaces");
        alice = new Account(dir, "alice", ALICE, "alice:%d:%d\n".formatted(FIRST, COUNT));
        bob = new Account(dir, "bob", BOB, "");
        Path file = aci();
        image = alice.aestus("fetch " + file).ok().strip();
        assertEquals(image, bob.aestus("fetch " + file).ok().strip());
    }

    /** Its file {@code /etc/motd} is user 1000's. */
    static Path aci() throws IOException {
        Path root = dir.resolve("rootfs");
        Path bin = Files.createDirectories(root.resolve("bin"));
        assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "no /bin/busybox");
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        for (String tool : List.of(
                "sh", "cat", "id", "sleep", "stat", "kill", "mount", "mknod", "ls", "chown", "touch", "nc", "rm",
                "mkdir")) {
            Files.createSymbolicLink(bin.resolve(tool), Path.of("busybox"));
        }
        Path motd =
                Files.writeString(Files.createDirectories(root.resolve("etc")).resolve("motd"), "welcome\n");
        Files.setAttribute(motd, "unix:uid", 1000);
        Files.setAttribute(motd, "unix:gid", 1000);
        Files.writeString(Files.createDirectories(root.resolve("srv/old")).resolve("a"), "a");
        Path manifest = Files.writeString(dir.resolve("manifest.json"), """
                {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/box",
                 "app": {"exec": ["/bin/sh"], "user": "0", "group": "0"}}
                """);
        Path file = dir.resolve("box.aci");
        new Shell(dir)
                .run("image", "build", "--manifest", manifest.toString(), root.toString(), file.toString())
                .ok();
        return file;
    }

    @AfterAll
    static void close() throws IOException {
        for (Account account : new Account[] {alice, bob}) {
            if (account != null) {
                account.close();
            }
        }
        assertEquals(List.of(), alice.processes(ALICE, 2));
        assertEquals(List.of(), alice.processes(FIRST, COUNT));
    }

    static String run(Account user, String options, String script) {
        return user.aestus("run " + options + " " + image + " --name box -- -c '" + script + "'")
                .ok();
    }
}
