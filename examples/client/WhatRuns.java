import io.aestus.client.AestusClient;
import io.aestus.client.Container;
import io.aestus.client.Sandbox;
import java.nio.file.Path;

/**
 * Prints what runs on this node over the Container Runtime Interface, and what each container's kernel calls itself.
 *
 * <pre>java -cp target/lib/agent/quarkus-run.jar examples/client/WhatRuns.java /run/aestus/cri.sock</pre>
 */
public final class WhatRuns {
    private WhatRuns() {}

    public static void main(String[] args) {
        try (var node = AestusClient.connect(Path.of(args[0]))) {
            System.out.println(node.version().name() + " " + node.version().version());
            for (Sandbox sandbox : node.sandboxes()) {
                System.out.println(sandbox.namespace() + "/" + sandbox.name() + " " + sandbox.state());
                for (Container container : node.containers(sandbox)) {
                    System.out.println("  " + container.name() + " " + container.state() + said(node, container));
                }
            }
        }
    }

    private static String said(AestusClient node, Container container) {
        return container.state() == Container.State.RUNNING
                ? ": " + node.exec(container, "/bin/uname", "-r").stdout().strip()
                : "";
    }
}
