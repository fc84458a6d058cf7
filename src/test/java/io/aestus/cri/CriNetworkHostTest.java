package io.aestus.cri;

import io.aestus.testing.NetworkPlugins;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes in a network, made by the real plugins in a network namespace of their own. */
@Tag("host")
class CriNetworkHostTest {
    @TempDir
    Path directory;

    @BeforeAll
    static void requirePlugins() {
        NetworkPlugins.require();
    }

    @Test
    void a_sandbox_has_an_address_ports_of_the_host_and_lets_go_of_both() throws Exception {
        NetworkPlugins.inNamespaceOfItsOwn(directory, NetworkedNode.class, directory.toString());
    }
}
