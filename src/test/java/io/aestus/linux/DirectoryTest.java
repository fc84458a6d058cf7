package io.aestus.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirectoryTest {
    @TempDir
    Path outside;

    private Path inside;
    private Directory directory;

    @BeforeEach
    void open() throws IOException {
        inside = Files.createDirectory(outside.resolve("inside"));
        directory = Directory.open(inside);
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void what_was_written_is_read_back() throws IOException {
        byte[] text = "words".getBytes(UTF_8);
        try (Fd file = directory.createFile("note", 0640)) {
            file.writeFully(text);
        }
        try (Fd file = directory.openForReading("note")) {
            assertArrayEquals(text, file.readAll(100));
        }
    }

    @Test
    void a_new_file_never_replaces_another() throws IOException {
        directory.createFile("note", 0640).close();
        var refused = assertThrows(SyscallException.class, () -> directory.createFile("note", 0640));
        assertEquals("open note: EEXIST (File exists)", refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "../secret, EXDEV",
        "/etc/passwd, EXDEV",
        "link/secret, ELOOP",
        "file-link, ELOOP",
        "a/../../secret, EXDEV"
    })
    void no_path_leads_outside(String path, String errno) throws IOException {
        Files.writeString(outside.resolve("secret"), "x");
        Files.createSymbolicLink(inside.resolve("link"), outside);
        Files.createSymbolicLink(inside.resolve("file-link"), outside.resolve("secret"));
        Files.createDirectory(inside.resolve("a"));
        var refused = assertThrows(SyscallException.class, () -> directory.openForReading(path));
        assertEquals(errno, Errno.name(refused.errno()));
    }

    @Test
    void nothing_is_made_changed_or_removed_through_a_link() throws IOException {
        Path victim = Files.createDirectory(outside.resolve("victim"));
        Files.writeString(victim.resolve("file"), "x");
        Files.createSymbolicLink(inside.resolve("link"), victim);
        List<org.junit.jupiter.api.function.Executable> attempts = List.of(
                () -> directory.makeDirectory("link/new", 0755),
                () -> directory.makeSymbolicLink("link/new", "target"),
                () -> directory.makeHardLink("link/new", "link/file"),
                () -> directory.chmod("link/file", 0777),
                () -> directory.setTimes("link/file", Instant.EPOCH, Instant.EPOCH),
                () -> directory.rename("link/file", "taken"),
                () -> directory.unlink("link/file"),
                () -> directory.removeTree("link/file"));
        for (var attempt : attempts) {
            assertEquals(
                    "ELOOP",
                    Errno.name(assertThrows(SyscallException.class, attempt).errno()));
        }
        try (var left = Files.list(victim)) {
            assertEquals(List.of(victim.resolve("file")), left.toList());
        }
    }

    @Test
    void the_parent_cannot_be_removed_as_dot_dot() {
        assertThrows(SyscallException.class, () -> directory.removeTree(".."));
        assertThrows(SyscallException.class, () -> directory.removeTree("a/.."));
        assertThrows(SyscallException.class, () -> directory.unlink("/"));
    }

    @Test
    void links_inside_a_root_are_followed_inside_it() throws IOException {
        Files.createDirectory(inside.resolve("etc"));
        Files.writeString(inside.resolve("etc/passwd"), "ours");
        Files.createSymbolicLink(inside.resolve("up"), Path.of("../../../../etc"));
        Files.createSymbolicLink(inside.resolve("absolute"), Path.of("/etc/passwd"));
        for (String path : List.of("/up/passwd", "absolute", "/../etc/passwd")) {
            try (Fd file = directory.openInRoot(path)) {
                assertEquals("ours", new String(file.readAll(10), UTF_8));
            }
        }
    }

    @Test
    void a_tree_goes_and_what_its_links_point_at_stays() throws IOException {
        Files.writeString(outside.resolve("kept"), "x");
        directory.makeDirectories("tree/a/b/c", 0755);
        Files.createSymbolicLink(inside.resolve("tree/a/out"), outside);
        Files.createSymbolicLink(inside.resolve("tree/a/file"), outside.resolve("kept"));
        directory.createFile("tree/a/b/c/deep", 0600).close();
        directory.removeTree("tree");
        assertFalse(Files.exists(inside.resolve("tree")));
        assertTrue(Files.exists(outside.resolve("kept")));
    }

    @Test
    void a_tree_deeper_than_any_stack_or_descriptor_limit_goes() throws IOException {
        directory.makeDirectory("tree", 0755);
        Directory current = directory.openDirectory("tree");
        for (int i = 0; i < 3000; i++) {
            current.makeDirectory("d", 0755);
            Directory next = current.openDirectory("d");
            current.close();
            current = next;
        }
        current.close();
        directory.removeTree("tree");
        assertEquals(List.of(), directory.list());
    }

    @Test
    void removing_what_is_not_there_is_success() throws IOException {
        directory.removeTree("nothing");
        assertFalse(directory.unlink("nothing"));
        assertFalse(directory.removeDirectory("nothing"));
    }

    @Test
    void names_that_are_not_utf_8_are_listed_and_removed() throws IOException {
        String name = FileName.decode(new byte[] {'a', (byte) 0xff, 'b', (byte) 0xc3});
        directory.createFile(name, 0600).close();
        assertEquals(List.of(name), directory.list());
        assertTrue(directory.unlink(name));
        assertEquals(List.of(), directory.list());
    }

    @Test
    void more_names_than_one_buffer_holds_are_all_listed() throws IOException {
        for (int i = 0; i < 2000; i++) {
            directory.createFile("a-rather-long-name-" + i, 0600).close();
        }
        assertEquals(2000, Set.copyOf(directory.list()).size());
    }

    @Test
    void times_keep_their_nanoseconds() throws IOException {
        Instant time = Instant.ofEpochSecond(1_234_567_890L, 123_456_789L);
        directory.createFile("file", 0600).close();
        directory.makeSymbolicLink("link", "file");
        directory.setTimes("file", time, time);
        directory.setTimes("link", time.plusSeconds(1), time.plusSeconds(1));
        assertEquals(time, directory.status("file").modified());
        assertEquals(time.plusSeconds(1), directory.status("link").modified());
    }

    @Test
    void permissions_change_and_those_of_a_link_cannot() throws IOException {
        directory.createFile("file", 0600).close();
        directory.makeSymbolicLink("link", "file");
        directory.chmod("file", 02755);
        assertEquals(02755, directory.status("file").permissions());
        assertEquals(
                Errno.EOPNOTSUPP,
                assertThrows(SyscallException.class, () -> directory.chmod("link", 0777))
                        .errno());
        assertEquals(02755, directory.status("file").permissions());
    }

    @Test
    void a_hard_link_is_the_same_file() throws IOException {
        directory.createFile("one", 0600).close();
        directory.makeHardLink("two", "one");
        assertTrue(directory.status("one").isSameFile(directory.status("two")));
        assertEquals(2, directory.status("one").links());
    }

    @Test
    void renaming_without_replacing_leaves_both() throws IOException {
        directory.createFile("one", 0600).close();
        directory.createFile("two", 0600).close();
        assertFalse(directory.renameWithoutReplacing("one", directory, "two"));
        assertEquals(Set.of("one", "two"), Set.copyOf(directory.list()));
        directory.rename("one", "two");
        assertEquals(List.of("two"), directory.list());
    }

    @Test
    void attributes_come_and_go() throws IOException {
        directory.createFile("file", 0600).close();
        try (Xattrs attributes = directory.xattrs("file")) {
            attributes.set("user.test", "value".getBytes(UTF_8));
            assertArrayEquals(
                    "value".getBytes(UTF_8), attributes.get("user.test").orElseThrow());
            assertTrue(attributes.list().contains("user.test"));
            assertTrue(attributes.remove("user.test"));
            assertFalse(attributes.remove("user.test"));
            assertTrue(attributes.get("user.test").isEmpty());
        }
    }

    @Test
    void a_descriptor_is_closed_once_and_then_useless() throws IOException {
        Fd file = directory.createFile("file", 0600);
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, file::status);
    }

    @Test
    void a_file_larger_than_allowed_is_not_read() throws IOException {
        try (Fd file = directory.createFile("file", 0600)) {
            file.writeFully(new byte[100]);
        }
        try (Fd file = directory.openForReading("file")) {
            assertEquals(
                    "file is larger than 99 bytes",
                    assertThrows(IOException.class, () -> file.readAll(99)).getMessage());
        }
    }
}
