package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeUseTest {
    @TempDir
    Path temp;

    private TreeUse used(TreeUse use, String name) throws IOException {
        try (Directory directory = Directory.open(temp)) {
            use.add(directory, name);
        }
        return use;
    }

    @Test
    void a_file_with_several_names_counts_once_and_no_link_is_followed() throws IOException {
        Path tree = Files.createDirectories(temp.resolve("tree/below"));
        Path file = Files.write(tree.resolve("file"), new byte[1 << 20]);
        Files.createLink(temp.resolve("tree/again"), file);
        Files.write(temp.resolve("elsewhere"), new byte[1 << 20]);
        Files.createSymbolicLink(tree.resolve("link"), temp.resolve("elsewhere"));
        Files.createSymbolicLink(tree.resolve("up"), temp);
        TreeUse use = used(new TreeUse(), "tree");
        assertEquals(5, use.inodes(), "two directories, a file, two links");
        assertTrue(use.bytes() >= 1 << 20 && use.bytes() < 3 << 19, use.bytes() + " bytes");
        assertEquals(4, used(TreeUse.ofUnshared(), "tree").inodes());
    }

    @Test
    void what_is_not_there_takes_nothing() throws IOException {
        assertEquals(0, used(new TreeUse(), "nothing").inodes());
    }

    @Test
    void many_names_and_great_depth_are_counted() throws IOException {
        Path many = Files.createDirectory(temp.resolve("many"));
        for (int i = 0; i < 3000; i++) {
            Files.createFile(many.resolve("a-name-that-fills-the-buffer-of-the-kernel-" + i));
        }
        Path deep = many;
        for (int i = 0; i < 100; i++) {
            deep = Files.createDirectory(deep.resolve("d"));
        }
        assertEquals(3101, used(new TreeUse(), "many").inodes());
    }
}
