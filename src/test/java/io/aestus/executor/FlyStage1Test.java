package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What flies says what it has not, and does not start strictly unless it asks for no more than it gets. */
@Tag("host")
class FlyStage1Test {
    private static final PodOptions OF_THE_HOST = PodOptions.DEFAULT
            .withNetwork(PodOptions.NetworkMode.HOST)
            .withUserNamespace(PodOptions.UserNamespace.HOST)
            .withIpc(PodOptions.Sharing.HOST);

    @TempDir
    Path directory;

    private Stage1Host host;

    @BeforeEach
    void open() throws IOException {
        host = new Stage1Host(directory, new Stage1Name.Fly());
    }

    private static PodOptions strict(PodOptions options) {
        return options.withStrictness(PodOptions.Strictness.STRICT);
    }

    @Test
    void a_strict_pod_that_asks_for_what_is_the_hosts_flies() throws IOException {
        try (var pod = host.start(strict(OF_THE_HOST))) {
            var options = AppOptions.DEFAULT.withProcesses(AppOptions.Processes.HOST);
            var app = pod.prepare("app", Stage1Host.shell("exit 3"), same -> same, options);
            assertEquals(3, pod.run(app).code());
        }
    }

    @Test
    void a_strict_pod_that_asks_for_more_does_not() throws IOException {
        var network = strict(OF_THE_HOST.withNetwork(PodOptions.NetworkMode.NONE));
        var refused = assertThrows(AestusException.class, () -> host.start(network));
        assertEquals(
                "network is not enforced, fly has the host's", refused.message().split(": ", 2)[1]);
        try (var pod = host.start(strict(OF_THE_HOST))) {
            var app = Stage1Host.shell("exit 0");
            var alone = assertThrows(AestusException.class, () -> pod.run("app", app));
            assertEquals("cannot start app app: processes is not enforced, fly has the host's", alone.message());
        }
    }

    @Test
    void a_lenient_pod_is_told_what_it_has_not() throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT);
                var running = pod.start("app", Stage1Host.shell("exit 0"))) {
            assertEquals(
                    List.of("processes"),
                    running.started.isolators().stream()
                            .map(IsolatorReport::name)
                            .toList());
            assertEquals(0, running.await().code());
        }
    }
}
