package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodFilesTest {
    private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

    @TempDir
    private Path directory;

    private PodFiles files;
    private PodRecord pod;
    private Path state;

    @BeforeEach
    void make() throws IOException {
        files = new PodFiles(directory);
        var spec = Node.pod(Node.app("web", "true"));
        pod = PodRecord.of(PodUuid.random(), spec, NOW, new PodState.Prepared(NOW), Isolation.PLAIN.open(directory));
        state = files.pod(pod.uuid()).resolve("pod.json");
        files.make(pod.uuid()).close();
        files.create(pod, List.of(), PodFiles.Durability.PROCESS);
    }

    private PodRecord starting(int second) {
        return pod.withState(new PodState.Starting(NOW.plusSeconds(second)));
    }

    @Test
    void the_last_record_counts() throws IOException {
        files.write(starting(1), PodFiles.Durability.PROCESS);
        files.write(starting(2), PodFiles.Durability.PROCESS);
        assertEquals(starting(2), files.read(pod.uuid()));
        assertEquals(3, Files.readAllLines(state).size());
    }

    @Test
    void a_record_that_was_half_written_was_never_written() throws IOException {
        files.write(starting(1), PodFiles.Durability.PROCESS);
        Files.writeString(state, "{\"state\":", StandardOpenOption.APPEND);
        assertEquals(starting(1), files.read(pod.uuid()));
        files.write(starting(2), PodFiles.Durability.PROCESS);
        assertEquals(starting(2), files.read(pod.uuid()));
        assertEquals(1, Files.readAllLines(state).size(), "the torn one is gone");
    }

    @Test
    void records_do_not_pile_up_for_ever() throws IOException {
        for (int i = 0; i < 1000; i++) {
            files.write(starting(i), PodFiles.Durability.PROCESS);
        }
        assertEquals(starting(999), files.read(pod.uuid()));
        assertTrue(Files.size(state) <= 64 * 1024, () -> "too long");
    }

    @Test
    void what_shall_outlive_the_host_is_a_file_of_its_own() throws IOException {
        files.write(starting(1), PodFiles.Durability.HOST);
        assertEquals(List.of(), files.apps(pod));
        assertEquals(1, Files.readAllLines(state).size());
    }
}
