package io.aestus.executor;

import io.aestus.testing.UnifiedHost;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds of pods where cgroups of version 1 help to find, end and limit them holds where there are none. */
@Tag("host")
class UnifiedHostTest {
    @TempDir
    Path directory;

    /** Those of a list share a process. */
    static Stream<List<Class<?>>> tests() {
        return Stream.of(
                List.of(
                        NativeExecutorTest.class,
                        NativeSessionTest.class,
                        NativeHandlersTest.class,
                        OwnerTest.class,
                        LeftoversTest.class),
                List.of(DevicesTest.class, EnterTest.class, ConfinementTest.class, FlyExecutorTest.class),
                List.of(CrunExecutorTest.class, CrunSessionTest.class, RuncExecutorTest.class, RuncSessionTest.class));
    }

    @ParameterizedTest
    @MethodSource("tests")
    @Timeout(value = 20, unit = TimeUnit.MINUTES) // whole classes of tests at a time
    void with_cgroups_of_version_2_alone(List<Class<?>> tests) throws Exception {
        UnifiedHost.run(directory, tests);
    }
}
