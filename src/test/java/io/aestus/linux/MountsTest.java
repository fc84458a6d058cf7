package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.MountChange.Depth;
import io.aestus.linux.MountChange.Propagation;
import io.aestus.linux.Mounts.Removal;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Run as root in a mount namespace of its own. */
@Tag("host")
class MountsTest {
    @TempDir
    Path dir;

    private Path target;

    @BeforeEach
    void target() throws IOException {
        target = Files.createDirectory(dir.resolve("target"));
    }

    @AfterEach
    void unmountAll() throws IOException {
        for (MountInfo mount : MountInfo.all().reversed()) {
            if (mount.mountPoint().startsWith(dir)) {
                Mounts.unmount(mount.mountPoint(), Removal.DETACH);
            }
        }
    }

    private static Fd tmpfs() throws IOException {
        try (var fresh = NewFileSystem.open("tmpfs").with("size", "1m").with("mode", "0700")) {
            return fresh.mount(Set.of(MountAttribute.NOSUID, MountAttribute.NODEV));
        }
    }

    private MountInfo at(Path path) throws IOException {
        return MountInfo.all().stream()
                .filter(mount -> mount.mountPoint().equals(path))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_new_file_system_is_nowhere_until_attached_and_has_its_options_then() throws IOException {
        int before = MountInfo.all().size();
        try (Fd mount = tmpfs()) {
            assertEquals(before, MountInfo.all().size());
            Mounts.attach(mount, target);
        }
        var found = at(target);
        assertEquals("tmpfs", found.type());
        assertTrue(found.options().containsAll(Set.of("nosuid", "nodev", "rw")), found.toString());
        assertTrue(found.superOptions().contains("size=1024k"), found.toString());
        assertTrue(Mounts.unmount(target, Removal.STRICT));
        assertFalse(Mounts.unmount(target, Removal.STRICT), "nothing is mounted any more");
        assertFalse(Mounts.unmount(dir.resolve("missing"), Removal.STRICT));
    }

    @Test
    void a_tree_can_be_filled_before_it_is_anywhere() throws IOException {
        try (Fd mount = tmpfs();
                var inside = Directory.of(mount.duplicate())) {
            inside.makeDirectory("etc", 0755);
            inside.createFile("etc/hosts", 0644).close();
            Mounts.attach(mount, target);
        }
        assertTrue(Files.exists(target.resolve("etc/hosts")));
    }

    @Test
    void an_overlay_is_made_of_descriptors() throws IOException {
        Path lower = Files.createDirectory(dir.resolve("lower"));
        Path base = Files.createDirectory(dir.resolve("base"));
        Path upper = Files.createDirectory(dir.resolve("upper"));
        Path work = Files.createDirectory(dir.resolve("work"));
        Files.writeString(lower.resolve("a"), "lower");
        Files.writeString(base.resolve("a"), "base");
        Files.writeString(base.resolve("b"), "base");
        try (var overlay = NewFileSystem.open("overlay");
                Fd first = Mounts.clone(lower, Depth.THIS_MOUNT);
                Fd second = Mounts.clone(base, Depth.THIS_MOUNT);
                var upperDirectory = Directory.open(upper);
                var workDirectory = Directory.open(work)) {
            overlay.with("lowerdir+", first).with("lowerdir+", second);
            overlay.with("upperdir", upperDirectory.fd()).with("workdir", workDirectory.fd());
            try (Fd mount = overlay.mount(Set.of())) {
                Mounts.attach(mount, target);
            }
        }
        assertEquals("lower", Files.readString(target.resolve("a")), "the first layer covers the second");
        assertEquals("base", Files.readString(target.resolve("b")));
        Files.writeString(target.resolve("a"), "changed");
        assertEquals("lower", Files.readString(lower.resolve("a")));
        assertEquals("changed", Files.readString(upper.resolve("a")));
    }

    @Test
    void a_refusal_brings_the_kernels_own_words() throws IOException {
        try (var fresh = NewFileSystem.open("tmpfs")) {
            var refusal = assertThrows(SyscallException.class, () -> fresh.with("no_such_option", "1"));
            assertEquals(Errno.EINVAL, refusal.errno());
            assertEquals(
                    "tmpfs file system: set no_such_option=1 (tmpfs: Unknown parameter 'no_such_option'): "
                            + "EINVAL (Invalid argument)",
                    refusal.getMessage());
        }
        var unknown = assertThrows(SyscallException.class, () -> NewFileSystem.open("nosuchfs"));
        assertEquals("open file system nosuchfs: ENODEV (No such device)", unknown.getMessage());
    }

    @Test
    void a_read_only_copy_of_a_tree_is_so_before_anybody_sees_it() throws IOException {
        Path source = Files.createDirectory(dir.resolve("source"));
        Path below = Files.createDirectory(source.resolve("below"));
        try (Fd mount = tmpfs()) {
            Mounts.attach(mount, below);
        }
        try (Fd copy = Mounts.clone(source, Depth.WHOLE_TREE)) {
            Mounts.change(
                    copy,
                    MountChange.setting(MountAttribute.RDONLY, MountAttribute.NOEXEC)
                            .throughout());
            Mounts.attach(copy, target);
        }
        assertThrows(FileSystemException.class, () -> Files.createFile(target.resolve("x")));
        assertThrows(FileSystemException.class, () -> Files.createFile(target.resolve("below/x")));
        Files.createFile(below.resolve("x"));
        try (var directory = Directory.open(target)) {
            Mounts.change(
                    directory.fd(),
                    MountChange.setting().clearing(MountAttribute.RDONLY).with(Propagation.SLAVE));
        }
        assertTrue(at(target).options().contains("rw"));
        assertTrue(at(target.resolve("below")).options().contains("ro"), "only this mount changed");
    }

    @Test
    void owners_are_seen_as_a_user_namespace_maps_them() throws IOException {
        Path source = Files.createDirectory(dir.resolve("source"));
        Files.createFile(source.resolve("of-root"));
        try (var program = new ChildProgram()) {
            program.closeOnExecFrom(3);
            program.execute(List.of("/bin/sleep"), List.of("sleep", "1000"), List.of());
            var options = LaunchOptions.PLAIN
                    .withNamespaces(Set.of(Namespace.USER))
                    .preparedBy(UserNamespaceMap.shifted(700_000, 65_536)::write);
            try (var child = ProcessLauncher.open().launch(program, options);
                    Fd namespace = Namespaces.of(child.pid(), Namespace.USER);
                    Fd copy = Mounts.clone(source, Depth.THIS_MOUNT)) {
                child.pidfd().signal(9);
                child.pidfd().reap(); // the namespace lives on
                Mounts.change(copy, MountChange.setting().mappedInto(namespace));
                Mounts.attach(copy, target);
                assertEquals(700_000, Files.getAttribute(target.resolve("of-root"), "unix:uid"));
                assertEquals(0, Files.getAttribute(source.resolve("of-root"), "unix:uid"));
                try (Fd again = Mounts.clone(target, Depth.THIS_MOUNT)) {
                    var refusal = assertThrows(
                            SyscallException.class,
                            () -> Mounts.change(again, MountChange.setting().mappedInto(namespace)));
                    assertEquals(Errno.EPERM, refusal.errno(), "mapped once only");
                }
            }
        }
    }

    @Test
    void access_times_are_set_as_one_field() throws IOException {
        try (Fd mount = tmpfs()) {
            Mounts.change(mount, MountChange.setting(MountAttribute.NOATIME));
            Mounts.change(mount, MountChange.setting(MountAttribute.STRICTATIME));
            Mounts.attach(mount, target);
        }
        assertFalse(at(target).options().contains("noatime"));
        assertFalse(at(target).options().contains("relatime"));
    }

    @Test
    void mounts_are_attached_by_descriptor_and_links_are_not_followed() throws IOException {
        Path link = Files.createSymbolicLink(dir.resolve("link"), target);
        try (Fd mount = tmpfs();
                var directory = Directory.open(dir)) {
            assertThrows(SyscallException.class, () -> Mounts.attach(mount, link));
            try (Fd place = directory.openPath("target")) {
                Mounts.attach(mount, place);
            }
        }
        assertEquals("tmpfs", at(target).type());
    }

    @Test
    void a_busy_mount_can_only_be_detached() throws IOException {
        try (Fd mount = tmpfs()) {
            Mounts.attach(mount, target);
        }
        try (var open = Directory.open(target)) {
            var refusal = assertThrows(SyscallException.class, () -> Mounts.unmount(target, Removal.STRICT));
            assertEquals(Errno.EBUSY, refusal.errno());
            assertTrue(Mounts.unmount(target, Removal.DETACH));
            open.createFile("still", 0600).close();
        }
    }
}
