package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.Directory;
import io.aestus.linux.TreeUse;
import io.aestus.store.DiskTotal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskMeterTest {
    @TempDir
    Path temp;

    private final DiskMeter meter = new DiskMeter(InstantSource.system());

    @AfterEach
    void close() {
        meter.close();
    }

    private Optional<DiskMeter.Reading> read(Path directory) throws InterruptedException {
        return meter.read(
                directory,
                () -> measured(directory),
                System.nanoTime() + Duration.ofSeconds(60).toNanos());
    }

    private static DiskTotal measured(Path directory) throws IOException {
        var use = new TreeUse();
        try (Directory open = Directory.open(directory)) {
            use.add(open);
        }
        return new DiskTotal(use.bytes(), use.inodes());
    }

    @Test
    void whoever_asks_again_at_once_gets_what_was_seen_before() throws Exception {
        Files.write(temp.resolve("a"), new byte[1 << 20]);
        DiskMeter.Reading first = read(temp).orElseThrow();
        assertEquals(2, first.use().inodes());
        assertTrue(first.use().bytes() >= 1 << 20, first.toString());
        Files.write(temp.resolve("b"), new byte[1 << 20]);
        assertEquals(first, read(temp).orElseThrow());
    }

    @Test
    void a_directory_that_comes_later_is_seen_then() throws Exception {
        Path later = temp.resolve("later");
        assertEquals(Optional.empty(), read(later));
        Files.createDirectory(later);
        assertEquals(1, read(later).orElseThrow().use().inodes());
    }

    @Test
    void nobody_waits_beyond_his_deadline() throws Exception {
        Path missing = temp.resolve("missing");
        assertEquals(Optional.empty(), meter.read(missing, () -> measured(missing), System.nanoTime()));
    }
}
