package io.aestus.network;

import io.aestus.testing.NetworkPlugins;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What CNI 1.1 has that 1.0 had not, with real plugins: each in a network and mount namespace of its own. */
@Tag("host")
class RecentPluginsTest {
    @TempDir
    Path directory;

    @BeforeAll
    static void requirePlugins() {
        NetworkPlugins.require();
    }

    @ParameterizedTest
    @EnumSource
    void real_plugins_are(PluginScenario scenario) throws Exception {
        NetworkPlugins.inNamespaceOfItsOwn(
                directory,
                PluginScenario.class,
                directory.toString(),
                scenario.name(),
                NetworkPlugins.recent().getFirst().toString());
    }
}
