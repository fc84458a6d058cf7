package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.appc.App;
import io.aestus.appc.Port;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** OCI runtimes cannot tell a process that sockets are meant for it. */
@Tag("host")
@EnabledIf(value = "isThere", disabledReason = "there is no crun")
class OciActivationTest {
    @TempDir
    Path directory;

    static boolean isThere() {
        return Isolation.OCI_CRUN.isThere();
    }

    @Test
    void a_pod_whose_app_would_not_get_its_sockets_is_refused() throws Exception {
        try (var node = Node.on(directory, Isolation.OCI_CRUN)) {
            var app = Node.app("web", "")
                    .withApp(App.running(List.of("/bin/sh"))
                            .ports(List.of(new Port(Node.name("http"), "tcp", 80, 1, true)))
                            .build());
            var refused = assertThrows(AestusException.class, () -> node.run(Node.pod(app)));
            assertEquals(
                    "cannot start app web when somebody connects: oci:/usr/bin/crun cannot hand it its sockets",
                    refused.message());
            PodStatus pod = node.executor.list().getFirst();
            assertInstanceOf(PodState.Aborted.class, pod.state());
            node.executor.remove(pod.uuid());
        }
        assertEquals(List.of(), Isolation.OCI_CRUN.left(directory));
    }
}
