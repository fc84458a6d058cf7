package io.aestus.executor;

import io.aestus.testing.SystemdHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pods whose cgroups systemd makes, with a real one. */
@Tag("host")
class SystemdHostTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "FLY"})
    void a_pod_in_a_slice_has_a_scope_of_its_own(Isolation isolation) throws Exception {
        try (var host = SystemdHost.start(directory)) {
            host.run(
                    SystemdScenario.class,
                    Files.createDirectory(directory.resolve("data")).toString(),
                    isolation.name());
        }
    }
}
