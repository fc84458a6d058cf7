package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWorkTest {
    @TempDir
    Path parent;

    private List<Path> left() throws IOException {
        try (Stream<Path> all = Files.list(parent)) {
            return all.sorted().toList();
        }
    }

    @Test
    void what_lies_in_it_is_roots_alone_and_goes_with_it() throws IOException {
        Path path;
        try (var work = CheckpointWork.open(parent)) {
            path = work.path();
            assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(path));
            Files.writeString(work.directory("checkpoint").resolve("pages-1.img"), "secret");
        }
        assertFalse(Files.exists(path));
        assertEquals(List.of(), left());
    }

    @Test
    void what_a_crash_left_goes_and_what_others_work_in_stays() throws IOException {
        Path crashed = Files.createDirectory(parent.resolve(".checkpoint-1"));
        Files.writeString(crashed.resolve("lock"), "");
        Files.writeString(Files.createDirectory(crashed.resolve("checkpoint")).resolve("pages-1.img"), "secret");
        Path archive = Files.writeString(parent.resolve("checkpoint-web.tar"), "an archive");
        try (var other = CheckpointWork.open(parent)) {
            assertFalse(Files.exists(crashed));
            try (var work = CheckpointWork.open(parent)) {
                assertTrue(Files.exists(other.path()));
                assertTrue(Files.exists(work.path()));
            }
            assertTrue(Files.exists(other.path()));
        }
        assertEquals(List.of(archive), left());
    }
}
