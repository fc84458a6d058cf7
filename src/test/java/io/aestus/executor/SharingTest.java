package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pod has of its own, or of the host if it asks for that, with and without users of its own. */
@Tag("host")
class SharingTest extends OneStage1Host {
    private static String namespace(PodOptions options, boolean isPrivate, String kind) throws IOException {
        try (var pod = host.start(Users.of(isPrivate).of(options));
                var app = pod.start("app", Stage1Host.app("/bin/sleep", "1000"))) {
            String script = "readlink /proc/self/ns/" + kind;
            var executed = app.exec(script);
            assertEquals("", executed.stderr());
            var started = pod.run("other", Stage1Host.shell(script));
            assertEquals(started.stdout(), executed.stdout());
            return started.stdout().strip();
        }
    }

    private static String ours(String kind) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/" + kind)).toString();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_network(boolean isPrivate) throws IOException {
        assertNotEquals(ours("net"), namespace(PodOptions.DEFAULT, isPrivate, "net"));
        var shared = PodOptions.DEFAULT.withNetwork(PodOptions.NetworkMode.HOST);
        assertEquals(ours("net"), namespace(shared, isPrivate, "net"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_processes_tell_each_other_by(boolean isPrivate) throws IOException {
        assertNotEquals(ours("ipc"), namespace(PodOptions.DEFAULT, isPrivate, "ipc"));
        var shared = PodOptions.DEFAULT.withIpc(PodOptions.Sharing.HOST);
        assertEquals(ours("ipc"), namespace(shared, isPrivate, "ipc"));
    }
}
