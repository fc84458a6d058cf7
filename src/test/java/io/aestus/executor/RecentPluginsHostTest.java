package io.aestus.executor;

import io.aestus.testing.NetworkPlugins;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Pods in networks made by plugins that speak CNI 1.1. */
@Tag("host")
class RecentPluginsHostTest extends PodNetworkContract {
    @Override
    List<Path> plugins() {
        return NetworkPlugins.recent();
    }
}
