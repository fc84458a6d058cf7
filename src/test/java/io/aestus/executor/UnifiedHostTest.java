package io.aestus.executor;

import io.aestus.testing.UnifiedHost;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of pods where cgroups of version 1 help to find, end and limit them holds where there are none. */
@Tag("host")
class UnifiedHostTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            classes = {
                NativeExecutorTest.class,
                NativeSessionTest.class,
                NativeHandlersTest.class,
                OwnerTest.class,
                LeftoversTest.class,
                DevicesTest.class,
                EnterTest.class,
                ConfinementTest.class,
                FlyExecutorTest.class,
                CrunExecutorTest.class,
                CrunSessionTest.class,
                RuncExecutorTest.class,
                RuncSessionTest.class
            })
    @Timeout(value = 20, unit = TimeUnit.MINUTES) // a whole class of tests at a time
    void with_cgroups_of_version_2_alone(Class<?> tests) throws Exception {
        UnifiedHost.run(directory, tests);
    }
}
