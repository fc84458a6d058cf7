package io.aestus.executor;

import io.aestus.appc.Volume;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A {@link Stage1Host} that all tests of a class share. */
abstract class OneStage1Host {
    @TempDir
    static Path directory;

    static Stage1Host host;

    @BeforeAll
    static void openHost() throws IOException {
        host = new Stage1Host(directory);
    }

    @AfterAll
    static void closeHost() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    static RunningPod pod(Users users, Volume... volumes) throws IOException {
        return host.start(users.options(), List.of(volumes));
    }
}
