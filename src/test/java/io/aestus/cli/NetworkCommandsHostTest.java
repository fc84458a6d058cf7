package io.aestus.cli;

import io.aestus.testing.NetworkPlugins;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods in networks by command, with the real plugins in a network namespace of their own. */
@Tag("host")
class NetworkCommandsHostTest {
    @TempDir
    Path directory;

    @BeforeAll
    static void requirePlugins() {
        NetworkPlugins.require();
    }

    @Test
    void a_pod_is_connected_as_its_command_says_and_gc_takes_back_what_is_left_of_it() throws Exception {
        NetworkPlugins.inNamespaceOfItsOwn(directory, NetworkedBox.class, directory.toString());
    }
}
