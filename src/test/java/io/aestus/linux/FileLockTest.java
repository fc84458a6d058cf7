package io.aestus.linux;

import static io.aestus.linux.FileLock.Kind.EXCLUSIVE;
import static io.aestus.linux.FileLock.Kind.SHARED;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLockTest {
    @TempDir
    Path dir;

    private Path file;

    @BeforeEach
    void name() {
        file = dir.resolve("lock");
    }

    @Test
    void many_may_share_and_nobody_excludes_them() throws IOException {
        try (var one = FileLock.tryAcquire(file, SHARED).orElseThrow()) {
            try (var _ = FileLock.tryAcquire(file, SHARED).orElseThrow()) {
                assertTrue(FileLock.tryAcquire(file, EXCLUSIVE).isEmpty());
                assertFalse(one.tryConvert(EXCLUSIVE));
            }
            assertTrue(one.tryConvert(EXCLUSIVE));
        }
    }

    @Test
    void an_exclusive_one_excludes_other_threads_of_this_process() throws Exception {
        try (var held = FileLock.tryAcquire(file, EXCLUSIVE).orElseThrow()) {
            var other = CompletableFuture.supplyAsync(() -> isFree(SHARED));
            assertFalse(other.get());
            held.tryConvert(SHARED);
            assertTrue(isFree(SHARED));
        }
        assertTrue(isFree(EXCLUSIVE));
    }

    private boolean isFree(FileLock.Kind kind) {
        try {
            var lock = FileLock.tryAcquire(file, kind);
            lock.ifPresent(FileLock::close);
            return lock.isPresent();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void letting_go_counts_though_a_process_being_launched_still_has_a_copy_of_the_descriptor() throws Exception {
        var held = FileLock.tryAcquire(file, EXCLUSIVE).orElseThrow();
        try (Fd _ = copyOfDescriptorOf(file)) {
            assertFalse(isFree(SHARED));
            held.close();
            assertTrue(isFree(EXCLUSIVE));
        }
    }

    private static Fd copyOfDescriptorOf(Path file) throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.isSymbolicLink(descriptor)
                        && Files.readSymbolicLink(descriptor).equals(file)) {
                    return Fd.owning(Long.parseLong(descriptor.getFileName().toString()))
                            .duplicate();
                }
            }
        }
        throw new AssertionError("nobody has " + file + " open");
    }

    @Test
    void waiting_ends_when_the_holder_lets_go_or_the_time_is_over() throws Exception {
        var held = FileLock.tryAcquire(file, EXCLUSIVE).orElseThrow();
        assertTrue(FileLock.acquire(file, SHARED, Duration.ofMillis(20)).isEmpty());
        var waiting = Thread.ofPlatform().start(() -> held.close());
        try (var _ = FileLock.acquire(file, EXCLUSIVE, Duration.ofSeconds(10)).orElseThrow()) {
            waiting.join();
            assertFalse(isFree(SHARED));
        }
    }

    @Test
    void a_lock_file_that_was_removed_locks_nothing() throws IOException {
        try (var old = FileLock.tryAcquire(file, EXCLUSIVE).orElseThrow()) {
            Files.delete(file);
            assertTrue(isFree(EXCLUSIVE), "the name leads to a new file");
            assertTrue(Files.exists(file), "and makes it");
            assertTrue(old.tryConvert(SHARED), "the old one is still held, by whoever has it open");
        }
    }

    @Test
    void directories_can_be_locked() throws IOException {
        try (var _ = FileLock.tryAcquire(dir, EXCLUSIVE).orElseThrow()) {
            assertTrue(FileLock.tryAcquire(dir, SHARED).isEmpty());
        }
    }
}
