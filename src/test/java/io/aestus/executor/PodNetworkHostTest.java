package io.aestus.executor;

import io.aestus.network.NetworkSettings;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pods in networks made by the plugins of this host's distribution. */
@Tag("host")
class PodNetworkHostTest extends PodNetworkContract {
    @Override
    List<Path> plugins() {
        return NetworkSettings.USUAL_PLUGINS;
    }

    @Test
    void five_hundred_pods_leave_no_address_interface_or_rule() throws Exception {
        play(NetworkScenario.MANY);
    }
}
