package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.executor.Stage1Host.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods and apps as the built-in isolation makes them. */
@Tag("host")
class NativeStage1Test {
    @TempDir
    Path directory;

    private Stage1Host host;

    @BeforeEach
    void open() throws IOException {
        host = new Stage1Host(directory);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void an_app_runs_on_the_hosts_users() throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT.withUserNamespace(PodOptions.UserNamespace.HOST))) {
            Outcome outcome = pod.run("hello", Stage1Host.shell("echo hello; exit 3"));
            assertEquals("hello\n", outcome.stdout());
            assertEquals(3, outcome.code());
        }
    }

    @Test
    void an_app_runs_on_users_of_its_own() throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT)) {
            Outcome outcome = pod.run("hello", Stage1Host.shell("echo hello; exit 3"));
            assertEquals("hello\n", outcome.stdout());
            assertEquals(3, outcome.code());
        }
    }
}
